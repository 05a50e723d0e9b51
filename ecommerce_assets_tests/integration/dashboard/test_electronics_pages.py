"""The pages of electronics show what a second way finds in the order lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets_tests.integration.dashboard.pages import cards, drawn, number, said

LINES = "electronics_marts.fct_electronics_order_lines"
Opened = Callable[..., AppTest]
Rows = Callable[..., list[tuple[Any, ...]]]


def test_cards_are_those_of_the_lines(opened: Opened, rows: Rows) -> None:
    page = opened("electronics_sales")
    [(sales, units, orders)] = rows(
        f"select sum(line_value), sum(quantity), count(distinct order_key) from {LINES}"
    )
    [(num, den)] = rows(
        "select sum(v), count(*) from (select order_key, sum(line_value) as v "
        f"from {LINES} group by 1 having sum(line_value) > 0)"
    )
    shown = cards(page)
    assert number(shown["Total sales"]) == pytest.approx(float(sales), abs=0.005)
    assert number(shown["Rows"]) == units
    assert number(shown["Orders"]) == orders
    assert number(shown["Average order value"]) == pytest.approx(float(num / den), abs=0.005)
    assert f"{num:,.2f} / {den:,} orders" in said(page)


def test_months_days_and_hours_are_those_of_the_lines(opened: Opened, rows: Rows) -> None:
    charts = drawn(opened("electronics_sales"))
    month_sales, month_rows, day_sales, day_rows, hour_sales, hour_rows, grid = charts
    parts = {
        "strftime(purchased_at, '%Y-%m')": (month_sales, month_rows, "month"),
        "purchase_date": (day_sales, day_rows, "sales_date"),
        "extract(hour from purchased_at)": (hour_sales, hour_rows, "hour_local"),
    }
    for part, (sales, counted, column) in parts.items():
        found = rows(
            f"select {part}, sum(coalesce(line_value, 0)), sum(quantity) from {LINES} "
            "group by 1 order by 1"
        )
        given = [(str(key)[:10], pytest.approx(float(value)), n) for key, value, n in found]
        sales = sales.sort_values(column)
        assert [
            (str(key)[:10], value, n)
            for key, value, n in zip(
                sales[column],
                sales["net_sales"],
                counted.sort_values(column)["units"],
                strict=True,
            )
            if n
        ] == given
    assert len(grid) == 7 * 24
    assert grid["is_peak"].sum() >= 1
    assert grid[grid["is_peak"]]["mean_orders"].min() == grid["mean_orders"].max()


def test_months_that_were_not_observed_whole_are_grey(opened: Opened, rows: Rows) -> None:
    months = drawn(opened("electronics_sales"))[0]
    found = rows(
        "select strftime(month_date, '%Y-%m'), month_complete "
        "from electronics_marts.agg_electronics_sales_monthly"
    )
    states = dict(zip(months["month"], months["state"], strict=True))
    assert states == {month: "whole" if whole else "incomplete" for month, whole in found}
    assert set(states.values()) == {"whole", "incomplete"}


def test_what_the_data_cannot_answer_is_said(opened: Opened, rows: Rows) -> None:
    text = said(opened("electronics_sales"))
    for word in ("cost per acquired customer", "Stock", "Shipping and returns"):
        assert word in text
    [(day,)] = rows(
        "select as_of_date from electronics_marts.mart_electronics_sales_to_date where is_latest"
    )
    [(now, before)] = rows(
        "select sum(line_value) filter (where purchase_date between date '2021-01-01' and ?), "
        "sum(line_value) filter (where purchase_date between date '2020-01-01' and ?) "
        f"from {LINES}",
        day,
        day.replace(year=2020),
    )
    assert f"{(now - before) / before:+.1%} from 1 January to {day}" in text


def test_without_a_whole_year_before_there_is_no_growth_on_it(
    opened: Opened, home: Path, tmp_path: Path
) -> None:
    shutil.copyfile(home / "published.duckdb", tmp_path / "published.duckdb")
    with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
        connection.execute(
            "update electronics_marts.mart_electronics_sales_to_date "
            "set prior_complete = false, prior_net_sales = null, prior_days_observed = 0"
        )
    text = said(opened("electronics_sales", tmp_path))
    assert "no prior year observed" in text
    assert "from 1 January" not in text


def test_brands_follow_the_chosen_day_and_window(opened: Opened, rows: Rows) -> None:
    page = opened("electronics_brands")
    [(day,)] = rows(
        "select max(as_of_date) from electronics_marts.mart_electronics_brand_rank "
        "where is_week_end and not is_latest"
    )
    assert f"{day:%Y-%m-%d}" in page.selectbox(key="as_of").options[1:]
    page.selectbox(key="as_of").set_value(pd.Timestamp(day))
    page.radio(key="window").set_value(12)
    page.run()
    assert not page.exception
    found = rows(
        f"select brand, sum(line_value) from {LINES} where brand is not null "
        "and purchase_date between ?::date - 83 and ?::date "
        "group by 1 order by 2 desc, 1",
        day,
        day,
    )
    table = page.dataframe[0].value
    known = table[table["rank"].notna()]
    assert dict(zip(known["brand"], known["net sales"], strict=True)) == {
        brand: pytest.approx(float(value or 0)) for brand, value in found
    }
    ranks = [1 + sum(other > value for _, other in found) for _, value in found]
    assert list(known["rank"]) == ranks
    assert list(known["brand"]) == [brand for brand, _ in found]


def test_products_of_a_month_are_classed_by_their_sales(opened: Opened, rows: Rows) -> None:
    page = opened("electronics_products")
    assert page.selectbox(key="month").options[:3] == ["2019-12", "2020-01", "2020-02"]
    page.selectbox(key="month").set_value(date(2020, 2, 1)).run()
    assert not page.exception
    [(whole, products)] = rows(
        "select sum(line_value) filter (where line_value > 0), count(distinct product_id) "
        f"from {LINES} where strftime(purchased_at, '%Y-%m') = '2020-02'"
    )
    classes = page.dataframe[0].value
    assert list(classes["class"]) == ["A", "B", "C"]
    assert classes["gross sales"].sum() == pytest.approx(float(whole))
    assert classes["products"].sum() == products
    curve = drawn(page)[0]
    assert curve["sales_share"].is_monotonic_increasing
    assert curve["sales_share"].iloc[-1] == pytest.approx(1)
    assert curve["place_share"].iloc[-1] == pytest.approx(1)


def test_unknown_members_and_undated_rows_are_counted(opened: Opened, rows: Rows) -> None:
    page = opened("electronics_quality")
    [(users, all_rows)] = rows(
        "select count(*) filter (where user_id is null), count(*) "
        "from electronics_staging.stg_electronics__purchases"
    )
    [(undated,)] = rows("select count(*) from electronics_staging.stg_electronics__undated")
    assert cards(page)["Without user"] == f"{users / all_rows:.1%}"
    assert f"{users:,} / {all_rows:,} rows" in said(page)
    assert f"{undated:,} rows of" in said(page)
