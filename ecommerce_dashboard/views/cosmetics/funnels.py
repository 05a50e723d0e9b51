"""Cosmetics: how many come through from view to purchase, by one funnel at a time."""

from __future__ import annotations

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
    require,
    table,
)

TITLE = "Funnels"
PLACE = 3
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC."
UNSPLIT = "all"
UNITS = {
    "session": ("sessions", "A unit is a session, on the day it starts."),
    "user": ("users and days", "A unit is a user on the day of the first step: one who enters on "
             "three days is three units, so a rate over several days is per unit and day, not per "
             "person."),
    "user_product": ("users, products and days", "A unit is a user with one product on the day of "
                     "the first step: a product viewed on three days is three units, so a rate "
                     "over several days is per unit and day, not per person."),
}  # fmt: skip


def summed(days: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The steps over all days: both sides of each rate are summed before they are divided."""
    columns = [f"{rate}_{side}" for rate in ("step_rate", "overall_rate", "coverage")
               for side in ("num", "den")]  # fmt: skip
    steps = days.groupby(by, as_index=False)[["entered", "reached", "excluded", *columns]].sum()
    for rate in ("step_rate", "overall_rate", "coverage"):
        steps[rate] = rates(steps[f"{rate}_num"], steps[f"{rate}_den"])
    return steps


def cards(steps: pd.DataFrame, units: str) -> None:
    """Entered, converted, and how much of all purchases the funnel explains."""
    last = steps.iloc[-1]
    columns = st.columns(3)
    with columns[0]:
        card("Entered", count(last["entered"]), f"Units that reached step 1: {units}.")
    with columns[1]:
        rate_card(
            "Overall rate",
            (last["overall_rate_num"], last["overall_rate_den"]),
            "Units that reached the last step, by units that entered.",
            units,
        )
    with columns[2]:
        rate_card(
            "Coverage",
            (last["coverage_num"], last["coverage_den"]),
            "Units that reached the last step through the funnel, by all units with its event.",
            f"{units} with the last step's event",
        )
    if last["excluded"]:
        st.caption(f"Taken out of all steps by an exclusion: {count(last['excluded'])} {units}.")


def steps_of(days: pd.DataFrame, units: str) -> None:
    """The steps as bars and rows."""
    steps = summed(days, ["step_no", "step_name"])
    cards(steps, units)
    left, right = st.columns(2)
    with left:
        charts.draw(
            charts.step_bars(
                steps.assign(step=steps["step_no"].astype(str) + " " + steps["step_name"]),
                "step",
                "reached",
                units,
            ),
            f"Units that reached each step, by day of entry. {ZONE}",
        )
    with right:
        table(
            steps,
            {
                "step_no": "step",
                "step_name": "name",
                "reached": "reached",
                "step_rate_den": "of the step before",
                "step_rate": "step rate",
                "overall_rate_den": "of all entered",
                "overall_rate": "overall rate",
                "coverage": "coverage of the funnel",
            },
            shares=("step_rate", "overall_rate", "coverage"),
        )
        st.caption(
            "Step rate = reached / of the step before. Overall rate = reached / of all entered. "
            f"Coverage is the same for every step: read a rate with it. {ZONE}"
        )


def by_day(days: pd.DataFrame) -> None:
    """Conversion and its speed by day of entry."""
    final = int(days["step_no"].max())
    daily = summed(days, ["unit_date", "step_no"])
    last = daily[daily["step_no"] == final]
    charts.draw(
        series.day_lines(
            last,
            "unit_date",
            {"overall_rate": "overall rate", "coverage": "coverage"},
            "share",
            "%",
        ),
        "Overall rate: units of the day that reached the last step / units that entered. Coverage: "
        f"those / all units of the day with the last step's event. By day of entry. {ZONE}",
    )
    if set(days["breakdown_value"]) != {UNSPLIT} or days["median_s"].isna().all():
        return
    wide = days.assign(minutes=days["median_s"].astype(float) / 60).pivot_table(
        index="unit_date", columns="step_name", values="minutes", sort=False
    )
    names = {str(name): f"to {name}" for name in wide.columns}
    charts.draw(
        series.day_lines(wide.reset_index(), "unit_date", names, "median minutes"),
        "Median minutes from the step before, of the units of the day that reached the step. "
        f"Medians of days make none of a month. By day of entry. {ZONE}",
    )


def by_value(days: pd.DataFrame, name: str) -> None:
    """The funnel split by what its mart splits it by."""
    steps = summed(days, ["breakdown_value", "step_no", "step_name"])
    last = steps[steps["step_no"] == steps["step_no"].max()]
    st.subheader(f"By {name.replace('_', ' ')}")
    table(
        last,
        {
            "breakdown_value": name.replace("_", " "),
            "entered": "entered",
            "reached": "reached the last step",
            "overall_rate": "overall rate",
            "coverage_den": "with its event",
            "coverage": "coverage",
        },
        shares=("overall_rate", "coverage"),
    )
    st.caption(
        "Overall rate = reached the last step / entered. Coverage = reached the last step / with "
        f"its event. {ZONE}"
    )


def page() -> None:
    """The whole page."""
    funnels = begin(TITLE, DOMAIN, "funnels.funnels").set_index("funnel_id")
    months = require(DOMAIN, "sales.months")
    columns = st.columns([3, 1])
    with columns[0]:
        chosen = st.selectbox("Funnel", list(funnels.index), key="funnel")
    with columns[1]:
        first, last = chosen_month(months["month_date"])
    funnel = funnels.loc[chosen]
    units, says = UNITS[funnel["unit_type"]]
    days = ask(DOMAIN, "funnels.funnel_daily", chosen, first, last)
    closed = days[days["window_complete"]]
    still = count(days["unit_date"].nunique() - closed["unit_date"].nunique())
    st.write(
        f"{says} Days that the steps may take after that of the first one: "
        f"{count(funnel['window_days'])}. Days left out because theirs are not loaded yet: "
        f"{still}. Version of the funnel's rule: {count(funnel['funnel_version'])}."
    )
    if closed.empty:
        st.info("No day of this choice is complete yet. Take another month.")
        st.stop()
    steps_of(closed, units)
    st.subheader("By day of entry")
    by_day(closed)
    if funnel["breakdown_name"] != UNSPLIT:
        by_value(closed, funnel["breakdown_name"])


page()
