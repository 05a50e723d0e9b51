"""Cosmetics: do those who came, or bought, in the same period come back?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts, series
from ecommerce_dashboard.page import ask, begin, rates, table

TITLE = "Retention"
PLACE = 4
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC."
COHORTS = {"first_seen": "first event", "first_purchase": "first purchase"}
PERIODS = {
    "month": "calendar months",
    "week": "weeks from Monday",
    "rolling30": "each user's own 30 days",
}


def heat_map(rows: pd.DataFrame) -> None:
    """Retention by cohort and period; what is not observed whole stays blank."""
    # Period 0 holds everyone by its definition, and would take all of the colour.
    shown = rows[rows["period_complete"] & (rows["period_index"] > 0)]
    if shown.empty:
        st.write("No period after the first is observed whole: nothing to show yet.")
        return
    cells = shown[["cohort", "period_index", "retention", "retention_num", "retention_den"]].assign(
        cohort=pd.Categorical(shown["cohort"], shown["cohort"].unique()),
        period_index=pd.Categorical(shown["period_index"], sorted(shown["period_index"].unique())),
    )
    charts.draw(
        series.heat(cells, "period_index", "cohort", "retention", ("period", "cohort")),
        "Users of the cohort with any event in the period / users of the cohort. Period 0, the one "
        "of the first event, is 100 % and left out. Blank: a day of the period was not observed. "
        f"A star: so near the first loaded day that old users look new. {ZONE}",
    )


def sizes(rows: pd.DataFrame) -> None:
    """How many each cohort holds, and what a user of it was worth so far."""
    last = rows[rows["ltv_complete"].astype(bool)].groupby("cohort", sort=False).tail(1)
    first = rows[rows["period_index"] == 0]
    left, right = st.columns(2)
    with left:
        charts.draw(
            charts.step_bars(first, "cohort", "cohort_size", "users"),
            "Users of each cohort. A star: so near the first loaded day that old users look new. "
            f"{ZONE}",
        )
    with right:
        last["value"] = rates(last["ltv_num"], last["ltv_den"])
        table(
            last,
            {
                "cohort": "cohort",
                "cohort_size": "users",
                "period_index": "up to period",
                "ltv_num": "sales so far",
                "value": "sales per user",
            },
        )
        st.caption(
            "Sales per user = gross sales of the cohort from period 0 to the last one observed "
            f"whole / users of the cohort. Costs and returns are not known. {ZONE}"
        )


def mean_curve(cohorts: str, periods: str) -> None:
    """The mean over cohorts."""
    frame = ask(DOMAIN, "retention.curve", cohorts, periods)
    if frame.empty:
        st.write(
            "No cohort lies far enough from the first loaded day to be in a mean: all of them may "
            "hold users who only look new."
        )
        return
    for kind in ("weighted", "simple"):
        frame[kind] = rates(frame[f"{kind}_retention_num"], frame[f"{kind}_retention_den"])
    charts.draw(
        series.curve(
            frame,
            "period_index",
            {"weighted": "every user the same", "simple": "every cohort the same"},
            ("period", "retention"),
        ),
        "Users active in the period / users of the cohorts, and the mean of the cohorts' rates; "
        "over cohorts without star and periods observed whole. Late periods rest on few cohorts. "
        f"{ZONE}",
    )
    table(
        frame,
        {
            "period_index": "period",
            "cohorts": "cohorts",
            "weighted_retention_num": "active users",
            "weighted_retention_den": "users of the cohorts",
            "weighted": "retention",
        },
        shares=("weighted",),
    )
    st.caption(f"Retention = active users / users of the cohorts. {ZONE}")


def page() -> None:
    """The whole page."""
    begin(TITLE, DOMAIN, "sales.months")
    left, right = st.columns(2)
    with left:
        cohorts = st.radio(
            "Cohorts by", list(COHORTS), format_func=COHORTS.__getitem__, key="cohorts"
        )
    with right:
        periods = st.radio("Periods", list(PERIODS), format_func=PERIODS.__getitem__, key="periods")
    rows = ask(DOMAIN, "retention.cohorts", cohorts, periods)
    if rows.empty:
        st.info(f"No user has a {COHORTS[cohorts]} in the loaded months.")
        st.stop()
    layout = "%Y-%m-%d" if periods == "week" else "%Y-%m"
    star = rows["is_left_truncated"].map({True: " *", False: ""})
    rows["cohort"] = rows["cohort_period"].dt.strftime(layout) + star
    rows["retention"] = rates(rows["retention_num"], rows["retention_den"])
    heat_map(rows)
    st.subheader("Cohorts")
    sizes(rows)
    st.subheader("A typical cohort")
    mean_curve(cohorts, periods)


page()
