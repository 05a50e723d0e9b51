"""Cosmetics: how many came, who is new, who stays, who is lost."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts, series
from ecommerce_dashboard.page import begin, card, count, percent, rates, ratio, require, table

TITLE = "Traffic and users"
PLACE = 1
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC."
KINDS = ("day", "week", "month")
ANY_EVENT = "any"
EVENTS = (ANY_EVENT, "view", "cart", "remove_from_cart", "purchase")


def cards(traffic: pd.DataFrame, users: pd.DataFrame) -> None:
    """All loaded days in four figures."""
    columns = st.columns(4)
    with columns[0]:
        card("Events", count(traffic["events"].sum()), "All events, repeated rows included.")
    with columns[1]:
        card("Days", count(len(traffic)), "Days with any event.")
    with columns[2]:
        card("Users", count(users["new_users"].sum()), "Users ever seen: each was new on one day.")
    with columns[3]:
        repeated, events = traffic["exact_duplicate_events"].sum(), traffic["events"].sum()
        card(
            "Repeated rows",
            percent(ratio(repeated, events)),
            "Rows that an equal one precedes, by all rows.",
        )
    st.caption(
        f"{traffic['event_date'].min():%Y-%m-%d} to {traffic['event_date'].max():%Y-%m-%d}. "
        f"Repeated rows = {count(repeated)} / {count(events)} rows; without session id: "
        f"{count(traffic['events_without_session'].sum())}. {ZONE}"
    )


def days(traffic: pd.DataFrame, users: pd.DataFrame) -> None:
    """Events, visitors, sessions and new users by day."""
    kinds = {f"{kind}_events": name for kind, name in zip(
        ("view", "cart", "remove", "purchase"), ("views", "carts", "removes", "purchases"),
        strict=True,
    )}  # fmt: skip
    charts.draw(
        series.day_lines(traffic, "event_date", kinds, "events"),
        f"Events by kind and day, repeated rows included. {ZONE}",
    )
    charts.beside(
        (
            series.day_lines(
                traffic,
                "event_date",
                {"visitors": "visitors", "source_sessions": "sessions"},
                "number",
            ),
            "Visitors: users with an event on the day. Sessions: the shop's session ids with one. "
            f"Neither adds up over days. {ZONE}",
        ),
        (
            series.day_lines(
                users, "event_date", {"new_users": "new", "returning_users": "returning"}, "users"
            ),
            "New: the first loaded event of the user is on the day, so in the first weeks most "
            f"users only look new. Returning: seen on an earlier day. {ZONE}",
        ),
    )


def active(kind: str, event: str) -> None:
    """Active users of a day, week or month, and how much of a month they are there."""
    frame = require(DOMAIN, "traffic.active_users", kind, event)
    what = "any event" if event == ANY_EVENT else f"an event {event}"
    charts.draw(
        charts.period_bars(frame, "active_users", f"users active in the {kind}"),
        f"Distinct users with {what} in the {kind}; grey where a day of it was not observed. "
        f"Weeks begin on Monday. They do not add up. {ZONE}",
    )
    months = require(DOMAIN, "traffic.stickiness", event)
    months["stickiness"] = rates(months["stickiness_num"], months["stickiness_den"])
    months["month"] = months["month_date"].dt.strftime("%Y-%m")
    table(
        months,
        {
            "month": "month",
            "monthly_users": "users of the month",
            "stickiness_num": "users by day, summed",
            "days_observed": "days observed",
            "stickiness": "stickiness",
            "month_complete": "month whole",
        },
        shares=("stickiness",),
    )
    st.caption(
        f"Stickiness: the mean number of users with {what} a day / those of the month, which is "
        f"users by day, summed / (users of the month * days observed). {ZONE}"
    )


def lifecycle(kind: str) -> None:
    """New, returning, resurrecting and dormant users."""
    frame = require(DOMAIN, "traffic.lifecycle", kind)
    groups = {
        "new_users": "new",
        "returning_users": "returning",
        "resurrecting_users": "resurrecting",
        "dormant_users": "dormant",
    }
    drawn = frame.assign(dormant_users=-frame["dormant_users"])
    charts.draw(
        series.stacks(drawn, groups, "users"),
        f"Users with any event in the {kind}. New: never seen before. Returning: active in the "
        f"{kind} before. Resurrecting: seen before, not in the {kind} before. Dormant, below zero: "
        f"active in the {kind} before and not in this one. Pale: not observed whole. {ZONE}",
    )
    early = int(frame["is_left_truncated"].sum())
    if early:
        st.write(
            f"The first {count(early)} of {count(len(frame))} {kind}s lie so near the first loaded "
            "day that old users look new: they say nothing of a trend."
        )


def page() -> None:
    """The whole page."""
    traffic = begin(TITLE, DOMAIN, "traffic.traffic")
    users = require(DOMAIN, "traffic.new_users")
    cards(traffic, users)
    st.subheader("By day")
    days(traffic, users)
    st.subheader("Active users")
    columns = st.columns(2)
    with columns[0]:
        kind = st.radio("By", KINDS, index=2, horizontal=True, key="kind")
    with columns[1]:
        event = st.selectbox("Event", EVENTS, key="event")
    active(kind, event)
    st.subheader("Lifecycle")
    lifecycle(kind)


page()
