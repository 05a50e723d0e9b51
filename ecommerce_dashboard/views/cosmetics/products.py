"""Cosmetics: brands, categories and products of a month, and what is bought together."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import (
    ask,
    begin,
    chosen_month,
    count,
    money,
    percent,
    rates,
    ratio,
    require,
    table,
)

TITLE = "Brands, categories, products"
PLACE = 5
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC."
SHOWN = 15
FIGURES = {
    "sales_rank": "rank",
    "gross_sales": "sales",
    "share": "share of sales",
    "units": "units",
    "orders_proxy": "orders",
    "buyers": "buyers",
    "view_to_purchase_den": "viewers",
    "viewed_and_bought": "of viewers bought",
}


def with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their shares as numbers."""
    return rows.assign(
        share=rates(rows["share_num"], rows["share_den"]),
        viewed_and_bought=rates(rows["view_to_purchase_num"], rows["view_to_purchase_den"]),
    )


def ranking(rows: pd.DataFrame, names: dict[str, str], what: str, link: str | None = None) -> None:
    """Rows of a month with rank, share and what their viewers did."""
    table(with_rates(rows), names | FIGURES, link, shares=("share", "viewed_and_bought"))
    st.caption(
        f"Share = sales of the {what} / {money(rows['share_den'].max())}, sales of the whole shop "
        "in the month at prices above 0, the unknown included. Of viewers bought = users who both "
        "viewed and bought it in the month / viewers. Users and orders do not add up over rows. "
        f"{ZONE}"
    )


def brands(month: datetime) -> None:
    """Brands by sales; rows without brand stand apart, without a rank."""
    rows = require(DOMAIN, "products.brands", month)
    unknown = rows[rows["is_unknown"]]
    part = unknown["share_num"].sum()
    whole = rows["share_den"].max()
    st.write(
        f"Sales without a brand: {money(part)} / {money(whole)} = {percent(ratio(part, whole))}. "
        "They have no rank."
    )
    charts.draw(
        charts.ranked_bars(rows[~rows["is_unknown"]].head(SHOWN), "brand", "gross_sales", "sales"),
        f"The first {SHOWN} known brands by sales at prices above 0. {ZONE}",
    )
    ranking(rows, {"brand": "brand"}, "brand")


def categories(month: datetime) -> None:
    """Categories by sales; few have a readable code."""
    rows = require(DOMAIN, "products.categories", month)
    part = rows.loc[~rows["is_code_known"], "share_num"].sum()
    whole = rows["share_den"].max()
    st.write(
        f"Sales of categories without a readable code: {money(part)} / {money(whole)} = "
        f"{percent(ratio(part, whole))}. Their number names them."
    )
    rows["category"] = rows["category_id"].astype(str)
    charts.draw(
        charts.ranked_bars(
            rows.head(SHOWN), "category", "gross_sales", "sales", ("category_code",)
        ),
        f"The first {SHOWN} categories by sales at prices above 0. {ZONE}",
    )
    ranking(rows, {"category": "category", "category_code": "code"}, "category")


def products(month: datetime) -> None:
    """Products by sales; each opens its page."""
    rows = require(DOMAIN, "products.products", month)
    names = {"product_id": "product", "brand": "brand", "category_code": "category"}
    ranking(rows, names, "product", link="product")
    st.caption(f"The {count(len(rows))} products of the month with the greatest sales.")


def pairs() -> None:
    """Products that are bought together, over all loaded months."""
    rows = ask(DOMAIN, "products.pairs")
    baskets = ask(DOMAIN, "products.baskets").iloc[0]
    if rows.empty:
        st.write("No two products are together in three baskets.")
        return
    table(
        rows,
        {
            "lhs_product_id": "product",
            "lhs_brand": "its brand",
            "rhs_product_id": "bought with it",
            "rhs_brand": "of brand",
            "n_both": "baskets with both",
            "n_lhs": "with the product",
            "n_rhs": "with the other",
            "support": "support",
            "confidence": "confidence",
            "lift": "lift",
        },
        link="product",
        shares=("support", "confidence"),
    )
    first = rows.iloc[0]
    kept = ratio(first["kept_share_num"], first["kept_share_den"])
    st.caption(
        f"Support = baskets with both / {count(first['n_baskets'])} baskets; confidence = baskets "
        "with both / with the product; lift = confidence / share of all baskets with the other. "
        "The 100 of most baskets, each pair in both directions. A high lift of few baskets is "
        "chance as often as not, and bought together is not bought because of. "
        f"{first['window_start_date']:%Y-%m-%d} to {first['window_end_date']:%Y-%m-%d}. {ZONE}"
    )
    st.caption(
        f"Of {count(baskets['orders'])} orders {count(baskets['n_baskets'])} hold 2 to 100 "
        f"products and count; {count(baskets['single_product_baskets'])} hold one, "
        f"{count(baskets['oversized_baskets'])} more. Pairs in fewer than 3 baskets are left out: "
        f"kept are {count(first['kept_share_num'])} / {count(first['kept_share_den'])} = "
        f"{percent(kept)} of all pairs in baskets."
    )


def page() -> None:
    """The whole page."""
    months = begin(TITLE, DOMAIN, "sales.months")
    day, _ = chosen_month(months["month_date"], all_months=False)
    month = datetime.combine(day, time(), UTC)
    for title, part in (("Brands", brands), ("Categories", categories), ("Products", products)):
        st.subheader(title)
        part(month)
    st.subheader("Bought together")
    pairs()


page()
