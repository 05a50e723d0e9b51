"""`ecommerce verify` compares what is loaded with a full rebuild, and says what it left out."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.shop import KILLED, Shop

MART = "retail_marts.agg_retail_sales_daily"


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The retail shop alone, without its second sources, as the demo leaves it."""
    home = tmp_path_factory.mktemp("verify") / "home"
    months = {"ECOMMERCE_RETAIL_MONTHS": "2011-10:2011-11", "ECOMMERCE_SAMPLE_INVOICE_LINES": "600"}
    shop = Shop(home, months)
    shop.ok("demo", "retail")
    return shop


@pytest.fixture
def damaged(retail: Shop, tmp_path: Path) -> Shop:
    """The same, with one changed value in one mart."""
    shop = Shop(tmp_path / "home", retail.variables)
    shutil.copytree(retail.home, shop.home, dirs_exist_ok=True)
    with duckdb.connect(str(shop.warehouse)) as db:
        (day,) = db.execute(f"select min(sales_date) from {MART}").fetchall()
        db.execute(f"update {MART} set gross_sales = gross_sales + 0.01 where sales_date = ?", day)
    return shop


def test_a_changed_value_is_noticed_where_one_domain_with_one_source_is_loaded(
    damaged: Shop,
) -> None:
    done = damaged.run("verify")

    assert done.code == ExitCode.FAILED, done.output
    assert "Traceback" not in done.output
    shown = [line for line in done.output.splitlines() if line.startswith(MART)]
    assert any(line.split()[-2:] == ["1", "1"] for line in shown), "in the table"
    assert any("1 too many, 1 missing" in line for line in shown), "in words"
    assert "1 of " in done.output and "tables differ" in done.output
    for name in ("cosmetics", "electronics"):
        assert f"{name} is left out: nothing of it is loaded" in done.output


@pytest.mark.full
def test_killed_while_it_rebuilds_it_goes_through_again_and_changes_nothing(retail: Shop) -> None:
    before = retail.warehouse.read_bytes()
    for point in ("dbt:group:create view.*stg_retail", "dbt:parent:create .*table.*retail_marts"):
        done = retail.run("verify", kill_at=point)
        assert done.code == KILLED, done.output
    assert retail.warehouse.read_bytes() == before
    assert "equal a full rebuild" in retail.ok("verify")


@pytest.mark.full
def test_a_domain_out_of_date_is_left_out_and_makes_it_incomplete(retail: Shop) -> None:
    retail.ok("backfill", "electronics", ECOMMERCE_ELECTRONICS_MONTHS="2020-03:2020-03")
    with duckdb.connect(str(retail.warehouse)) as db:
        db.execute("delete from ops.build_state where name like 'electronics%'")

    done = retail.run("verify", ECOMMERCE_ELECTRONICS_MONTHS="2020-03:2020-03")

    assert done.code == ExitCode.INCOMPLETE, done.output
    assert "electronics is left out: models of 2020-03 are out of date" in done.output
