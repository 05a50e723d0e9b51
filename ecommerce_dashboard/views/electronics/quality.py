"""Electronics: how good the rows are: unknown members, repaired rows, rows without a date."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import begin, card, count, money, percent, ratio, require, table

TITLE = "Quality of the data"
PLACE = 4
DOMAIN = "electronics"
MEMBERS = ("user", "brand", "category")


def unknown_shares(frame: pd.DataFrame) -> None:
    """The share of rows without buyer, brand and category, over all months and by month."""
    for member, column in zip(MEMBERS, st.columns(len(MEMBERS)), strict=True):
        numerator = frame[f"unknown_{member}_num"].sum()
        denominator = frame[f"unknown_{member}_den"].sum()
        with column:
            card(
                f"Without {member}",
                percent(ratio(numerator, denominator)),
                f"Rows without {member} after the repair, by all rows with a date.",
            )
            st.caption(f"{count(numerator)} / {count(denominator)} rows")
    long = pd.concat(
        frame.assign(
            member=f"without {member}",
            share=frame[f"unknown_{member}_num"].astype(float)
            / frame[f"unknown_{member}_den"].astype(float),
        )
        for member in MEMBERS
    )
    charts.draw(
        charts.share_bars(long, "month", "member", "share"),
        "Rows without a known member / all rows of the month. Calendar of UTC.",
    )


def page() -> None:
    """The whole page."""
    frame = begin(TITLE, DOMAIN, "quality.quality")
    frame["month"] = frame["month_date"].dt.strftime("%Y-%m")
    unknown_shares(frame)
    st.subheader("Repaired and odd rows")
    table(
        frame,
        {
            "month": "month",
            "all_rows": "rows",
            "column_shift_rows": "repaired",
            "repaired_price_value": "value of repaired",
            "unrepaired_rows": "not repaired",
            "zero_price_rows": "price 0",
            "negative_price_rows": "price below 0",
            "exact_duplicate_rows": "equal rows",
            "exact_duplicate_value": "value of equal rows",
        },
    )
    st.caption(
        "Repaired: price and user had been delivered in the columns of category and brand. Equal "
        "rows are units of the same product in one order and stay. Calendar of UTC."
    )
    st.subheader("Rows without a date")
    undated = require(DOMAIN, "quality.undated").iloc[0]
    st.write(
        f"{count(undated['all_rows'])} rows of {count(undated['source_orders'])} orders, worth "
        f"{money(undated['all_rows_value'])}, carry 1970-01-01 for a date: they belong to no month "
        f"and are in no other figure here. Repaired: {count(undated['column_shift_rows'])}."
    )
    st.caption("See them: ecommerce quarantine show electronics undated")


page()
