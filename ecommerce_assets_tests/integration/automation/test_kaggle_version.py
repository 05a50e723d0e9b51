"""The sensor on the version of the Kaggle data set: Kaggle's own client against a local server."""

from collections.abc import Iterator

import dagster as dg
import pytest

from ecommerce_assets.domains.cosmetics.sources import KAGGLE_DATASET
from ecommerce_assets.lib.failures import CredentialsRefused
from ecommerce_assets_tests.integration.automation.source_ticks import (
    DEC,
    NOV,
    OCT,
    Ticks,
    file_name,
    month_csv,
)
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer


@pytest.fixture
def server() -> Iterator[KaggleServer]:
    with KaggleServer() as server:
        yield server


@pytest.fixture
def kaggle(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    server: KaggleServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Ticks:
    for name, value in {
        "ECOMMERCE_SOURCE": "kaggle",
        "ECOMMERCE_KAGGLE_ENDPOINT": server.url,
        "KAGGLE_USERNAME": "demo",
        "KAGGLE_KEY": "a-secret-key",
    }.items():
        monkeypatch.setenv(name, value)
    return Ticks(definitions, instance, "cosmetics_kaggle_version")


def publish(server: KaggleServer, *months: str, rows: int = 3) -> None:
    """Publish a version of the data set; the files come as they are, not packed."""
    files = {file_name(month): month_csv(month, rows) for month in months}
    server.publish(KAGGLE_DATASET, files, plain=frozenset(files))


def test_a_new_version_of_the_data_set_is_asked_for_once(
    kaggle: Ticks, server: KaggleServer
) -> None:
    publish(server, OCT, NOV)
    assert kaggle() == [OCT, NOV]
    assert kaggle() == []
    publish(server, OCT, NOV, DEC, rows=4)
    assert kaggle() == [OCT, NOV, DEC]
    assert kaggle() == []
    assert len(set(kaggle.keys)) == 5


def test_a_month_that_was_loaded_from_kaggle_is_not_asked_for(
    kaggle: Ticks, server: KaggleServer
) -> None:
    publish(server, OCT, NOV)
    assert kaggle.load(OCT)
    assert kaggle() == [NOV]


def test_kaggle_out_of_reach_is_a_reason_to_skip_and_leaves_the_cursor(
    kaggle: Ticks, server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # between the five tries of a listing
    publish(server, OCT)
    server.faults.every_status = 503
    assert kaggle() == []
    assert "HTTP 503" in kaggle.reason and "what to do" in kaggle.reason
    assert kaggle.cursor is None
    server.faults.every_status = None
    assert kaggle() == [OCT]


def test_a_wrong_key_fails_the_tick_without_naming_it(
    kaggle: Ticks, server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(server, OCT)
    monkeypatch.setenv("KAGGLE_KEY", "a-wrong-secret")
    with pytest.raises(CredentialsRefused) as failure:
        kaggle()
    assert "a-wrong-secret" not in str(failure.value)
    assert kaggle.cursor is None
