"""A real lakehouse of two months: the command, the ticks after it, and the checks on the whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets.running.outcomes import Followed
from ecommerce_assets.running.runner import Opened, Runner
from ecommerce_assets.settings import load_settings

OCT, NOV = "2019-10-01", "2019-11-01"
COSMETICS = DOMAINS["cosmetics"]
SETTINGS = {"ECOMMERCE_COSMETICS_MONTHS": "2019-10:2019-11", "ECOMMERCE_SOURCE": "files"}
#: November has visits and nothing else: no cart, no purchase.
VIEWS = [
    f"2019-11-{day:02} 10:00:{second:02} UTC,view,5802432,1487580009286598681,,,0.32,{day},v{day}"
    for day in range(1, 31)
    for second in (0, 7)
]
HEADER = (
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
)
STATE, MARTS = "no_partition_left_failed_or_stale", "marts_keep_up_with_their_parents"
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


def command(home: Path) -> None:
    """`ecommerce backfill cosmetics` in a process of its own."""
    script = "from ecommerce_assets.cli.app import app; app()"
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


def land_october(home: Path, seed: int) -> None:
    """A busy month, of the simulated shop."""
    october = date(2019, 10, 1)
    file = home / "landing" / "cosmetics" / month_file_name(october)
    file.parent.mkdir(parents=True, exist_ok=True)
    simulate_cosmetics_month(october, file, events=2000, seed=seed, calendar=[october])


def land_quiet_month(home: Path, month: str) -> None:
    """A month's file that holds nothing but views."""
    rows = [HEADER, *(row.replace("2019-11", month[:7]) for row in VIEWS)]
    name = month_file_name(date.fromisoformat(month)).removesuffix(".zip")
    (home / "landing" / "cosmetics" / name).write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the command has loaded and built two months, the second a quiet one."""
    home = tmp_path_factory.mktemp("shop") / "home"
    land_october(home, 42)
    land_quiet_month(home, NOV)
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

    def load(self, month: str, **tags: str) -> None:
        job = self.definitions.resolve_job_def("load_cosmetics_month")
        done = job.execute_in_process(instance=self.instance, partition_key=month, tags=tags)
        assert done.success

    def after_backfills(self, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
        """What the sensor that finishes backfills of the UI asks for."""
        from ecommerce_assets.defs.ops.backfills import finish_backfills
        from ecommerce_assets.defs.shared.resources import Lakehouse as Resource

        with dg.build_sensor_context(
            instance=self.instance, cursor=cursor, resources={"lakehouse": Resource()}
        ) as context:
            asked = finish_backfills(context)
        assert isinstance(asked, (dg.SensorResult, dg.SkipReason))
        return asked

    def follow(self, months: list[str]) -> Followed:
        """What the run does that the sensor asks for."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        opened = Opened(self.instance, job, run_id="the run of the UI")
        runner = Runner(load_settings(), opened)
        return runner.follow(COSMETICS, [date.fromisoformat(m) for m in months], lambda *_: None)

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


def test_where_all_is_well_every_check_passes_and_a_month_without_a_purchase_is_well(
    lakehouse: Lakehouse,
) -> None:
    quiet = "select count(*) from cosmetics_marts.fct_orders where ordered_at >= '2019-11-01'"
    with duckdb.connect(str(lakehouse.home / "warehouse.duckdb")) as db:
        assert db.execute(quiet).fetchall() == [(0,)]
    found = lakehouse.check()
    assert {name: told for name, (passed, _, told) in found.items() if not passed} == {}
    assert set(found) == {STATE, MARTS, "published_files_are_whole"}


def test_every_monthly_mart_and_every_mart_over_all_months_is_looked_at(
    definitions: dg.Definitions,
) -> None:
    # After the definitions: they make the manifest that the module reads.
    from ecommerce_assets.defs.dbt.mart_months import marts
    from ecommerce_assets.defs.ops.upkeep import MANIFEST

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
    assert told == (
        "cosmetics_marts.agg_daily_traffic: has no rows of 2019-10 — what to do: "
        "ecommerce backfill cosmetics --force"
    )


def monthly_marts() -> dict[str, str]:
    """The monthly marts and the column that says a row's month, as dbt's manifest has them."""
    from ecommerce_assets.defs.dbt.mart_months import marts
    from ecommerce_assets.defs.ops.upkeep import MANIFEST

    return {
        f"{node['schema']}.{node['name']}": str(node["config"]["event_time"])
        for node in marts(MANIFEST, COSMETICS, "monthly")
    }


def test_a_month_that_no_mart_has_is_named_although_its_build_left_it_out(
    lakehouse: Lakehouse,
) -> None:
    """The build says that nothing happened in October, and the raw table has 2,000 rows of it."""
    rows = [row for row in lakehouse.ledger.rows() if (row.step, row.slice_key) == ("models", OCT)]
    months = monthly_marts()
    lakehouse.ledger.finish(replace(rows[-1], without_rows=sorted(months)), "loaded")
    for table, column in months.items():
        lakehouse.sql(f"delete from {table} where {column} < '2019-11-01'")
    passed, severity, told = lakehouse.check()[MARTS]
    assert (passed, severity) == (False, ERROR)
    assert told.startswith(
        "cosmetics 2019-10: no mart has a row of it, and cosmetics.events has 2,000"
    )


@pytest.mark.parametrize("months", ["2019-11:2019-12", "2020-01:2020-02"])
def test_a_month_outside_the_domains_is_neither_failed_nor_stale_nor_behind(
    months: str, lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = lakehouse.ledger.begin("cosmetics.events", "lake", Month(date(2019, 10, 1)))
    lakehouse.ledger.finish(row, "failed", "no backfill loads it again")
    lakehouse.sql("delete from cosmetics_marts.agg_daily_traffic where event_date < '2019-11-01'")
    lakehouse.sql("delete from ops.build_state where kind = 'table'")  # as it was left so
    monkeypatch.setenv("ECOMMERCE_COSMETICS_MONTHS", months)
    found = lakehouse.check()
    assert {name: told for name, (passed, _, told) in found.items() if not passed} == {}


def test_what_failed_of_a_source_that_was_taken_away_is_no_failure(lakehouse: Lakehouse) -> None:
    row = lakehouse.ledger.begin("retail.invoices_url", "files", Month(date(2011, 1, 1)))
    lakehouse.ledger.finish(row, "failed", "shop.example did not answer")
    assert lakehouse.check()[STATE][0]


def test_a_source_that_cannot_be_asked_is_named_and_hides_nothing(lakehouse: Lakehouse) -> None:
    shutil.rmtree(lakehouse.home / "landing")
    row = lakehouse.ledger.begin("cosmetics.events", "lake", Month(date(2019, 11, 1)))
    lakehouse.ledger.finish(row, "failed", "the header lacks event_time")
    assert "2019-11 lake: failed" in lakehouse.check()[STATE][2]


def test_a_mart_that_is_gone_is_named(lakehouse: Lakehouse) -> None:
    lakehouse.sql("drop table cosmetics_marts.agg_sales_hourly")
    passed, _, told = lakehouse.check()[MARTS]
    assert not passed
    assert "cosmetics_marts.agg_sales_hourly: was never built" in told


def test_a_failed_attempt_is_an_error_until_it_is_made_good(lakehouse: Lakehouse) -> None:
    row = lakehouse.ledger.begin("cosmetics.events", "lake", Month(date(2019, 11, 1)))
    lakehouse.ledger.finish(row, "failed", "the header lacks event_time")
    passed, severity, told = lakehouse.check()[STATE]
    assert (passed, severity) == (False, ERROR)
    assert told.startswith("cosmetics 2019-11 lake: failed: the header lacks event_time")
    row = lakehouse.ledger.begin("cosmetics.events", "lake", Month(date(2019, 11, 1)))
    lakehouse.ledger.finish(row, "unchanged")
    assert lakehouse.check()[STATE][0]


def test_a_month_that_the_source_offers_and_that_is_not_loaded_warns(
    lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMMERCE_COSMETICS_MONTHS", "2019-10:2019-12")
    land_quiet_month(lakehouse.home, "2019-12-01")
    passed, severity, told = lakehouse.check()[STATE]
    assert (passed, severity) == (False, WARN)
    assert told.startswith("cosmetics 2019-12: offered by the source and not loaded")


def test_a_backfill_of_the_ui_is_followed_once_up_to_the_copy(lakehouse: Lakehouse) -> None:
    nothing = lakehouse.after_backfills(None)
    assert isinstance(nothing, dg.SensorResult) and not nothing.run_requests
    land_october(lakehouse.home, 43)
    lakehouse.load(OCT)
    by_hand = lakehouse.after_backfills(None)
    assert isinstance(by_hand, dg.SensorResult) and not by_hand.run_requests
    lakehouse.load(OCT, **{"dagster/backfill": "abcdefgh"})

    asked = lakehouse.after_backfills(None)

    assert isinstance(asked, dg.SensorResult) and asked.run_requests
    (request,) = asked.run_requests
    assert request.job_name == "finish_cosmetics"
    config = request.run_config["ops"]["models_to_copy_of_cosmetics"]["config"]
    assert config == {"months": [OCT]}
    again = lakehouse.after_backfills(asked.cursor)
    assert isinstance(again, dg.SensorResult) and not again.run_requests

    followed = lakehouse.follow(config["months"])

    assert (followed.months, followed.failure) == (
        [date(2019, 10, 1), date(2019, 11, 1)],
        None,
    )
    assert [name for name, (passed, *_) in lakehouse.check().items() if not passed] == []
    sql = "select sum(events) from cosmetics_marts.agg_daily_traffic"
    tables = []
    for name in ("warehouse.duckdb", "published.duckdb"):
        with duckdb.connect(str(lakehouse.home / name), read_only=True) as db:
            tables.append(db.execute(sql).fetchall())
    assert tables[0] == tables[1]
    (row,) = [r for r in lakehouse.ledger.rows() if r.step == "history"][-1:]
    assert row.status == "loaded"


@pytest.mark.full
def test_the_command_needs_no_second_run_and_a_changed_month_is_followed_to_the_copy(
    lakehouse: Lakehouse,
) -> None:
    assert lakehouse.tick() == {}
    command(lakehouse.home)
    assert lakehouse.tick() == {}

    land_october(lakehouse.home, 43)
    lakehouse.load(OCT)
    _, severity, told = lakehouse.check()[STATE]
    assert severity is WARN, "loaded a moment ago: the models may be on their way"
    assert "2019-10 models" in told and "2019-11 models" in told

    models = lakehouse.tick()
    assert list(models) == [OCT]
    lakehouse.run(models)
    passed, _, told = lakehouse.check()[MARTS]
    assert not passed
    assert "months were built since" in told, "the models over all months are older"

    history = lakehouse.tick()
    assert list(history) == [None]
    lakehouse.run(history)
    assert lakehouse.tick() == {}
    assert [name for name, (passed, *_) in lakehouse.check().items() if not passed] == []


def test_a_damaged_file_is_named_and_no_model_is_built_from_it(lakehouse: Lakehouse) -> None:
    path = next((lakehouse.home / "lake" / "cosmetics").rglob(f"event_month={OCT}/*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    passed, severity, told = lakehouse.check()["published_files_are_whole"]
    assert (passed, severity) == (False, ERROR)
    assert f"cosmetics.events 2019-10: {path} is damaged" in told
    assert "delete that file and load the month again: ecommerce backfill cosmetics" in told
    job = lakehouse.definitions.resolve_implicit_global_asset_job_def()
    for key in ("cosmetics/raw/events", "cosmetics/staging/stg_cosmetics__events"):
        done = job.execute_in_process(
            instance=lakehouse.instance,
            asset_selection=[dg.AssetKey(key.split("/"))],
            partition_key=OCT,
            raise_on_error=False,
        )
        failure = done.get_step_failure_events()[0].step_failure_data.user_failure_data
        assert failure and "is damaged" in str(failure.description)
