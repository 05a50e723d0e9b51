"""Retail: spend, orders and customers, by period, country, customer and item."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import (
    Slice,
    ask,
    begin,
    card,
    count,
    money,
    percent,
    ratio,
    require,
    slicers,
    table,
)

TITLE = "Sales overview"
PLACE = 1
DOMAIN = "retail"
ZONE = "Calendar of London; pounds sterling."
GRAINS = ("month", "quarter", "year")


def cards(months: pd.DataFrame, part: Slice) -> None:
    """The chosen months in five figures, and the growth of the last of them."""
    totals = require(DOMAIN, "sales.totals", *part.parameters).iloc[0]
    customers = require(DOMAIN, "sales.customers_known", *part.parameters).iloc[0]
    columns = st.columns(5)
    with columns[0]:
        card("Total spend", money(totals["all_rows_value"]), "Value of all lines, returns too.")
    with columns[1]:
        card(
            "Net sales",
            money(totals["net_sales_on_return_date"]),
            "Goods sold less discounts and less returns on the day they came back.",
        )
    with columns[2]:
        card("Orders", count(totals["orders"]), "Invoices with a sale at a price.")
    with columns[3]:
        card("Customers", count(customers["customers_known"]), "Known customers with an order.")
    with columns[4]:
        growth(months[part.holds(months["month_date"])].iloc[-1])
    average = ratio(totals["aov_gross_num"], totals["aov_gross_den"])
    st.caption(
        f"{count(totals['months'])} months. Average order = {money(totals['aov_gross_num'])} / "
        f"{count(totals['aov_gross_den'])} orders = "
        f"{'—' if average is None else money(average)}. Returns by the day of the return: "
        f"{money(totals['returns_on_return_date'])}; by the day of the order: "
        f"{money(totals['returns_on_order_date'])}, so net sales would be "
        f"{money(totals['net_sales_on_order_date'])}. {ZONE}"
    )


def growth(month: pd.Series) -> None:
    """Net sales of a month against the calendar month before, with an arrow."""
    rate = ratio(month["growth_month_num"], month["growth_month_den"])
    definition = "Net sales of the last chosen month less those of the month before, by the latter."
    label = f"Growth {month['month_date']:%Y-%m}"
    if rate is None:
        card(label, "—", definition)
        st.caption("There is no month before.")
        return
    card(label, percent(rate, sign=True), definition, delta=f"{rate:+.1%}")
    st.caption(f"{money(month['growth_month_num'])} / {money(month['growth_month_den'])}")
    if not month["growth_month_complete"]:
        st.caption("One of both months is not whole: this is not a growth rate.")


def periods(part: Slice) -> None:
    """Spend and customers by year, quarter or month."""
    grain = st.radio("By", GRAINS, horizontal=True, key="grain")
    frame = require(DOMAIN, "sales.periods", grain, grain, *part.parameters)
    endings: dict[str, Any] = {
        "year": "",
        "quarter": "-Q" + frame["period_quarter"].astype(str),
        "month": "-" + frame["period_month"].astype(str).str.zfill(2),
    }
    frame["period"] = frame["period_year"].astype(str) + endings[grain]
    frame["state"] = frame["has_incomplete_month"].map({0: "whole", 1: "incomplete"})
    charts.draw(
        charts.period_columns(
            frame[["period", "state", "all_rows_value", "customers_known"]],
            "all_rows_value",
            "customers_known",
            ("total spend", "customers"),
        ),
        "Columns: value of all lines. Line: known customers with an order, counted once a period. "
        f"Grey: a month of it is not whole, or slicers may cut it. {ZONE}",
    )


def countries(part: Slice) -> None:
    """Spend by country."""
    frame = require(DOMAIN, "sales.countries", *part.parameters)
    left, right = st.columns(2)
    with left:
        charts.draw(
            charts.ranked_bars(frame.head(20), "country", "all_rows_value", "total spend"),
            f"Value of all lines by country, the first 20. {ZONE}",
        )
    with right:
        table(
            frame,
            {
                "country": "country",
                "all_rows_value": "total spend",
                "net_sales": "net sales",
                "orders": "orders",
            },
        )


def customers(part: Slice) -> None:
    """Who spent most; each opens their page."""
    frame = ask(DOMAIN, "sales.customers", *part.parameters)
    table(
        frame,
        {
            "customer_id": "customer",
            "country": "country",
            "all_rows_value": "total spend",
            "net_sales": "net sales",
            "orders": "orders",
        },
        link="customer",
    )
    st.caption(f"The 20 known customers with the greatest value of all their lines. {ZONE}")


def items(part: Slice) -> None:
    """What was bought most; each opens its page."""
    frame = ask(DOMAIN, "sales.items", *part.parameters)
    left, right = st.columns(2)
    with left:
        charts.draw(
            charts.ranked_bars(
                frame.assign(item=frame["description"] + " (" + frame["stock_code"] + ")"),
                "item",
                "units_sold",
                "units sold",
                ("stock_code",),
            ),
            f"Units of goods sold at a price, whether they came back or not; the first 20. {ZONE}",
        )
    with right:
        table(
            frame,
            {
                "stock_code": "item",
                "description": "description",
                "units_sold": "units sold",
                "units_returned": "units returned",
                "gross_sales": "gross sales",
            },
            link="item",
        )


def page() -> None:
    """The whole page."""
    months = begin(TITLE, DOMAIN, "sales.months")
    part = slicers(months["month_date"])
    if not part.holds(months["month_date"]).any():
        st.info("None of the loaded months is in this choice. Take another one, or press Reset.")
        st.stop()
    cards(months, part)
    st.subheader("Spend and customers")
    periods(part)
    st.subheader("Countries")
    countries(part)
    st.subheader("Top spenders")
    customers(part)
    st.subheader("Most bought items")
    items(part)


page()
