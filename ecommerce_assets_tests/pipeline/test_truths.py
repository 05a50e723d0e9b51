"""After a whole run every planted figure is met and a full rebuild gives the same tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ecommerce_assets.lib.truths import COLUMNS
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import MONTHS, Shop
from ecommerce_assets_tests.pipeline.tables import query

TRUTHS = dg.AssetKey(["ops", "marts", "truths"])
CHECK = dg.AssetCheckKey(TRUTHS, "figures_meet_the_truths")
MEASURE = """
import dagster as dg
from ecommerce_assets.cli.opening import open_runner
from ecommerce_assets.settings import load_settings
failure = open_runner(load_settings()).run([dg.AssetKey(["ops", "marts", "truths"])], {})
assert failure is None, failure
"""


@pytest.fixture(scope="module")
def shop(reference: Reference) -> Shop:
    return reference.shop


def statuses(shop: Shop, dataset: str) -> Counter[str]:
    rows = query(
        shop.warehouse, "select status from ops.truths where starts_with(dataset, ?)", dataset
    )
    return Counter(status for (status,) in rows)


def check_passed(shop: Shop) -> bool:
    """How the check ended that Dagster saw last."""
    with dg.DagsterInstance.from_config(str(shop.home / "dagster")) as instance:
        log = instance.event_log_storage
        record = log.get_latest_asset_check_execution_by_key([CHECK])[CHECK]
        evaluation = record.event.dagster_event.asset_check_evaluation_data
        return bool(evaluation.passed)


def test_every_planted_figure_is_met(shop: Shop) -> None:
    planted = statuses(shop, "simulated shop")

    assert list(planted) == ["matches"]
    assert planted["matches"] > 15 * len(MONTHS)
    metrics = query(
        shop.warehouse, "select distinct metric from ops.truths where dataset = 'simulated shop'"
    )
    assert {("rows_all",), ("new_users",), ("orders_in_the_outage",), ("source_sessions",)} <= set(
        metrics
    )
    assert check_passed(shop)


def test_published_figures_do_not_apply_to_a_simulated_shop_and_say_so(shop: Shop) -> None:
    assert list(statuses(shop, "kaggle")) == ["not applicable"]
    reasons = query(
        shop.warehouse, "select distinct reason from ops.truths where status = 'not applicable'"
    )
    assert reasons
    assert all("other rows are loaded" in reason or "not loaded" in reason for (reason,) in reasons)


def test_the_table_has_its_declared_columns_and_the_command_shows_it(shop: Shop) -> None:
    described = query(shop.warehouse, "describe ops.truths")

    assert [name for name, *_ in described] == list(COLUMNS)
    assert "0 differs" in shop.ok("truths")
    assert "kaggle" not in shop.ok("truths")
    assert "session_cart_abandonment" in shop.ok("truths", "--all")


def test_the_models_equal_a_full_rebuild(shop: Shop) -> None:
    assert "equal a full rebuild" in shop.ok("verify")


@pytest.mark.full  # the damage needs a lakehouse of its own
def test_altered_values_are_noticed(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "home")
    shop.ok("demo", "cosmetics")
    with duckdb.connect(str(shop.warehouse)) as db:
        db.execute(
            "update cosmetics_marts.agg_sales_daily set gross_sales = 0 "
            "where sales_date = (select max(sales_date) from cosmetics_marts.agg_sales_daily "
            "where gross_sales > 0)"
        )
        db.execute("update cosmetics_marts.fct_orders set order_value = order_value + 1")

    compared = shop.run("verify")
    shutil.rmtree(shop.home / "lake" / "ops" / "truths")  # else nothing is measured again
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        env=shop.environment,
        cwd=shop.home,
        capture_output=True,
        text=True,
    )

    assert compared.code == 1
    assert "2 of " in compared.output and "tables differ" in compared.output
    assert done.returncode == 0, done.stderr
    assert not check_passed(shop)
    shown = shop.run("truths")
    assert shown.code == 1
    assert "2 differs" in shown.output
    differing = [line for line in shown.output.splitlines() if "  differs  " in line]
    assert all(f"{MONTHS[-1]:%Y-%m}" in line and "purchase_value" in line for line in differing)
