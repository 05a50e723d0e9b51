"""Retail: the rows before any figure: gaps, odd values, codes, descriptions, hours, spread."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import begin, card, count, percent, ratio, require, table

TITLE = "Exploration"
PLACE = 4
DOMAIN = "retail"
ZONE = "Calendar of London; pounds sterling."
COUNTED = {
    "without_description": "Without description",
    "without_customer": "Without customer",
    "without_known_customer": "No customer known",
    "negative_quantity": "Quantity below 0",
    "negative_price": "Price below 0",
    "zero_price": "Price 0",
    "exact_duplicates": "Equal to an earlier row",
}


def gaps(row: pd.Series) -> None:
    """How many rows lack something, or have a value that a sale would not have."""
    places = [*st.columns(4), *st.columns(4)]
    for (name, label), column in zip(COUNTED.items(), places, strict=False):
        with column:
            card(label, count(row[name]), "Rows of the primary source, as delivered.")
            st.caption(f"of {count(row['all_rows'])}: {percent(ratio(row[name], row['all_rows']))}")
    st.caption(
        "No customer known: none delivered, or 0. Cancelled lines have a quantity below 0; prices "
        "below 0 are bad debt."
    )


def kinds() -> None:
    """Kinds of lines, and codes that are not goods."""
    left, right = st.columns(2)
    with left:
        st.subheader("Kinds of lines")
        table(
            require(DOMAIN, "exploration.kinds"),
            {
                "line_kind": "line",
                "item_kind": "item",
                "line_count": "lines",
                "units": "units",
                "line_value": "value",
            },
        )
    with right:
        st.subheader("Special codes")
        table(
            require(DOMAIN, "exploration.special_codes"),
            {
                "stock_code": "code",
                "item_kind": "means",
                "line_count": "lines",
                "line_value": "value",
            },
        )
    st.caption(f"All lines of the primary source; codes in upper case. {ZONE}")


def names() -> None:
    """Codes in two spellings, and codes with several descriptions."""
    frame = require(DOMAIN, "exploration.item_names")
    headings = {
        "stock_code": "item",
        "description": "description",
        "n_spellings": "spellings",
        "n_descriptions": "descriptions",
        "n_lines": "lines",
    }
    left, right = st.columns(2)
    with left:
        spelled = frame[frame["n_spellings"] > 1]
        st.subheader("Codes in two spellings")
        st.write(f"{count(len(spelled))} codes, for instance once with m and once with M.")
        table(spelled, headings, link="item")
    with right:
        described = frame[frame["n_descriptions"] > 1]
        st.subheader("Descriptions per code")
        st.write(f"{count(len(described))} codes have more than one description.")
        table(described, headings, link="item")
    st.caption("The description shown is that on most of the item's sales at a price.")


def over_time() -> None:
    """Spend by day, and what it went on."""
    charts.draw(
        charts.day_line(
            require(DOMAIN, "exploration.daily"), "sales_date", "all_rows_value", "spend"
        ),
        f"Value of all lines by day. {ZONE}",
    )
    frame = require(DOMAIN, "exploration.top_spend_items")
    charts.draw(
        charts.ranked_bars(frame, "description", "all_rows_value", "total spend", ("stock_code",)),
        f"The ten items and services with the greatest value of all their lines. {ZONE}",
    )


def hours() -> None:
    """Orders by hour, and what the United Kingdom spends by hour."""
    grid = require(DOMAIN, "exploration.hours")
    by_hour = grid.groupby("sales_hour", as_index=False)[["orders", "gross_sales_uk"]].sum()
    charts.beside(
        (
            charts.hour_bars(by_hour, "sales_hour", "orders", "orders"),
            "Invoices with a sale at a price by the hour of their first line. Hours of London.",
        ),
        (
            charts.hour_bars(by_hour, "sales_hour", "gross_sales_uk", "gross sales, UK"),
            "Value of goods sold at a price to the United Kingdom, by hour. Hours of London.",
        ),
    )
    charts.draw(
        charts.week_grid(grid, "sales_hour", "mean_orders", "orders per hour"),
        "Orders / hours observed of that kind, one a weekday with any line. Hours of London.",
    )


def spread() -> None:
    """Boxes of quantity, price and line value."""
    frame = require(DOMAIN, "exploration.quantiles")
    for place, measure in enumerate(frame["measure"]):
        charts.draw(
            charts.box(frame.iloc[[place]], measure),
            f"{measure.capitalize()} of all lines: whiskers at 5 and 95 %, box from 25 to 75 %, "
            "the tick is the median.",
        )
    table(
        frame,
        {
            "measure": "of a line",
            "line_count": "lines",
            "smallest": "smallest",
            "p05": "5 %",
            "p25": "25 %",
            "p50": "50 %",
            "p75": "75 %",
            "p95": "95 %",
            "largest": "largest",
        },
    )


def points() -> None:
    """Quantity, price and line value against each other."""
    frame = require(DOMAIN, "exploration.scatter")
    pairs = (("quantity", "unit_price"), ("quantity", "line_value"), ("unit_price", "line_value"))
    for place, (x, y) in zip(st.columns(3), pairs, strict=True):
        with place:
            charts.draw(
                charts.line_scatter(frame, x, y),
                "1,500 lines by chance, and the 200 of most value; logarithmic beyond one.",
            )


def page() -> None:
    """The whole page."""
    rows = begin(TITLE, DOMAIN, "exploration.nulls").iloc[0]
    if not rows["all_rows"]:
        st.info("The primary source has no row. Load it: `ecommerce backfill retail`")
        st.stop()
    gaps(rows)
    kinds()
    names()
    st.subheader("Spend")
    over_time()
    st.subheader("Hours")
    hours()
    st.subheader("Spread")
    spread()
    points()


page()
