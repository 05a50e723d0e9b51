"""Electronics: brands by net sales over the last 4, 12, 24 and 52 weeks of a chosen day."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import begin, count, money, percent, ratio, require, table

TITLE = "Brands"
PLACE = 2
DOMAIN = "electronics"
SHOWN = 15


def chosen_day(dates: pd.DataFrame) -> pd.Timestamp:
    """The last day of the windows: a week's end, or the last whole day of the data."""
    labels: dict[pd.Timestamp, str] = {
        row["as_of_date"]: f"{row['as_of_date']:%Y-%m-%d}"
        + (" (last whole day)" if row["is_latest"] else "")
        for row in dates.to_dict("records")
    }
    return st.selectbox(
        "Week's end", list(labels), format_func=lambda day: labels[day], key="as_of"
    )


def window_says(row: pd.Series) -> str:
    """How much of the window was observed, in words."""
    state = "complete" if row["window_complete"] else "not complete"
    return (
        f"{row['window_start_date']:%Y-%m-%d} to the chosen day, {state}: "
        f"{count(row['window_days_observed'])} of {count(row['window_days_expected'])} days have "
        "a sale."
    )


def ranking(rows: pd.DataFrame) -> None:
    """The brands of one window."""
    first = rows.iloc[0]
    if not first["window_complete"]:
        st.warning(f"This window is not complete. {window_says(first)}")
    if not first["previous_window_observed"]:
        st.write("The window before begins before the first observed day: no previous ranks.")
    unknown = ratio(first["unknown_brand_num"], first["unknown_brand_den"])
    st.write(
        f"Sales without a brand: {money(first['unknown_brand_num'])} / "
        f"{money(first['unknown_brand_den'])} = {percent(unknown)}"
    )
    known = rows[~rows["is_unknown"]]
    charts.draw(
        charts.ranked_bars(known.head(SHOWN), "brand", "net_sales", "net sales"),
        f"The first {SHOWN} brands by net sales. {window_says(first)} Calendar of UTC.",
    )
    share = [percent(ratio(row.share_num, row.share_den)) for row in rows.itertuples()]
    table(
        rows.assign(share=share),
        {
            "brand": "brand",
            "rank_net": "rank",
            "rank_prev_window": "rank before",
            "rank_change": "places won",
            "net_sales": "net sales",
            "share": "share",
            "units": "rows",
            "orders": "orders",
            "window_complete": "window complete",
        },
    )
    st.caption(
        "Rank by net sales among known brands, equal sales share one; rank before: in the window "
        "of the same length just before. Share = net sales of the brand / net sales of all, "
        f"{money(first['share_den'])}, the unknown one included. Calendar of UTC."
    )


def side_by_side(rows: pd.DataFrame) -> None:
    """Net sales of every brand in all four windows."""
    wide = rows.pivot_table(index="brand", columns="window_weeks", values="net_sales")
    wide = wide.sort_values(list(wide.columns)[::-1], ascending=False).rename(
        columns=lambda weeks: f"{weeks} weeks"
    )
    flags = rows.drop_duplicates("window_weeks").set_index("window_weeks")
    st.dataframe(wide.reset_index(), hide_index=True)
    st.caption(
        "Net sales of the last weeks up to the chosen day. "
        + " ".join(f"{weeks} weeks: {window_says(flag)}" for weeks, flag in flags.iterrows())
        + " Calendar of UTC."
    )


def page() -> None:
    """The whole page."""
    dates = begin(TITLE, DOMAIN, "brands.as_of_dates")
    day = chosen_day(dates)
    rows = require(DOMAIN, "brands.brands", day.date())
    windows = sorted({int(weeks) for weeks in rows["window_weeks"]})
    weeks = st.radio("Window in weeks", windows, horizontal=True, key="window")
    ranking(rows[rows["window_weeks"] == weeks])
    st.subheader("All windows")
    side_by_side(rows)


page()
