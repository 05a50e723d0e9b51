"""Retail, drill-through: one item, named by the address (`?item=`) or chosen."""

from __future__ import annotations

import streamlit as st

from ecommerce_assets.lib.text.plain import markdown
from ecommerce_dashboard import charts
from ecommerce_dashboard.page import ask, begin, boxes, chosen, count, money, require, table

TITLE = "Item"
PLACE = 3
SUBJECT = "item"
DOMAIN = "retail"
ZONE = "Calendar of London; pounds sterling."


def cards(code: str) -> None:
    """What this is, in five figures."""
    row = require(DOMAIN, "item.item", code).iloc[0]
    st.header(markdown(f"{row['description']} ({code})"))
    boxes(
        ("Units sold", count(row["units_sold"]), "Units of goods sold at a price."),
        ("Units returned", count(row["units_returned"]), "By the day of the cancellation."),
        ("Gross sales", money(row["gross_sales"]), "Value of goods sold at a price."),
        ("Total spend", money(row["all_rows_value"]), "Value of all lines, returns too."),
    )
    sold = "It was never sold at a price."
    if row["first_sold_date"] == row["first_sold_date"]:  # not a missing date
        sold = (
            f"Sold from {row['first_sold_date']:%Y-%m-%d} to {row['last_sold_date']:%Y-%m-%d} "
            f"at {money(row['lowest_price'])} to {money(row['highest_price'])}."
        )
    st.caption(
        f"{sold} Kind: {markdown(str(row['item_kind']))}; {count(row['n_lines'])} lines, "
        f"{count(row['n_descriptions'])} descriptions, {count(row['n_spellings'])} spellings of "
        f"the code. {ZONE}"
    )


def together(code: str) -> None:
    """What is in the same baskets."""
    pairs = ask(DOMAIN, "item.pairs", code)
    if pairs.empty:
        st.write("No other item is with it in one of 200 baskets.")
        return
    table(
        pairs,
        {
            "rhs_stock_code": "item",
            "rhs_description": "description",
            "n_both": "baskets with both",
            "n_lhs": "with this one",
            "n_rhs": "with the other",
            "confidence": "confidence",
            "lift": "lift",
        },
        link="item",
    )
    st.caption(
        "Confidence = baskets with both / baskets with this one; lift = confidence / share of all "
        "baskets with the other. The ten of the greatest lift."
    )


def page() -> None:
    """The whole page."""
    codes = begin(TITLE, DOMAIN, "item.codes")
    st.page_link("views/retail/sales.py", label="Back to the sales overview")
    code = chosen(SUBJECT, list(codes["stock_code"]), "There is no item {}.")
    cards(code)
    months = require(DOMAIN, "item.months", code)
    charts.beside(
        (
            charts.month_bars(months, "units_sold", "units sold"),
            f"Units sold at a price by month; grey months are not whole. {ZONE}",
        ),
        (
            charts.month_bars(months, "all_rows_value", "total spend"),
            f"Value of all lines by month; grey months are not whole. {ZONE}",
        ),
    )
    st.subheader("Customers")
    table(
        ask(DOMAIN, "item.customers", code),
        {"customer_id": "customer", "units": "units less returned", "line_value": "value"},
        link="customer",
    )
    st.caption(f"The 20 known customers with the greatest value of its lines. {ZONE}")
    st.subheader("Bought together")
    together(code)


page()
