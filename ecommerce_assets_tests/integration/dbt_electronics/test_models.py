"""Each electronics model says what the definitions say, computed a second time in plain Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.dbt.project import domain_of, models_of
from ecommerce_assets_tests.integration.dbt.comparison import rows_apart
from ecommerce_assets_tests.integration.dbt.inlined import run_again
from ecommerce_assets_tests.integration.dbt.project import Dbt, DbtFailed
from ecommerce_assets_tests.integration.dbt_electronics import shop
from ecommerce_assets_tests.integration.dbt_electronics.reference import World
from ecommerce_assets_tests.integration.dbt_electronics.rolling import EXPECTED

STAGED = (
    "select purchased_at, order_id, product_id, category_id, category_code, brand, price, user_id, "
    "source_row_no, repair, dup_rank from electronics_staging.stg_electronics__purchases"
)
#: A wrong number in a table, and the test that must see it.
SPOILT = {
    "every_purchase_is_a_unit_of_one_line": (
        "update electronics_marts.fct_electronics_order_lines set quantity = quantity + 1 "
        "where order_id = 8 and brand is null"
    ),
    "electronics_lines_make_up_their_orders": (
        "update electronics_marts.fct_electronics_orders set n_lines = n_lines + 1 "
        "where order_id = 1"
    ),
    "every_electronics_line_belongs_to_an_order": (
        "delete from electronics_marts.fct_electronics_orders where order_id = 2"
    ),
    "electronics_hours_and_days_add_up_to_lines_and_orders": (
        "update electronics_marts.agg_electronics_sales_hourly set orders = orders + 1 "
        "where sales_date = '2020-01-03'"
    ),
    "electronics_days_add_up_to_months_and_to_the_week": (
        "update electronics_marts.agg_electronics_sales_hour_grid set units = units + 1 "
        "where weekday_iso = 3 and hour_local = 3"
    ),
    "electronics_brands_of_a_window_are_its_sales": (
        "delete from electronics_marts.mart_electronics_brand_rank where brand = 'lg' "
        "and window_weeks = 12 and is_latest"
    ),
    "electronics_products_and_qualities_are_those_of_the_month": (
        "update electronics_marts.mart_electronics_abc set units = units + 1 where product_id = 3"
    ),
    "the_year_before_is_shown_only_where_it_is_complete": (
        "update electronics_marts.mart_electronics_sales_to_date set prior_complete = true "
        "where as_of_date = '2020-02-02'"
    ),
    "only_the_unknown_brand_has_no_rank": (
        "update electronics_marts.mart_electronics_brand_rank set rank_net = null "
        "where brand = 'apple' and is_latest"
    ),
}


@pytest.mark.parametrize("relation", EXPECTED)
def test_model_equals_the_definition_computed_in_python(
    relation: str, built: Dbt, world: World
) -> None:
    expected = EXPECTED[relation](world)

    assert expected, "a comparison of nothing with nothing"
    assert rows_apart(built, relation, expected) == ([], [])


def test_staging_keeps_every_row_and_repairs_what_the_rule_fits(built: Dbt, world: World) -> None:
    wanted = [
        (*row.unit.delivered, row.unit.row_no, row.repair, row.dup_rank) for row in world.purchases
    ]

    assert sorted(built.rows(STAGED), key=str) == sorted(wanted, key=str)
    assert sum(row.repair is not None for row in world.purchases) == 5
    assert sum(row.unit.price is None for row in world.purchases) == 6


def test_as_of_dates_come_from_the_data(built: Dbt, world: World) -> None:
    relation = "electronics_intermediate.int_electronics__as_of_dates"

    assert rows_apart(built, relation, world.as_of_dates) == ([], [])
    assert world.last_complete < world.days[-1]


def test_the_store_of_the_tests_has_every_kind_of_order(built: Dbt, world: World) -> None:
    months = {
        order["order_id"]: {line["purchased_at"].month for line in world.lines
                            if line["order_key"] == order["order_key"]}
        for order in world.orders if order["order_id"] in (1, 2, 3, 4, 7)
    }  # fmt: skip
    pieces = [order for order in world.orders if order["order_id"] == 5]

    assert [len(months[number]) for number in (1, 2, 3, 4, 7)] == [2, 2, 1, 1, 2]
    assert len(pieces) == 6
    assert built.rows(
        "select count(*) from electronics_marts.mart_electronics_sales_to_date where prior_complete"
    ) == [(4,)]


def test_every_model_is_built_and_every_mart_has_a_second_computation(built: Dbt) -> None:
    models = [
        node
        for node in built.manifest()["nodes"].values()
        if node["resource_type"] == "model" and domain_of(node) == "electronics"
    ]
    marts = {f"{m['schema']}.{m['name']}" for m in models if m["schema"] == "electronics_marts"}

    assert marts == set(EXPECTED)
    for model in models:
        found = [row[0] for row in built.rows(f"describe {model['schema']}.{model['name']}")]
        assert found == list(model["columns"]), model["name"]


def test_the_sources_documented_columns_are_those_of_the_lake(built: Dbt) -> None:
    sources = built.manifest()["sources"]

    columns = {"purchases": shop.COLUMNS, "purchases_quarantine": shop.QUARANTINE}
    for table, wanted in columns.items():
        source = sources[f"source.ecommerce.electronics_raw.{table}"]
        assert list(source["columns"]) == list(wanted)


def test_a_wrong_number_fails_the_test_that_is_there_for_it(built: Dbt, tmp_path: Path) -> None:
    spoilt = Dbt(tmp_path)
    shutil.copy(built.database, spoilt.database)
    shutil.copytree(built.home / "target", tmp_path / "target")
    with duckdb.connect(str(spoilt.database)) as connection:
        for statement in SPOILT.values():
            connection.execute(statement)

    with pytest.raises(DbtFailed) as failed:
        spoilt.run("test", "--select", *SPOILT)

    lines = str(failed.value).splitlines()
    for name in SPOILT:
        assert any(f" {name} " in line and "FAIL" in line for line in lines), name


@pytest.mark.full
def test_months_built_backwards_and_again_give_the_same_tables(
    built: Dbt, world: World, tmp_path: Path
) -> None:
    backwards = Dbt(tmp_path)
    rest = ("--exclude-resource-type", "unit_test")
    monthly = ("--select", models_of("electronics", "monthly"), *rest)
    january, february, march, april, may = (
        shop.at(f"2020-{month:02}-01 00:00:00") for month in range(1, 6)
    )
    # What has arrived by then, and the months that it changes: itself and its neighbours.
    steps = [(april, march, shop.END), (march, february, may), (february, january, april)]
    for arrived, first, end in [*steps, (january, january, march), (january, february, march)]:
        units = [unit for unit in world.delivered if unit.at >= arrived]
        shop.write(units, world.delivered_undated, backwards.database)
        backwards.over("build", first, end, *monthly)
    backwards.run("build", "--select", models_of("electronics", "unpartitioned"), *rest)

    for relation in EXPECTED:
        query = f"select * from {relation} order by all"
        assert backwards.rows(query) == built.rows(query), relation


@pytest.mark.full
def test_ctes_evaluated_at_each_reference_give_the_same_rows(built: Dbt, tmp_path: Path) -> None:
    found = list(run_again(built, Dbt(tmp_path), "electronics", ("2020-02-01", "2020-03-01")))

    assert len(found) > 10
    assert [each for each in found if each.lacking or each.beyond or not each.rows] == []
