"""A real lakehouse of two months: the command, the ticks after it, and the checks on the whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger

OCT, NOV = "2019-10-01", "2019-11-01"
COSMETICS = DOMAINS["cosmetics"]
SETTINGS = {"ECOMMERCE_COSMETICS_MONTHS": "2019-10:2019-11", "ECOMMERCE_SAMPLE_EVENTS": "2000"}
STATE, MARTS = "no_partition_left_failed_or_stale", "marts_keep_up_with_their_parents"
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


def command(home: Path) -> None:
    """`ecommerce backfill cosmetics` in a process of its own."""
    script = "from ecommerce_assets.cli import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", script, "backfill", "cosmetics"],
        env={
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            **SETTINGS,
            "ECOMMERCE_HOME": str(home),
        },
        cwd=home.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the command has loaded and built two months."""
    home = tmp_path_factory.mktemp("shop") / "home"
    command(home)
    return home


@dataclass
class Lakehouse:
    """A copy of that home, its Dagster instance, and the real definitions."""

    home: Path
    instance: dg.DagsterInstance
    definitions: dg.Definitions
    cursor: Any = None

    @property
    def ledger(self) -> Ledger:
        return Ledger(Lake((self.home / "lake").as_uri()))

    def sql(self, statement: str) -> None:
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as db:
            db.execute(statement)

    def load(self, month: str) -> None:
        job = self.definitions.resolve_job_def("load_cosmetics_month")
        assert job.execute_in_process(instance=self.instance, partition_key=month).success

    def tick(self) -> dict[str | None, list[dg.AssetKey]]:
        """What the conditions ask for."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.BetaWarning)
            result = dg.evaluate_automation_conditions(
                self.definitions, self.instance, cursor=self.cursor
            )
        self.cursor = result.cursor
        requested: dict[str | None, list[dg.AssetKey]] = {}
        for key in self.definitions.resolve_asset_graph().get_all_asset_keys():
            for month in result.get_requested_partitions(key):
                requested.setdefault(month, []).append(key)
        return requested

    def run(self, requested: dict[str | None, list[dg.AssetKey]]) -> None:
        """Run what was asked for, with dbt."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        for month, keys in requested.items():
            done = job.execute_in_process(
                instance=self.instance, asset_selection=keys, partition_key=month
            )
            assert done.success

    def check(self) -> dict[str, tuple[bool, dg.AssetCheckSeverity, str]]:
        """What the daily job finds: passed, severity and description by check."""
        job = self.definitions.resolve_job_def("check_upkeep")
        done = job.execute_in_process(instance=self.instance)
        assert done.success
        return {
            each.check_name: (each.passed, each.severity, each.description or "")
            for each in done.get_asset_check_evaluations()
        }


@pytest.fixture
def lakehouse(
    built: Path,
    own_settings: Path,
    definitions: dg.Definitions,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lakehouse]:
    shutil.copytree(built, own_settings)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.get() as instance:
        yield Lakehouse(own_settings, instance, definitions)


def test_where_all_is_well_both_checks_pass(lakehouse: Lakehouse) -> None:
    found = lakehouse.check()
    assert {name: told for name, (passed, _, told) in found.items() if not passed} == {}
    assert set(found) == {STATE, MARTS}


def test_every_monthly_mart_and_every_mart_over_all_months_is_looked_at(
    definitions: dg.Definitions,
) -> None:
    # After the definitions: they make the manifest that the module reads.
    from ecommerce_assets.defs.platform.checks import MANIFEST, marts

    names = {
        node["name"]
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] == "cosmetics_marts"
        and node["config"]["materialized"] != "view"
    }
    looked_at = {
        node["name"]
        for tag in ("monthly", "unpartitioned")
        for node in marts(MANIFEST, COSMETICS, tag)
    }
    assert looked_at == names
    assert all(node["config"].get("event_time") for node in marts(MANIFEST, COSMETICS, "monthly"))


def test_a_month_that_is_gone_from_a_mart_is_an_error_that_names_both(lakehouse: Lakehouse) -> None:
    lakehouse.sql("delete from cosmetics_marts.agg_daily_traffic where event_date < '2019-11-01'")
    passed, severity, told = lakehouse.check()[MARTS]
    assert (passed, severity) == (False, ERROR)
    assert told.startswith("cosmetics_marts.agg_daily_traffic: has no rows of 2019-10 — what to do")


def test_a_mart_that_is_gone_is_named(lakehouse: Lakehouse) -> None:
    lakehouse.sql("drop table cosmetics_marts.agg_sales_hourly")
    passed, _, told = lakehouse.check()[MARTS]
    assert not passed
    assert "cosmetics_marts.agg_sales_hourly: was never built" in told


def test_a_failed_attempt_is_an_error_until_it_is_made_good(lakehouse: Lakehouse) -> None:
    row = lakehouse.ledger.begin("cosmetics.events", "lake", date(2019, 11, 1))
    lakehouse.ledger.finish(row, "failed", "the header lacks event_time")
    passed, severity, told = lakehouse.check()[STATE]
    assert (passed, severity) == (False, ERROR)
    assert told.startswith("cosmetics 2019-11 lake: failed: the header lacks event_time")
    row = lakehouse.ledger.begin("cosmetics.events", "lake", date(2019, 11, 1))
    lakehouse.ledger.finish(row, "unchanged")
    assert lakehouse.check()[STATE][0]


def test_a_month_that_the_source_offers_and_that_is_not_loaded_warns(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMMERCE_COSMETICS_MONTHS", "2019-10:2019-12")
    passed, severity, told = lakehouse.check()[STATE]
    assert (passed, severity) == (False, WARN)
    assert told.startswith("cosmetics 2019-12: offered by the source and not loaded")


@pytest.mark.full
def test_the_command_needs_no_second_run_and_a_changed_month_is_followed_to_the_copy(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lakehouse.tick() == {}
    command(lakehouse.home)
    assert lakehouse.tick() == {}

    monkeypatch.setenv("ECOMMERCE_SAMPLE_SEED", "43")
    lakehouse.load(OCT)
    _, severity, told = lakehouse.check()[STATE]
    assert severity is WARN, "loaded a moment ago: the models may be on their way"
    assert "2019-10 models" in told and "2019-11 models" in told

    models = lakehouse.tick()
    assert list(models) == [OCT]
    lakehouse.run(models)
    passed, _, told = lakehouse.check()[MARTS]
    assert not passed
    assert "was built before" in told, "the models over all months are older than the months"

    history = lakehouse.tick()
    assert list(history) == [None]
    lakehouse.run(history)
    assert lakehouse.tick() == {}
    assert [name for name, (passed, *_) in lakehouse.check().items() if not passed] == []
