"""Cosmetics: ways through a visit, how good visits are, and what repeated rows change."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts, series
from ecommerce_dashboard.page import (
    ask,
    begin,
    card,
    chosen_month,
    count,
    rate_card,
    rates,
    ratio,
    require,
    table,
)

TITLE = "Paths and quality"
PLACE = 7
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC, by the day a session starts."
STATES = ["start", "view", "cart", "remove_from_cart", "purchase", "end"]
REASONS = {
    "invalid_null_session": "without session id: one event each, invalid",
    "split_over_24h": "valid, pieces of a session longer than 24 h",
    "split_gap_over_24h": "valid, of an id used again after more than 24 h",
    "split_several_users": "valid, of an id of several users",
    "over_midnight": "valid, ends on a later day",
}


def paths(first: date, last: date) -> None:
    """What follows what in a visit."""
    edges = ask(DOMAIN, "quality.path_edges", first, last)
    leaving = edges.groupby("from_state")["n"].transform("sum")
    edges["share"] = rates(edges["n"], leaving)
    cells = edges[["from_state", "to_state", "share", "n"]].astype(
        {
            "from_state": pd.CategoricalDtype(STATES[:-1]),
            "to_state": pd.CategoricalDtype(STATES[1:]),
        }
    )
    charts.draw(
        series.heat(cells, "to_state", "from_state", "share", ("to", "from")),
        "Transitions from the row's state to the column's / all transitions from the row's state, "
        f"in valid sessions. Blank: none. {ZONE}",
    )
    table(
        edges.assign(leaving=leaving),
        {
            "from_state": "from",
            "to_state": "to",
            "n": "transitions",
            "leaving": "all from there",
            "share": "share",
            "sessions": "sessions",
        },
        shares=("share",),
    )
    st.caption(
        "Share = transitions / all from there. Events of one second are in the order view, cart, "
        "remove_from_cart, purchase; repeated rows count. Pairs tell of no path of three steps. "
        f"{ZONE}"
    )


def sessions(frame: pd.DataFrame) -> None:
    """Bounces, conversion, and sessions that are not what the shop's id says."""
    total = frame.drop(columns="session_date").sum()
    columns = st.columns(3)
    with columns[0]:
        rate_card(
            "Bounce rate",
            (total["bounce_num"], total["bounce_den"]),
            "Valid sessions of one event, a view, by valid sessions.",
            "valid sessions",
        )
    with columns[1]:
        rate_card(
            "Conversion",
            (total["conversion_num"], total["conversion_den"]),
            "Valid sessions with a purchase, by valid sessions.",
            "valid sessions",
        )
    with columns[2]:
        sessions = total["valid_sessions"] + total["invalid_sessions"]
        rate_card(
            "Invalid",
            (total["invalid_sessions"], sessions),
            "Events without session id, each a session of its own, by all sessions.",
            "sessions",
        )
    shown = frame.assign(
        bounce=rates(frame["bounce_num"], frame["bounce_den"]),
        conversion=rates(frame["conversion_num"], frame["conversion_den"]),
    )
    names = {"bounce": "bounce rate", "conversion": "conversion"}
    charts.draw(
        series.day_lines(shown, "session_date", names, "share", "%"),
        "Bounce rate: valid sessions of one event, a view / valid sessions. Conversion: valid "
        f"sessions with a purchase / valid sessions. {ZONE}",
    )
    reasons = pd.DataFrame(
        {
            "reason": list(REASONS.values()),
            "sessions": [int(total[name]) for name in REASONS],
            "share": [ratio(total[name], sessions) for name in REASONS],
        }
    )
    names = {"reason": "sessions", "sessions": "number", "share": "share of all"}
    table(reasons, names, shares=("share",))
    st.caption(f"Share of all = number / {count(sessions)} sessions, invalid ones too. {ZONE}")


def agreement(first: date, last: date) -> None:
    """Whether the shop's sessions are those that the clock makes."""
    frame = require(DOMAIN, "quality.session_agreement", first, last)
    total = frame.drop(columns="session_date").sum()
    columns = st.columns(3)
    with columns[0]:
        card("The shop's sessions", count(total["source_sessions"]), "Valid sessions by its ids.")
    with columns[1]:
        card(
            "Derived sessions",
            count(total["derived_sessions"]),
            "A user's events without an idle gap of 30 minutes.",
        )
    with columns[2]:
        rate_card(
            "Differing",
            (total["differing_num"], total["differing_den"]),
            "The shop's sessions that are not derived ones with the same user, start, end and "
            "number of events, by all of them.",
            "of the shop's sessions",
        )
    shown = frame.assign(differing=rates(frame["differing_num"], frame["differing_den"]))
    charts.draw(
        series.day_lines(shown, "session_date", {"differing": "differing"}, "share", "%"),
        "The shop's sessions without an equal derived one / the shop's valid sessions. A derived "
        f"session ends where the user is idle for 30 minutes. {ZONE}",
    )


def duplicates(first: date, last: date) -> None:
    """What the other policy for repeated rows would change."""
    frame = ask(DOMAIN, "quality.duplicate_policy", first, last)
    frame["change"] = rates(frame["difference"], frame["value_as_is"])
    table(
        frame,
        {
            "figure": "figure",
            "value_as_is": "as is",
            "value_exact_row": "without repeated rows",
            "difference": "difference",
            "change": "difference / as is",
        },
        shares=("change",),
    )
    st.caption(
        "As is counts every row, as all pages do; the other policy counts the first of rows that "
        "are equal in all columns. Difference = as is - without repeated rows. Whether a repeat is "
        "an error of the tracker or a second click cannot be told. Calendar of UTC."
    )


def page() -> None:
    """The whole page."""
    months = begin(TITLE, DOMAIN, "sales.months")
    first, last = chosen_month(months["month_date"])
    frame = require(DOMAIN, "quality.session_quality", first, last)
    st.subheader("Ways through a visit")
    paths(first, last)
    st.subheader("Sessions")
    sessions(frame)
    st.subheader("The shop's sessions and the clock's")
    agreement(first, last)
    st.subheader("Repeated rows")
    duplicates(first, last)


page()
