"""How charts look; every one is drawn with the line that says what it shows.

Belongs here: marks, colours, axes. Stays out: what is drawn, and pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import streamlit as st

if TYPE_CHECKING:
    import pandas as pd

#: Legible for the colour-blind, on white as on black.
MAIN, SECOND, FAINT, MARK = "#1f77b4", "#e08214", "#a6a6a6", "#d62728"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HEIGHT = 280


def draw(chart: Any, definition: str) -> None:
    """Draw a chart and, under it, its definition and time zone in one line."""
    st.altair_chart(chart)
    st.caption(definition)


def beside(*drawings: tuple[Any, str]) -> None:
    """Charts beside each other, each with its definition."""
    for column, each in zip(st.columns(len(drawings)), drawings, strict=True):
        with column:
            draw(*each)


def month_bars(frame: pd.DataFrame, value: str, title: str) -> Any:
    """Bars by month; grey where the month was not observed whole.

    Args:
        frame: with `month_date`, `month_complete` and the value.
        value: the column that is drawn.
        title: of its axis.
    """
    rows = frame[["month_date", value]].assign(
        month=frame["month_date"].dt.strftime("%Y-%m"),
        state=frame["month_complete"].map({True: "whole", False: "incomplete"}),
    )
    return (
        alt.Chart(rows.drop(columns="month_date"), height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("month:O", title="month"),
            y=alt.Y(f"{value}:Q", title=title),
            color=_state_colour(),
            tooltip=["month", alt.Tooltip(f"{value}:Q", format=",.2f"), "state"],
        )
    )


def period_bars(frame: pd.DataFrame, value: str, title: str) -> Any:
    """Bars by day, week or month; grey where the period was not observed whole.

    Args:
        frame: with `period_start`, `period_complete` and the value.
        value: the column that is drawn.
        title: of its axis.
    """
    rows = periods(frame, [value])
    return (
        alt.Chart(rows, height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("period:O", title="first day"),
            y=alt.Y(f"{value}:Q", title=title),
            color=_state_colour(),
            tooltip=["period", alt.Tooltip(f"{value}:Q", format=",.0f"), "state"],
        )
    )


def period_columns(frame: pd.DataFrame, value: str, line: str, titles: tuple[str, str]) -> Any:
    """Columns with a line on an axis of its own.

    Args:
        frame: with `period`, `state`, and both values.
        value: the column of the columns.
        line: that of the line.
        titles: of both axes.
    """
    x = alt.X("period:O", title=None)
    columns = (
        alt.Chart(frame, height=HEIGHT)
        .mark_bar()
        .encode(x=x, y=alt.Y(f"{value}:Q", title=titles[0]), color=_state_colour())
    )
    curve = (
        alt.Chart(frame)
        .mark_line(point=True, color=SECOND)
        .encode(x=x, y=alt.Y(f"{line}:Q", title=titles[1], axis=alt.Axis(titleColor=SECOND)))
    )
    return alt.layer(columns, curve).resolve_scale(y="independent")


def day_line(frame: pd.DataFrame, day: str, value: str, title: str) -> Any:
    """A line by day."""
    return (
        alt.Chart(frame[[day, value]], height=HEIGHT)
        .mark_line(color=MAIN)
        .encode(
            x=alt.X(f"yearmonthdate({day}):T", title="day"),
            y=alt.Y(f"{value}:Q", title=title),
            tooltip=[
                alt.Tooltip(f"{day}:T", format="%Y-%m-%d"),
                alt.Tooltip(f"{value}:Q", format=",.2f"),
            ],
        )
    )


def step_bars(frame: pd.DataFrame, label: str, value: str, title: str) -> Any:
    """Horizontal bars in the order of the rows."""
    return (
        alt.Chart(frame[[label, value]], height=60 + 40 * len(frame))
        .mark_bar(color=MAIN)
        .encode(
            y=alt.Y(f"{label}:N", title=None, sort=None),
            x=alt.X(f"{value}:Q", title=title),
            tooltip=[label, alt.Tooltip(f"{value}:Q", format=",")],
        )
    )


def hour_bars(frame: pd.DataFrame, hour: str, value: str, title: str) -> Any:
    """Bars by hour of the day."""
    return (
        alt.Chart(frame[[hour, value]], height=HEIGHT)
        .mark_bar(color=MAIN)
        .encode(
            x=alt.X(f"{hour}:O", title="hour", axis=alt.Axis(labelAngle=0)),
            y=alt.Y(f"{value}:Q", title=title),
            tooltip=[hour, alt.Tooltip(f"{value}:Q", format=",.2f")],
        )
    )


def ranked_bars(
    frame: pd.DataFrame, label: str, value: str, title: str, further: tuple[str, ...] = ()
) -> Any:
    """Horizontal bars, the longest on top; `further` columns stand in the tooltip."""
    return (
        alt.Chart(frame[[label, value, *further]], height=60 + 26 * len(frame))
        .mark_bar(color=MAIN)
        .encode(
            y=alt.Y(
                f"{label}:N",
                title=None,
                sort="-x",
                axis=alt.Axis(labelLimit=260, labelOverlap=False),
            ),
            x=alt.X(f"{value}:Q", title=title),
            tooltip=[label, alt.Tooltip(f"{value}:Q", format=",.2f"), *further],
        )
    )


def week_grid(frame: pd.DataFrame, hour: str, value: str, title: str) -> Any:
    """The week as 7 rows of 24 hours; a frame marks the peak.

    Args:
        frame: with `weekday_iso`, the hour, the value and `is_peak`.
        hour: the column of the hour.
        value: the column that is coloured.
        title: what it is.
    """
    rows = frame[[hour, value, "is_peak"]].assign(
        weekday=[WEEKDAYS[int(day) - 1] for day in frame["weekday_iso"]]
    )
    places = {
        "x": alt.X(f"{hour}:O", title="hour", axis=alt.Axis(labelAngle=0)),
        "y": alt.Y("weekday:O", title=None, sort=list(WEEKDAYS)),
    }
    cells = (
        alt.Chart(rows, height=220)
        .mark_rect()
        .encode(
            **places,
            color=alt.Color(f"{value}:Q", title=title, scale=alt.Scale(scheme="blues")),
            tooltip=["weekday", hour, alt.Tooltip(f"{value}:Q", format=".3f")],
        )
    )
    peak = (
        alt.Chart(rows[rows["is_peak"]])
        .mark_rect(fillOpacity=0, stroke=MARK, strokeWidth=3)
        .encode(**places)
    )
    return alt.layer(cells, peak)


def share_bars(frame: pd.DataFrame, x: str, series: str, share: str) -> Any:
    """Lines of shares over months, one per series."""
    return (
        alt.Chart(frame[[x, series, share]], height=HEIGHT)
        .mark_line(point=True)
        .encode(
            x=alt.X(f"{x}:O", title="month"),
            y=alt.Y(f"{share}:Q", title="share", axis=alt.Axis(format="%")),
            color=alt.Color(f"{series}:N", title=None),
            tooltip=[x, series, alt.Tooltip(f"{share}:Q", format=".1%")],
        )
    )


def pareto(frame: pd.DataFrame, classes: str) -> Any:
    """The share of sales that the first products make.

    Args:
        frame: with `place_share`, `sales_share` and the classes, one row per product.
        classes: the column of the class that colours the curve.
    """
    return (
        alt.Chart(frame[["place_share", "sales_share", classes]], height=HEIGHT)
        .mark_point(filled=True, size=14)
        .encode(
            x=alt.X("place_share:Q", title="share of products", axis=alt.Axis(format="%")),
            y=alt.Y("sales_share:Q", title="share of sales", axis=alt.Axis(format="%")),
            color=alt.Color(f"{classes}:N", title="class"),
            tooltip=[classes, alt.Tooltip("sales_share:Q", format=".1%")],
        )
    )


def class_scatter(frame: pd.DataFrame, classes: str) -> Any:
    """Products by sales, on a logarithmic axis, and by how unsteady their demand is."""
    columns = ["product_id", "brand", "gross_sales", "demand_cv", classes]
    return (
        alt.Chart(frame[columns].assign(product_id=frame["product_id"].astype(str)), height=360)
        .mark_circle(opacity=0.6)
        .encode(
            x=alt.X("gross_sales:Q", title="gross sales", scale=alt.Scale(type="log")),
            y=alt.Y("demand_cv:Q", title="demand CV"),
            color=alt.Color(f"{classes}:N", title="class"),
            tooltip=["product_id", "brand", "gross_sales", "demand_cv", classes],
        )
    )


def line_scatter(frame: pd.DataFrame, x: str, y: str) -> Any:
    """Points of two measures on scales that show zero, returns and wholesale lines alike."""
    scale = alt.Scale(type="symlog")
    titles = [name.replace("_", " ") for name in (x, y)]
    return (
        alt.Chart(frame)
        .mark_point(opacity=0.5, size=18)
        .encode(
            x=alt.X(f"{x}:Q", scale=scale, title=titles[0]),
            y=alt.Y(f"{y}:Q", scale=scale, title=titles[1]),
            color=alt.Color("drawn_as:N", title=None),
            tooltip=["quantity", "unit_price", "line_value"],
        )
        .properties(height=280)
    )


def box(row: pd.DataFrame, title: str) -> Any:
    """A box of quantiles: whiskers at 5 and 95 %, the box at 25 and 75 %, the median in it."""
    x = alt.X("p05:Q", title=title)
    whole = alt.Chart(row, height=70).mark_rule(color=FAINT).encode(x=x, x2="p95:Q")
    middle = alt.Chart(row).mark_bar(color=MAIN, size=24).encode(x="p25:Q", x2="p75:Q")
    median = alt.Chart(row).mark_tick(color=SECOND, size=30, thickness=3).encode(x="p50:Q")
    return alt.layer(whole, middle, median)


def _state_colour() -> alt.Color:
    return alt.Color(
        "state:N",
        title=None,
        scale=alt.Scale(domain=["whole", "incomplete"], range=[MAIN, FAINT]),
        legend=alt.Legend(orient="top"),
    )


def periods(frame: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Values by the first day of their period as text, and whether it was observed whole."""
    return frame[values].assign(
        period=frame["period_start"].dt.strftime("%Y-%m-%d"),
        state=frame["period_complete"].map({True: "whole", False: "incomplete"}),
    )
