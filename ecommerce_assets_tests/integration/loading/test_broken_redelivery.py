"""A newer delivery that cannot be read fails, and the month keeps what the good one made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.ingest.redelivery import ACCEPT_TAG
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import EVENTS, MONTH, csv, lake_at, lines, published

PARTITION = f"{MONTH}"
BROKEN = csv(["x", "y"])


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    monkeypatch.setenv("ECOMMERCE_SOURCE", "files")
    folder = tmp_path / "landing" / "cosmetics"
    folder.mkdir(parents=True)
    (folder / "2019-Oct.csv").write_bytes(csv(lines(20)))
    return folder


def load(tags: dict[str, str] | None = None) -> tuple[bool, str]:
    """Run the assets `files` and `lake` of October; gives success and the failure's words."""
    table = DOMAINS["cosmetics"].tables[0]
    partitions = dg.MonthlyPartitionsDefinition(start_date="2019-10-01", end_date="2020-03-01")
    assets: list[Any] = loading_assets(table, partitions)[:2]
    done = dg.materialize(
        assets,
        partition_key=PARTITION,
        resources={"lakehouse": Lakehouse()},
        raise_on_error=False,
        tags=tags,
    )
    failures = [
        event.step_failure_data.user_failure_data for event in done.get_step_failure_events()
    ]
    return done.success, "".join(str(each.description) for each in failures if each)


def test_the_month_stays_and_the_failure_says_so(tmp_path: Path, landing: Path) -> None:
    assert load() == (True, "")
    (landing / "2019-Oct.csv").write_bytes(BROKEN)
    done, said = load()
    assert not done
    assert "2019-Oct.csv has no row that keeps the contract" in said
    assert "; the month keeps the rows of the delivery before it — what to do: " in said
    assert len(published(tmp_path)) == 20
    latest = Ledger(lake_at(tmp_path)).latest("cosmetics.events", "lake")[Month(MONTH)]
    assert latest.status == "failed" and "keeps the rows" in str(latest.reason)


def test_an_emptied_lake_is_filled_from_the_good_delivery(tmp_path: Path, landing: Path) -> None:
    assert load()[0]
    before = published(tmp_path)
    (landing / "2019-Oct.csv").write_bytes(BROKEN)
    assert not load()[0]
    lake = lake_at(tmp_path)
    lake.delete(Slice(lake, EVENTS, Month(MONTH)).parquet)
    done, said = load()
    assert not done, "the newest delivery is still broken"
    assert published(tmp_path) == before and "keeps the rows of the delivery before it" in said


def test_without_a_good_delivery_the_failure_is_its_own(tmp_path: Path, landing: Path) -> None:
    (landing / "2019-Oct.csv").write_bytes(BROKEN)
    done, said = load()
    assert not done and "has no row that keeps the contract" in said
    assert "keeps the rows" not in said
    assert not (tmp_path / "lake" / "cosmetics").exists()


def test_a_worse_delivery_replaces_the_month_only_in_a_run_that_accepts_it(
    tmp_path: Path, landing: Path
) -> None:
    assert load() == (True, "")
    (landing / "2019-Oct.csv").write_bytes(csv(lines(5)))
    done, said = load()
    assert not done and "5 rows accepted, before 20" in said
    assert len(published(tmp_path)) == 20
    assert load({ACCEPT_TAG: "yes"}) == (True, "")
    assert len(published(tmp_path)) == 5
