"""Backfills of the Dagster UI end where the command ends: at the truths and the readers' copy.

By the API that the UI's buttons call, with the daemon. No browser is needed. Nothing that runs by
itself is on, but for what a laptop has on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, dagster_dev
from ecommerce_assets_tests.browser.graphql import (
    backfill_group,
    backfill_job,
    ended_backfill,
    ended_run,
    launch_job,
    next_run_of_job,
    runs_of_job,
)
from ecommerce_assets_tests.browser.lakehouse import SEED, Lakehouse

pytestmark = pytest.mark.full  # minutes

OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)
EVENTS = 1_000
#: A machine that runs other suites at the same time is slow.
LONG_S = 900.0
VARIABLES = {
    "ECOMMERCE_COSMETICS_SOURCE": "files",
    "ECOMMERCE_ELECTRONICS_MONTHS": "2020-01:2020-02",
    "ECOMMERCE_SAMPLE_PURCHASES": "600",
    "ECOMMERCE_RETAIL_MONTHS": "2010-12:2011-01",
    "ECOMMERCE_SAMPLE_INVOICE_LINES": "600",
}


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    """Files of three months have landed, the first of them broken; nothing is loaded."""
    home = tmp_path_factory.mktemp("shop")
    made = Lakehouse(home, "2019-10:2019-12", EVENTS, "sample", VARIABLES)
    made.land(broken=OCT)
    return made


@pytest.fixture(scope="module")
def dev(lakehouse: Lakehouse) -> Iterator[DagsterDev]:
    with dagster_dev(lakehouse) as started:
        yield started


def copied(lakehouse: Lakehouse, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query on the readers' copy."""
    path: Path = lakehouse.home / "published.duckdb"
    with duckdb.connect(str(path), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return db.execute(sql).fetchall()


def new_users(lakehouse: Lakehouse) -> list[str]:
    """The months of a mart over all months, as readers see it."""
    sql = "select distinct strftime(event_date, '%Y-%m') from cosmetics_marts.agg_daily_new_users"
    return sorted(str(month) for (month,) in copied(lakehouse, sql))


def test_a_backfill_of_a_group_reaches_the_copy_although_one_of_its_months_fails(
    dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    backfill = backfill_group(dev, "cosmetics", [OCT, NOV, DEC])
    assert ended_backfill(dev, backfill, LONG_S) == "COMPLETED_FAILED"
    finish = next_run_of_job(dev, "finish_cosmetics", [], LONG_S)
    assert finish.status == "SUCCESS"
    assert new_users(lakehouse) == ["2019-11", "2019-12"]
    assert copied(lakehouse, "select count(*) > 0 from ops.truths") == [(True,)]


def test_a_backfill_of_a_jobs_months_is_followed_once(
    dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    """October's file is good now, and November's is another one."""
    folder = lakehouse.home / "landing" / "cosmetics"
    calendar = lakehouse.calendar
    for month, seed in ((OCT, SEED), (NOV, SEED + 1)):
        file = folder / month_file_name(month)
        simulate_cosmetics_month(month, file, events=EVENTS, seed=seed, calendar=calendar)
    known = runs_of_job(dev, "finish_cosmetics")
    backfill = backfill_job(dev, "load_cosmetics_month", [OCT, NOV, DEC])
    assert ended_backfill(dev, backfill, LONG_S) == "COMPLETED_SUCCESS"
    finish = next_run_of_job(dev, "finish_cosmetics", known, LONG_S)
    assert finish.status == "SUCCESS"
    assert len(runs_of_job(dev, "finish_cosmetics")) == len(known) + 1
    assert new_users(lakehouse) == ["2019-10", "2019-11", "2019-12"]
    status = lakehouse.command("status", "cosmetics")
    assert status.stdout.count("built") == 3, status.stdout


@pytest.mark.parametrize(
    ("domain", "first", "mart", "months"),
    [
        ("electronics", "2020-02", "electronics_marts.fct_electronics_orders", 1),
        ("cosmetics", "", "cosmetics_marts.agg_daily_new_users", 3),
    ],
)
def test_a_domains_job_goes_from_files_to_the_copy(
    domain: str, first: str, mart: str, months: int, dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    op = f"files_to_marts_of_{domain}"
    config = {"ops": {op: {"config": {"first": first, "last": ""}}}}
    run = ended_run(dev, launch_job(dev, f"backfill_{domain}", config), LONG_S)
    assert run.status == "SUCCESS"
    assert copied(lakehouse, f"select count(*) > 0 from {mart}") == [(True,)]
    status = lakehouse.command("status", domain)
    assert status.stdout.count("built") == months, status.stdout
    if domain == "electronics":
        judged = "select count(*) > 0 from ops.truths where status = 'matches'"
        assert copied(lakehouse, judged) == [(True,)]


def test_a_month_that_is_not_the_domains_is_refused_by_its_job(dev: DagsterDev) -> None:
    config = {"ops": {"files_to_marts_of_retail": {"config": {"first": "2009-12"}}}}
    assert ended_run(dev, launch_job(dev, "backfill_retail", config), LONG_S).status == "FAILURE"


def test_the_retail_group_can_be_backfilled_with_the_archive_alone(
    dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    months = [date(2010, 12, 1), date(2011, 1, 1)]
    backfill = backfill_group(dev, "retail", months)
    assert ended_backfill(dev, backfill, LONG_S) == "COMPLETED_SUCCESS"
    finish = next_run_of_job(dev, "finish_retail", [], LONG_S)
    assert finish.status == "SUCCESS"
    sql = "select count(*) from retail_marts.mart_retail_source_reconciliation"
    assert copied(lakehouse, sql) == [(2,)]
