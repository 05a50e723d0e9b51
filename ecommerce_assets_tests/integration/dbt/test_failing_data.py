"""The data tests see what they are there for: a wrong number does not pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.project import Dbt, DbtFailed

SPOILT = {
    "every_event_is_in_exactly_one_session": (
        "delete from cosmetics_intermediate.int_cosmetics__sessions where session_key = "
        "(select max(session_key) from cosmetics_intermediate.int_cosmetics__sessions)"
    ),
    "every_event_is_in_exactly_one_derived_session": (
        "update cosmetics_intermediate.int_cosmetics__derived_sessions set n_events = n_events + 1 "
        "where session_start_at = '2019-10-31 23:59:59+00'"
    ),
    "every_staged_event_is_counted_in_daily_traffic": (
        "update cosmetics_marts.agg_daily_traffic set view_events = view_events + 1, "
        "cart_events = cart_events - 1 where event_date = '2019-11-03'"
    ),
    "hours_of_a_day_add_up_to_its_sales": (
        "update cosmetics_marts.agg_sales_hourly set gross_sales = gross_sales + 0.0001 "
        "where sales_date = '2019-12-05'"
    ),
    "order_proxies_and_their_lines_are_those_of_the_sessions": (
        "update cosmetics_marts.fct_orders set n_lines = n_lines + 1 where user_id = 1"
    ),
    "every_user_is_new_once": (
        "update cosmetics_marts.agg_daily_new_users set new_users = new_users + 1, "
        "returning_users = returning_users - 1 where event_date = '2019-11-03'"
    ),
    "funnel_units_are_the_valid_sessions": (
        "delete from cosmetics_marts.agg_funnel_daily where unit_date = '2019-11-03' "
        "and step_no = 2 and funnel_id = 'session_view_cart_purchase_strict'"
    ),
    "funnel_has_one_row_a_day_and_step": (
        "insert into cosmetics_marts.agg_funnel_daily "
        "from cosmetics_marts.agg_funnel_daily where unit_date = '2019-11-04'"
    ),
    "funnel_days_count_the_units_of_the_steps": (
        "update cosmetics_marts.agg_funnel_daily set excluded = excluded + 1 "
        "where unit_date = '2019-12-11' and unit_type = 'user_product'"
    ),
    "every_checkout_of_a_session_has_its_predecessor": (
        "update cosmetics_marts.agg_purchase_predecessors_daily "
        "set purchase_events = purchase_events + 1 where before_event = '(no session)'"
    ),
    "paths_start_and_end_with_the_sessions_and_pass_every_event": (
        "update cosmetics_marts.fct_path_edges set n = n + 1 "
        "where session_date = '2019-12-10' and from_state = 'view' and to_state = 'cart'"
    ),
    "daily_gross_sales_and_adjustments_are_all_rows": (
        "update cosmetics_marts.agg_sales_daily set all_rows_value = all_rows_value + 1 "
        "where sales_date = '2019-11-03'"
    ),
    "orders_and_sales_of_user_days_are_those_of_the_day": (
        "update cosmetics_intermediate.int_cosmetics__user_days set purchase_value = "
        "purchase_value + 0.0001 where user_id = 1 and event_date = '2019-11-01'"
    ),
    "every_event_is_in_one_users_month": (
        "delete from cosmetics_marts.mart_user_web_analytics where user_id = 1"
    ),
    "dormant_users_are_the_active_before_who_do_not_return": (
        "update cosmetics_marts.agg_user_lifecycle set dormant_users = dormant_users + 1 "
        "where period_kind = 'week' and period_start = '2019-11-04'"
    ),
    "lifecycle_counts_the_active_users_of_each_period": (
        "update cosmetics_marts.agg_active_users set active_users = active_users + 1 "
        "where period_kind = 'week' and period_start = '2019-09-30' and event_type = 'any'"
    ),
    "cohorts_hold_all_users_orders_and_sales": (
        "update cosmetics_marts.fct_cohort_period set orders_proxy = orders_proxy + 1 "
        "where cohort_kind = 'first_purchase' and period_kind = 'rolling30' and period_index = 1"
    ),
    "no_session_lasts_longer_than_24_hours": (
        "update cosmetics_intermediate.int_cosmetics__sessions set duration_s = 86401, "
        "session_end_at = session_start_at + interval 86401 second where user_id = 5"
    ),
    "order_lines_are_the_purchases_of_their_day": (
        "update cosmetics_marts.fct_order_lines set price = price + 1 "
        "where event_at = '2019-10-03 10:00:00+00' and product_id = 502"
    ),
    "order_lines_make_up_their_orders": (
        "update cosmetics_marts.fct_order_lines set order_proxy_key = 'another' "
        "where event_at = '2019-11-01 00:03:00+00'"
    ),
    "brands_categories_and_products_add_up_to_the_shop": (
        "delete from cosmetics_marts.agg_category_daily where event_date = '2019-11-12' "
        "and category_level_1 = 'apparel'"
    ),
    "pairs_and_products_are_those_of_the_baskets": (
        "delete from cosmetics_intermediate.int_cosmetics__product_pair_months "
        "where first_product_id = 504 and order_month = '2019-11-01 00:00:00+00'"
    ),
    "affinity_counts_are_within_each_other": (
        "update cosmetics_marts.mart_product_affinity set n_lhs = n_both - 1 "
        "where lhs_product_id = 504"
    ),
    "repeats_are_those_that_daily_traffic_counts": (
        "update cosmetics_marts.agg_duplicate_policy_daily set difference = difference + 1 "
        "where event_date = '2019-12-06' and figure = 'cart_events'"
    ),
}


@pytest.fixture(scope="module")
def verdict_on_spoilt_tables(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `dbt test` prints about a copy of the warehouse with wrong tables."""
    home: Path = tmp_path_factory.mktemp("spoilt")
    dbt = Dbt(home)
    shutil.copy(built.database, dbt.database)
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for statement in SPOILT.values():
            connection.execute(statement)
    with pytest.raises(DbtFailed) as failure:
        dbt.run("test", "--select", *SPOILT, "path:tests/cosmetics", "path:tests/cross_db")
    return str(failure.value)


@pytest.mark.parametrize("test", SPOILT)
def test_a_wrong_number_fails_its_test(test: str, verdict_on_spoilt_tables: str) -> None:
    assert any(
        f" {test} " in line and "FAIL" in line for line in verdict_on_spoilt_tables.splitlines()
    ), verdict_on_spoilt_tables


def test_the_window_of_a_build_holds_its_tests_too(
    built: Dbt, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A month that is not loaded is not tested: adding a month costs one month."""
    dbt = Dbt(tmp_path_factory.mktemp("window"))
    shutil.copy(built.database, dbt.database)
    october, november = lake.MONTHS[:2]

    dbt.over(
        "build", october, november, "--select", "no_session_lasts_longer_than_24_hours",
        "sessions_of_one_user_in_one_source_session_never_overlap",
    )  # fmt: skip

    compiled = "\n".join(
        path.read_text() for path in (dbt.home / "target" / "compiled").rglob("*.sql")
    )
    assert compiled.count("session_start_at < '2019-11-01") == 2
