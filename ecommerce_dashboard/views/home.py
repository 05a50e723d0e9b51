"""Home: what is loaded, how fresh it is, whether it meets the truths, and where to go."""

from __future__ import annotations

import streamlit as st

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.settings import load_settings
from ecommerce_dashboard.data import on_bigquery
from ecommerce_dashboard.live import ledger_frame, now, verdict_frame
from ecommerce_dashboard.navigation import pages_of
from ecommerce_dashboard.page import boxes, card, count, say_failure, say_of_when, table


def domain(name: str) -> None:
    """The loaded months of a domain and when they came."""
    st.subheader(name.capitalize())
    loads = ledger_frame("home.loads", f"{name}.%")
    if loads.empty:
        st.write(f"No month is loaded. Load it: `ecommerce backfill {name}`")
        return
    row, built = loads.iloc[0], ledger_frame("home.models", f"{name}.%").iloc[0]["built_at"]
    columns = st.columns(4)
    with columns[0]:
        card("Months loaded", count(row["months"]), "Months whose rows are in the raw tables.")
    with columns[1]:
        card("First month", f"{row['first_month']:%Y-%m}", "The earliest loaded month.")
    with columns[2]:
        card("Latest month", f"{row['last_month']:%Y-%m}", "The latest loaded month.")
    with columns[3]:
        shown = "never" if built is None or built != built else f"{built:%Y-%m-%d %H:%M}"
        card("Models built", shown, "When a model of the domain was last built, in UTC.")
    st.caption(f"Last loaded at {row['last_loaded_at']:%Y-%m-%d %H:%M} UTC, as the ledger has it.")
    if on_bigquery() or load_settings().published_path.exists():
        say_of_when(name)
    for each in pages_of(name):
        st.page_link(each.path)


def truths() -> None:
    """How many published and planted figures ours meet."""
    st.subheader("Truths")
    frame = verdict_frame("home.truths")
    if frame.empty:
        st.write("Nothing was compared yet. Compare: `ecommerce backfill DOMAIN`")
        return
    differing = int(frame["differing"].sum())
    boxes(
        ("Matched", count(frame["matched"].sum()), "Figures that ours meet."),
        ("Differing", count(differing), "Figures that ours do not meet."),
        ("Stale", count(frame["unjudged"].sum()), "Rows or models changed since, or never judged."),
    )
    if differing:
        st.error("Figures differ from the truths. See which: `ecommerce truths`")
    st.page_link("views/operations.py")
    table(
        frame,
        {
            "dataset": "published or planted by",
            "matched": "matched",
            "differing": "differing",
            "unjudged": "stale or not judged",
            "not_applicable": "not applicable",
        },
    )
    st.caption("Not applicable: figures that speak of rows which are not loaded.")


def page() -> None:
    """The whole page."""
    st.title("E-commerce lakehouse")
    try:
        state = now()
        st.caption(f"What is loaded, as of {state.at:%Y-%m-%d %H:%M:%S} UTC.")
        if not load_settings().published_path.exists() and not on_bigquery():
            st.info("Nothing is published yet. Load a domain: `ecommerce backfill DOMAIN`, or all: "
                    "`ecommerce demo`")  # fmt: skip
            if not state.rows:
                return
        for name in DOMAINS:
            domain(name)
        truths()
    except LakehouseError as error:
        say_failure(error)


page()
