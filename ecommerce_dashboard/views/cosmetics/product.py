"""Cosmetics, drill-through: one product, named by the address (`?product=`) or chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_assets.lib.text.plain import markdown
from ecommerce_dashboard import charts
from ecommerce_dashboard.page import (
    ask,
    begin,
    card,
    chosen,
    count,
    money,
    rates,
    require,
    table,
)

TITLE = "Product"
PLACE = 6
SUBJECT = "product"
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC."


def known_products(best: pd.DataFrame) -> list[str]:
    """What can be chosen: the best sold, and the product of the address where there is one."""
    known = [str(each) for each in best["product_id"]]
    asked = st.query_params.get("product", "")
    # More digits than an id has would not be a number of the warehouse.
    if asked in known or not asked.isdecimal() or len(asked) > 18:
        return known
    found = ask(DOMAIN, "product.months", int(asked))
    return known if found.empty else [*known, asked]


def cards(product: str, months: pd.DataFrame) -> None:
    """What adds up over months, in four figures."""
    last = months.iloc[-1]
    st.header(f"Product {markdown(str(product))}")
    columns = st.columns(4)
    for place, label, value, definition in zip(
        columns,
        ("Sales", "Units", "Orders", "Views"),
        (
            money(months["gross_sales"].sum()),
            *(count(months[name].sum()) for name in ("units", "orders_proxy", "view_events")),
        ),
        (
            "Value of its purchases at prices above 0.",
            "Its purchases at prices above 0.",
            "Orders with a line of it, by the month of the line.",
            "View events, repeated rows included.",
        ),
        strict=True,
    ):
        with place:
            card(label, value, definition)
    prices = months[["lowest_price", "highest_price"]].dropna()
    says = "It never had a price above 0."
    if not prices.empty:
        says = (
            f"At {money(prices['lowest_price'].min())} to {money(prices['highest_price'].max())}."
        )
    st.caption(
        f"{says} Brand {last['brand']}, category {last['category_id']} {last['category_code']}, as "
        f"in {last['month_date']:%Y-%m}. {count(len(months))} months with an event. {ZONE}"
    )


def by_month(months: pd.DataFrame) -> None:
    """The product's months."""
    months["month"] = months["month_date"].dt.strftime("%Y-%m")
    months["bought"] = rates(months["view_to_purchase_num"], months["view_to_purchase_den"])
    charts.draw(
        charts.month_bars(months, "gross_sales", "sales"),
        f"Value of its purchases at prices above 0 by month; grey as the shop's months. {ZONE}",
    )
    table(
        months,
        {
            "month": "month",
            "sales_rank": "rank",
            "gross_sales": "sales",
            "units": "units",
            "view_events": "views",
            "cart_events": "carts",
            "remove_events": "removes",
            "buyers": "buyers",
            "viewers": "viewers",
            "bought": "of viewers bought",
        },
        shares=("bought",),
    )
    st.caption(
        "Of viewers bought = users who both viewed and bought it in the month / viewers. Users do "
        f"not add up over months. {ZONE}"
    )


def together(product: int) -> None:
    """What is in the same baskets."""
    pairs = ask(DOMAIN, "product.pairs", product)
    if pairs.empty:
        st.write("No other product is with it in three baskets.")
        return
    table(
        pairs,
        {
            "rhs_product_id": "product",
            "rhs_brand": "brand",
            "n_both": "baskets with both",
            "n_lhs": "with this one",
            "n_rhs": "with the other",
            "support": "support",
            "confidence": "confidence",
            "lift": "lift",
        },
        link="product",
        shares=("support", "confidence"),
    )
    st.caption(
        f"Support = baskets with both / {count(pairs['n_baskets'].max())} baskets; confidence = "
        "baskets with both / with this one; lift = confidence / share of all baskets with the "
        "other. The 20 of most baskets."
    )


def page() -> None:
    """The whole page."""
    best = begin(TITLE, DOMAIN, "product.ids")
    st.page_link("views/cosmetics/products.py", label="Back to brands, categories, products")
    product = chosen(SUBJECT, known_products(best), "There is no product {}.")
    months = require(DOMAIN, "product.months", int(product))
    shop = require(DOMAIN, "sales.months")
    whole = shop["days_observed"] == shop["month_date"].dt.days_in_month
    months = months.merge(shop[["month_date"]].assign(month_complete=whole), on="month_date")
    cards(product, months)
    by_month(months)
    st.subheader("Bought together")
    together(int(product))


page()
