"""Retail: do the three sources agree, and what the two bases of returns mean."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import ask, begin, count, money, require, table

TITLE = "Sources and returns"
PLACE = 5
DOMAIN = "retail"
ZONE = "Calendar of London; pounds sterling."
SOURCES = ("archive", "url", "postgres")
BASES = """
Goods that come back can be counted on two days, and both stand in the marts.

- **On the day of the return**, the cancellation lowers the sales of the month in which it was
  written. Past months never change; a month can be lowered by sales of an earlier one.
- **On the day of the order**, it lowers the sales of the month in which the goods were sold. Each
  month shows what was kept of its sales; months of the past change while goods come back.

The source links no cancellation to a sale. The link is found: `exact_match` is the latest earlier
sale of the same customer, item, quantity and price, `fifo` gives the rest back in the order of
sale, `unlinked` found none and counts on its own day in both.
"""


def reconciliation(frame: pd.DataFrame) -> None:
    """Rows, value and keys of every loaded source by month."""
    loaded = [name for name in SOURCES if bool(frame[f"{name}_is_loaded"].any())]
    st.write(
        f"Loaded: {', '.join(loaded)}. {count(frame['they_part'].sum())} of {count(len(frame))} "
        "months part."
    )
    if len(loaded) < 2:
        st.info(
            "One source has nothing to be compared with. Two more are set by "
            "ECOMMERCE_RETAIL_URL and ECOMMERCE_RETAIL_POSTGRES."
        )
    headings = {"month_date": "month", "they_part": "they part", "keys_of_any": "keys of any"}
    for name in loaded:
        headings |= {
            f"rows_{name}": f"rows, {name}",
            f"value_{name}": f"value, {name}",
            f"keys_{name}": f"keys, {name}",
        }
    table(frame, headings)
    st.caption(
        "A key is a pair of invoice and stock code. A month parts where two loaded sources differ "
        f"in rows or value, or one lacks a key. {ZONE}"
    )


def bases() -> None:
    """Net sales on both bases, and how the links were found."""
    st.markdown(BASES)
    months = require(DOMAIN, "sales.months")
    for name, day in (("return", "cancellation"), ("order", "sale")):
        charts.draw(
            charts.month_bars(months, f"net_sales_on_{name}_date", f"net sales, day of {name}"),
            f"Goods sold less discounts and less returns on the day of the {day}. {ZONE}",
        )
    links = ask(DOMAIN, "sources.return_links")
    table(
        links,
        {
            "link_method": "link",
            "links": "links",
            "units": "units",
            "returned_value": "returned value",
        },
    )
    st.caption(f"Returned in all: {money(links['returned_value'].sum())}. {ZONE}")


def page() -> None:
    """The whole page."""
    frame = begin(TITLE, DOMAIN, "sources.sources")
    reconciliation(frame)
    st.subheader("Returns on two bases")
    bases()


page()
