"""The pages of retail show what a second way finds in the invoice lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets_tests.integration.dashboard.pages import cards, drawn, number, said

LINES = "retail_marts.fct_retail_invoice_lines"
#: An invoice counts as an order of the month of its first line.
IN_SLICE = "extract(year from invoice_date) = ? and extract(quarter from invoice_date) = ?"
Opened = Callable[..., AppTest]
Rows = Callable[..., list[tuple[Any, ...]]]


def test_cards_are_those_of_the_lines(opened: Opened, rows: Rows) -> None:
    shown = cards(opened("retail_sales"))
    [(spend, customers)] = rows(
        "select sum(line_value), count(distinct customer_id) filter (where is_revenue_line) "
        f"from {LINES}"
    )
    assert number(shown["Total spend"]) == pytest.approx(float(spend), abs=0.005)
    assert number(shown["Customers"]) == customers


def test_slicers_filter_and_reset_takes_them_back(opened: Opened, rows: Rows) -> None:
    page = opened("retail_sales")
    before = cards(page)
    page.selectbox(key="slice_year").set_value(2011)
    page.selectbox(key="slice_quarter").set_value(2)
    page.run()
    assert not page.exception
    [(spend,)] = rows(f"select sum(line_value) from {LINES} where {IN_SLICE}", 2011, 2)
    shown = cards(page)
    assert number(shown["Total spend"]) == pytest.approx(float(spend), abs=0.005)
    assert shown["Total spend"] != before["Total spend"]
    assert list(drawn(page)[0]["period"]) == ["2011-04", "2011-05", "2011-06"]
    spent = dict(
        rows(f"select country, sum(line_value) from {LINES} where {IN_SLICE} group by 1", 2011, 2)
    )
    countries = page.dataframe[0].value
    assert dict(zip(countries["country"], countries["total spend"], strict=True)) == {
        country: pytest.approx(float(value)) for country, value in spent.items()
    }
    page.button(key="slice_reset").click().run()
    assert cards(page) == before
    assert [page.selectbox(key=f"slice_{name}").value for name in ("year", "quarter")] == [0, 0]


def test_a_choice_without_months_says_so(opened: Opened) -> None:
    page = opened("retail_sales")
    page.selectbox(key="slice_year").set_value(2010)
    page.selectbox(key="slice_month").set_value(3)
    page.run()
    assert not page.exception
    assert "press Reset" in said(page)
    assert not page.metric


def test_growth_is_against_the_month_before_and_null_without_one(
    opened: Opened, rows: Rows
) -> None:
    page = opened("retail_sales")
    page.selectbox(key="slice_year").set_value(2011)
    page.selectbox(key="slice_month").set_value(1)
    page.run()
    [(now, before)] = rows(
        "select max(net) filter (where m = '2011-01'), max(net) filter (where m = '2010-12') from "
        "(select strftime(sales_date, '%Y-%m') as m, sum(net_sales_on_return_date) as net "
        "from retail_marts.agg_retail_sales_daily group by 1)"
    )
    card = next(card for card in page.metric if card.label == "Growth 2011-01")
    assert card.value == f"{(now - before) / before:+.1%}"
    assert card.delta == card.value
    page.selectbox(key="slice_year").set_value(2010)
    page.selectbox(key="slice_month").set_value(12)
    page.run()
    card = next(card for card in page.metric if card.label == "Growth 2010-12")
    assert (card.value, card.delta) == ("—", "")


@pytest.mark.parametrize(("grain", "periods"), [("year", 2), ("quarter", 5), ("month", 14)])
def test_customers_of_a_period_are_counted_once(
    opened: Opened, rows: Rows, grain: str, periods: int
) -> None:
    page = opened("retail_sales")
    page.radio(key="grain").set_value(grain)
    page.run()
    found = rows(
        f"select date_trunc('{grain}', invoice_date) as period, sum(line_value), "
        f"count(distinct customer_id) filter (where is_revenue_line) from {LINES} "
        "group by 1 order by 1"
    )
    chart = drawn(page)[0]
    assert len(chart) == periods == len(found)
    assert list(chart["customers_known"]) == [customers for _, _, customers in found]
    assert list(chart["all_rows_value"]) == [pytest.approx(float(v)) for _, v, _ in found]


def test_top_spenders_and_items_lead_to_their_pages(opened: Opened, rows: Rows) -> None:
    page = opened("retail_sales")
    _, spenders, items = (frame.value for frame in page.dataframe)
    top = rows(
        f"select customer_id, sum(line_value) from {LINES} where customer_id is not null "
        "group by 1 order by 2 desc, 1 limit 20"
    )
    assert list(spenders["customer"]) == [f"/retail_customer?customer={each}" for each, _ in top]
    most = rows(
        f"select stock_code, sum(quantity) from {LINES} where is_revenue_line "
        "and item_kind = 'item' group by 1 order by 2 desc, 1 limit 20"
    )
    assert list(items["item"]) == [f"/retail_item?item={code}" for code, _ in most]
    assert list(items["units sold"]) == [units for _, units in most]


def test_drill_through_shows_the_customer_of_the_address(opened: Opened, rows: Rows) -> None:
    [(customer, spend)] = rows(
        f"select customer_id, sum(line_value) from {LINES} where customer_id is not null "
        "group by 1 order by 2 limit 1 offset 5"
    )
    page = opened("retail_customer", customer=str(customer))
    assert not page.exception
    assert page.header[0].value == f"Customer {customer}"
    assert number(cards(page)["Total spend"]) == pytest.approx(float(spend), abs=0.005)
    invoices = rows(
        "select invoice_no from retail_marts.fct_retail_invoices where customer_id = ?", customer
    )
    assert set(page.dataframe[1].value["invoice"]) == {number for (number,) in invoices}
    other = next(each for each in page.selectbox[0].options if each != str(customer))
    page.selectbox[0].select(other).run()
    assert page.header[0].value == f"Customer {other}"
    assert page.query_params["customer"] == other


def test_drill_through_shows_the_item_of_the_address(opened: Opened, rows: Rows) -> None:
    [(code, units)] = rows(
        f"select stock_code, sum(quantity) from {LINES} where is_revenue_line "
        "and item_kind = 'item' group by 1 order by 2 limit 1 offset 3"
    )
    page = opened("retail_item", item=code)
    assert not page.exception
    assert page.header[0].value.endswith(f"({code})")
    assert number(cards(page)["Units sold"]) == units


@pytest.mark.parametrize("kind", ["customer", "item"])
def test_an_unknown_subject_is_said_and_the_first_one_shown(opened: Opened, kind: str) -> None:
    page = opened(f"retail_{kind}", **{kind: "nobody"})
    assert not page.exception
    assert "nobody" in page.warning[0].value
    assert page.header


def test_exploration_counts_what_is_odd_in_the_delivered_rows(opened: Opened, rows: Rows) -> None:
    page = opened("retail_exploration")
    [(gone, nobody, negative, least)] = rows(
        "select count(*) - count(description), count(*) - count(customer_id), "
        "count(*) filter (where quantity < 0), count(*) filter (where unit_price < 0) "
        "from retail_raw.invoices_archive"
    )
    shown = cards(page)
    assert number(shown["Without description"]) == gone > 0
    assert number(shown["Without customer"]) == nobody > 0
    assert number(shown["Quantity below 0"]) == negative > 0
    assert number(shown["Price below 0"]) == least
    spread = page.dataframe[-1].value.set_index("of a line")
    [(quarter, median)] = rows(
        f"select quantile_disc(unit_price, 0.25), quantile_disc(unit_price, 0.5) from {LINES}"
    )
    assert spread.loc["unit price", "25 %"] == pytest.approx(float(quarter))
    assert spread.loc["unit price", "50 %"] == pytest.approx(float(median))


def test_sources_that_part_are_counted(opened: Opened, rows: Rows) -> None:
    text = said(opened("retail_sources"))
    [(months, parting)] = rows(
        "select count(*), count(*) filter (where a <> u) from (select "
        "count(*) filter (where s = 'a') as a, count(*) filter (where s = 'u') as u from ("
        "select invoice_date, 'a' as s from retail_raw.invoices_archive union all "
        "select invoice_date, 'u' from retail_raw.invoices_url) "
        "group by date_trunc('month', timezone('Europe/London', invoice_date)))"
    )
    assert parting > 0
    assert f"Loaded: archive, url. {parting} of {months} months part." in text
    assert "fifo" in text
