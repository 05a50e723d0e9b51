"""The real definitions, an instance of the test's own, and no setting of the machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ecommerce_assets.definitions import defs
from ecommerce_assets_tests.integration.automation.source_ticks import Ticks
from ecommerce_assets_tests.integration.automation.ticks import Shop


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of the test's own, and neither a setting nor an account from outside."""
    for name in list(os.environ):
        if name.startswith(("ECOMMERCE_", "KAGGLE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Runs log hundreds of lines each."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def definitions() -> dg.Definitions:
    loaded: dg.Definitions = defs()
    return loaded


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A real instance: SQLite in a folder, as on a laptop."""
    folder = tmp_path / "instance"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        yield instance


@pytest.fixture
def shop(definitions: dg.Definitions) -> Iterator[Shop]:
    """Stand-ins up to a few marts of each kind, in memory: a run of all writes 200 events."""
    marts = ("agg_daily_traffic", "agg_session_agreement_daily", "agg_daily_new_users")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Shop(definitions, instance, marts)


@pytest.fixture
def folder(own_settings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The landing folder, and the settings that make it the source."""
    monkeypatch.setenv("ECOMMERCE_SOURCE", "files")
    landing = own_settings / "landing" / "cosmetics"
    landing.mkdir(parents=True)
    return landing


@pytest.fixture
def landing(definitions: dg.Definitions, instance: dg.DagsterInstance, folder: Path) -> Ticks:
    """The sensor on the landing folder."""
    return Ticks(definitions, instance, "cosmetics_landing_folder")
