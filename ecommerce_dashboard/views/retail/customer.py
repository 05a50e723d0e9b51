"""Retail, drill-through: one customer, named by the address (`?customer=`) or chosen."""

from __future__ import annotations

import streamlit as st

from ecommerce_assets.lib.text.plain import markdown
from ecommerce_dashboard import charts
from ecommerce_dashboard.page import (
    ask,
    begin,
    boxes,
    chosen,
    count,
    money,
    ratio,
    require,
    table,
)

TITLE = "Customer"
PLACE = 2
SUBJECT = "customer"
DOMAIN = "retail"
ZONE = "Calendar of London; pounds sterling."


def cards(customer: int) -> None:
    """Who this is, in five figures."""
    row = require(DOMAIN, "customer.customer", customer).iloc[0]
    average = ratio(row["mean_order_num"], row["mean_order_den"])
    boxes(
        ("Country", markdown(str(row["country"])), "The country of most of the lines."),
        ("Total spend", money(row["all_rows_value"]), "Value of all lines, returns too."),
        ("Net sales", money(row["net_sales"]), "Goods sold less discounts and returns."),
        ("Orders", count(row["orders"]), "Invoices with a sale at a price."),
        (
            "Average order",
            "—" if average is None else money(average),
            f"{money(row['mean_order_num'])} / {count(row['mean_order_den'])} orders.",
        ),
    )
    if row["orders"]:
        st.caption(
            f"Orders from {row['first_order_date']:%Y-%m-%d} to {row['last_order_date']:%Y-%m-%d} "
            f"on {count(row['purchase_days'])} days, {count(row['items'])} different items; "
            f"{count(row['units_sold'])} units sold, {count(row['units_returned'])} returned, "
            f"worth {money(row['returned_value'])}. {ZONE}"
        )


def page() -> None:
    """The whole page."""
    ids = begin(TITLE, DOMAIN, "customer.ids")
    st.page_link("views/retail/sales.py", label="Back to the sales overview")
    name = chosen(SUBJECT, list(ids["customer_id"]), "There is no known customer {}.")
    st.header(f"Customer {markdown(name)}")
    customer = int(name)
    cards(customer)
    months = require(DOMAIN, "customer.months", customer)
    charts.draw(
        charts.month_bars(months, "all_rows_value", "total spend"),
        f"Value of all lines of the customer by month; grey months are not whole. {ZONE}",
    )
    st.subheader("Items")
    table(
        ask(DOMAIN, "customer.items", customer),
        {
            "stock_code": "item",
            "description": "description",
            "units": "units less returned",
            "line_value": "value",
        },
        link="item",
    )
    st.caption(f"The 20 items with the greatest value of the customer's lines. {ZONE}")
    st.subheader("Invoices")
    table(
        ask(DOMAIN, "customer.invoices", customer),
        {
            "invoice_date": "day",
            "invoice_no": "invoice",
            "invoice_kind": "kind",
            "n_lines": "lines",
            "all_rows_value": "value",
            "returned_value": "came back later",
            "is_fully_cancelled": "came back whole",
        },
    )
    st.caption(f"All invoices, the newest first. {ZONE}")


page()
