"""One lake and one built warehouse for all tests of the dbt project."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.once import made_once

TARGETS = ("local", "dev")
#: The month that statements are compiled for, and the next: no domain has data so old.
COMPILED_MONTH = (date(1980, 1, 1), date(1980, 2, 1))


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The manifest with every statement, by target, compiled for one month without a warehouse."""
    pytest.importorskip("dbt.adapters.bigquery", reason="the adapter comes with the gcp extra")
    folder = made_once(tmp_path_factory, "compiled", _compile)
    return {target: Dbt(folder / target).manifest() for target in TARGETS}


def _compile(folder: Path) -> None:
    for target in TARGETS:
        dbt = Dbt(folder / target)
        dbt.home.mkdir()
        credentials = dbt.home / "credentials.json"
        offline = dict.fromkeys(["client_id", "client_secret", "refresh_token"], "offline")
        credentials.write_text(json.dumps({"type": "authorized_user", **offline}))
        dbt.run(
            "compile",
            f"--target={target}",
            "--no-introspect",
            "--no-populate-cache",
            DBT_TARGET=target,
            GOOGLE_APPLICATION_CREDENTIALS=str(credentials),
            GCP_PROJECT_ID="a-project",
            ECOMMERCE_WINDOW_FROM=f"{COMPILED_MONTH[0]}",
            ECOMMERCE_WINDOW_TO=f"{COMPILED_MONTH[1]}",
        )


@dataclass(frozen=True)
class Shop:
    """The events of the test's shop and the lake that holds them."""

    events: list[lake.Event]
    path: Path


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    events = lake.numbered([*lake.boundary_events(), *lake.random_events(6000)])
    path = made_once(tmp_path_factory, "lake", lambda folder: lake.write(events, folder))
    return Shop(events, path)


@pytest.fixture(scope="session")
def built(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The warehouse after one `dbt build` of all three months, unit and data tests included."""

    def build(folder: Path) -> None:
        dbt = Dbt(folder)
        lake.expose(dbt.database, shop.path, lake.MONTHS)
        dbt.over("build", lake.MONTHS[0], lake.END)

    return Dbt(made_once(tmp_path_factory, "cosmetics", build))
