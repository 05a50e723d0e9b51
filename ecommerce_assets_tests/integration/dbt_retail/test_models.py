"""Each retail model says what the definitions say, computed a second time in plain Python."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.dbt.project import domain_of
from ecommerce_assets_tests.integration.dbt.comparison import rows_apart
from ecommerce_assets_tests.integration.dbt.inlined import run_again
from ecommerce_assets_tests.integration.dbt.project import Dbt, DbtFailed
from ecommerce_assets_tests.integration.dbt_retail import shop
from ecommerce_assets_tests.integration.dbt_retail.reference import World
from ecommerce_assets_tests.integration.dbt_retail.sums import EXPECTED

RECONCILIATION = "retail_marts.mart_retail_source_reconciliation"
#: A wrong number in a table, and the test that must see it.
SPOILT = {
    "retail_lines_are_those_staged": (
        "update retail_marts.fct_retail_invoice_lines set line_value = line_value + 0.0001 "
        "where invoice_no = '500009'"
    ),
    "retail_lines_are_worth_units_times_price": "select 1",  # the same row
    "retail_lines_make_up_their_invoices": (
        "update retail_marts.fct_retail_invoices set n_lines = n_lines + 1 "
        "where invoice_no = '500002'"
    ),
    "every_cancelled_unit_has_one_link": (
        "delete from retail_marts.fct_retail_return_links where link_method = 'unlinked' "
        "and cancellation_invoice_no = 'C510007'"
    ),
    "retail_sales_add_up_in_every_mart": (
        "update retail_marts.agg_retail_sales_by_country set gross_sales = gross_sales + 1 "
        "where country = 'EIRE'"
    ),
    "pairs_are_counted_over_the_baskets": (
        "update retail_marts.mart_retail_basket_pairs set n_rhs = n_rhs + 1 "
        "where rhs_stock_code = '40003'"
    ),
    "retail_days_measures_are_all_rows": (
        "update retail_marts.agg_retail_sales_daily set other_value = other_value + 1 "
        "where sales_date = '2011-01-04'"
    ),
}


@pytest.mark.parametrize("relation", EXPECTED)
def test_model_equals_the_definition_computed_in_python(
    relation: str, built: Dbt, world: World
) -> None:
    expected = EXPECTED[relation](world)

    assert expected, "a comparison of nothing with nothing"
    assert rows_apart(built, relation, expected) == ([], [])


def test_staging_keeps_every_row_and_cleans_it(built: Dbt, world: World) -> None:
    assert rows_apart(built, "retail_staging.stg_retail__invoice_lines", world.staged) == ([], [])


def test_the_shop_of_the_tests_has_every_kind_of_line_and_link(world: World) -> None:
    assert {line["line_kind"] for line in world.lines} == {
        "sale", "cancellation", "bad_debt", "stock_adjustment",
    }  # fmt: skip
    assert len({line["item_kind"] for line in world.lines}) == 14
    methods = [link["link_method"] for link in world.links]
    assert all(methods.count(method) > 5 for method in ("exact_match", "fifo", "unlinked"))
    assert any(invoice["is_fully_cancelled"] for invoice in world.invoices)
    assert any(invoice["n_timestamps"] > 1 for invoice in world.invoices)
    assert any(pair["conviction"] is None for pair in world.pairs)


def test_sources_part_in_the_month_that_one_of_them_lacks(
    built: Dbt, sources: Mapping[str, list[shop.Line]]
) -> None:
    april = [line for line in sources["archive"] if f"{line.at:%Y-%m}" == "2011-04"]

    rows = built.rows(
        f"select month_date::varchar, rows_archive - rows_url, value_archive - value_url, "
        f"keys_archive - keys_url, rows_postgres, sources_loaded from {RECONCILIATION} "
        "where they_part"
    )

    assert rows == [("2011-04-01", 2, Decimal("12.0000"), 2, None, 2)]
    assert built.rows(
        f"select rows_archive, value_archive, keys_of_any from {RECONCILIATION} "
        "where month_date = '2011-04-01'"
    ) == [
        (
            len(april),
            sum(line.quantity * line.price for line in april),
            len({(line.invoice, line.code.upper()) for line in april}),
        )
    ]


def test_every_model_is_built_and_every_mart_has_a_second_computation(built: Dbt) -> None:
    models = [
        node
        for node in built.manifest()["nodes"].values()
        if node["resource_type"] == "model" and domain_of(node) == "retail"
    ]
    marts = {f"{m['schema']}.{m['name']}" for m in models if m["schema"] == "retail_marts"}

    assert marts == {*EXPECTED, RECONCILIATION}
    for model in models:
        found = [row[0] for row in built.rows(f"describe {model['schema']}.{model['name']}")]
        assert found == list(model["columns"]), model["name"]


def test_the_sources_documented_columns_are_those_of_the_lake(built: Dbt) -> None:
    for source in shop.SOURCES:
        found = built.manifest()["sources"][f"source.ecommerce.retail_raw.invoices_{source}"]
        assert list(found["columns"]) == list(shop.COLUMNS)


def test_a_wrong_number_fails_the_test_that_is_there_for_it(built: Dbt, tmp_path: Path) -> None:
    spoilt = Dbt(tmp_path)
    shutil.copy(built.database, spoilt.database)
    shutil.copytree(built.home / "target", tmp_path / "target")
    with duckdb.connect(str(spoilt.database)) as connection:
        for statement in SPOILT.values():
            connection.execute(statement)

    with pytest.raises(DbtFailed) as failed:
        spoilt.run("test", "--select", *SPOILT, "retail_sources_agree")

    lines = str(failed.value).splitlines()
    for name in SPOILT:
        assert any(f" {name} " in line and "FAIL" in line for line in lines), name
    assert any(" retail_sources_agree " in line and "WARN" in line for line in lines)


@pytest.mark.full
def test_the_primary_source_is_chosen_by_a_setting(
    sources: Mapping[str, list[shop.Line]], tmp_path: Path
) -> None:
    dbt = Dbt(tmp_path)
    shop.write(sources, dbt.database)

    dbt.run(
        "run", "--select", "stg_retail__invoice_lines", ECOMMERCE_RETAIL_PRIMARY="url"
    )  # fmt: skip
    with pytest.raises(DbtFailed, match="set it to archive, url or postgres"):
        dbt.run("parse", ECOMMERCE_RETAIL_PRIMARY="excel")

    counted = dbt.rows("select count(*) from retail_staging.stg_retail__invoice_lines")
    assert counted == [(len(sources["url"]),)]


@pytest.mark.full
def test_ctes_evaluated_at_each_reference_give_the_same_rows(built: Dbt, tmp_path: Path) -> None:
    found = list(run_again(built, Dbt(tmp_path), "retail", ("2011-02-01", "2011-03-01")))

    assert len(found) > 10
    assert [each for each in found if each.lacking or each.beyond or not each.rows] == []
