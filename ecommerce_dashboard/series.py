"""Charts of several series, and grids of cells.

Belongs here: marks, colours, axes of charts that compare series or months. Stays out: charts of one
measure (`charts.py`), what is drawn, pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from ecommerce_dashboard.charts import FAINT, HEIGHT, MAIN, SECOND, periods

if TYPE_CHECKING:
    import pandas as pd

#: Of lines and stacks with several series, in their order.
SERIES = (MAIN, SECOND, "#1b9e77", "#7b5ea7", FAINT)
#: How an attempt of a load ended, light enough for the word on it; running ones may be killed.
STATUSES = {
    "loaded": "#9ecae1",
    "unchanged": "#deebf7",
    "running": "#fdd0a2",
    "failed": "#fb6a4a",
    "interrupted": "#fc9272",
}


def day_lines(
    frame: pd.DataFrame, day: str, series: dict[str, str], title: str, numbers: str = ",~f"
) -> Any:
    """A line by day for each series; a day without a value breaks its line.

    Args:
        frame: with the day and a column for each series.
        day: the column of the day.
        series: the columns with their names.
        title: of the axis.
        numbers: how values are written: `,~f` or `%`.
    """
    named = frame[[day, *series]].rename(columns=series)
    tooltip = alt.Tooltip("value:Q", format=".1%" if numbers == "%" else ",.2~f")
    long = named.melt(day, var_name="line", value_name="value")
    return (
        alt.Chart(long, height=HEIGHT)
        .mark_line()
        .encode(
            x=alt.X(f"yearmonthdate({day}):T", title="day"),
            y=alt.Y("value:Q", title=title, axis=alt.Axis(format=numbers)),
            color=_series_colour("line", list(series.values())),
            tooltip=[alt.Tooltip(f"{day}:T", format="%Y-%m-%d"), "line:N", tooltip],
        )
    )


def stacks(frame: pd.DataFrame, series: dict[str, str], title: str) -> Any:
    """Stacked bars by period, pale where it was not observed whole; values below 0 hang down.

    Args:
        frame: with `period_start`, `period_complete` and a column for each series.
        series: the columns with their names.
        title: of the axis.
    """
    rows = periods(frame, list(series)).rename(columns=series)
    long = rows.melt(["period", "state"], var_name="users", value_name="number")
    return (
        alt.Chart(long, height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("period:O", title="first day"),
            y=alt.Y("number:Q", title=title),
            color=_series_colour("users", list(series.values())),
            opacity=alt.Opacity(
                "state:N",
                scale=alt.Scale(domain=["whole", "incomplete"], range=[1, 0.35]),
                legend=None,
            ),
            tooltip=["period", "users", "number", "state"],
        )
    )


def curve(frame: pd.DataFrame, x: str, series: dict[str, str], titles: tuple[str, str]) -> Any:
    """Lines of shares over a number, one per series.

    Args:
        frame: with the number and a column for each series.
        x: the column of the number.
        series: the columns with their names.
        titles: of both axes.
    """
    named = frame[[x, *series]].rename(columns=series)
    return (
        alt.Chart(named.melt(x, var_name="line", value_name="value"), height=HEIGHT)
        .mark_line(point=True)
        .encode(
            x=alt.X(f"{x}:O", title=titles[0], axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=titles[1], axis=alt.Axis(format="%")),
            color=_series_colour("line", list(series.values())),
            tooltip=[f"{x}:O", "line:N", alt.Tooltip("value:Q", format=".2%")],
        )
    )


def heat(frame: pd.DataFrame, x: str, y: str, value: str, titles: tuple[str, str]) -> Any:
    """Shares as coloured cells; a cell without a row stays blank.

    Args:
        frame: a row a cell; x and y are categories in the order of the axes.
        x: the column of the columns.
        y: that of the rows.
        value: the share.
        titles: of x and y.
    """
    others = [name for name in frame.columns if name != value]
    columns, rows = ([str(each) for each in frame[name].cat.categories] for name in (x, y))
    return (
        alt.Chart(frame.astype({x: str, y: str}), height=90 + 26 * len(rows))
        .mark_rect()
        .encode(
            x=alt.X(f"{x}:N", title=titles[0], sort=columns, axis=alt.Axis(labelAngle=0)),
            y=alt.Y(f"{y}:N", title=titles[1], sort=rows, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color(
                f"{value}:Q",
                title=value,
                scale=alt.Scale(scheme="blues", domainMin=0),
                legend=alt.Legend(format=".0%"),
            ),
            tooltip=[*(f"{name}:N" for name in others), alt.Tooltip(f"{value}:Q", format=".1%")],
        )
    )


def status_grid(frame: pd.DataFrame, steps: list[str]) -> Any:
    """How the newest attempt of each step of each month ended.

    Args:
        frame: with `month`, `step`, `status` and `started`, all texts.
        steps: in the order of the columns.
    """
    places = {
        "x": alt.X("step:N", title=None, sort=steps, axis=alt.Axis(orient="top", labelAngle=0)),
        "y": alt.Y("month:O", title=None),
    }
    colours = alt.Scale(domain=list(STATUSES), range=list(STATUSES.values()))
    rows = frame[["month", "step", "status", "started"]]
    base = alt.Chart(rows, height=60 + 26 * frame["month"].nunique())
    cells = base.mark_rect(stroke="white").encode(
        **places,
        color=alt.Color("status:N", scale=colours, legend=None),
        tooltip=["month", "step", "status", "started"],
    )
    return alt.layer(cells, base.mark_text(color="black").encode(**places, text="status:N"))


def _series_colour(column: str, names: list[str]) -> alt.Color:
    return alt.Color(
        f"{column}:N",
        title=None,
        scale=alt.Scale(domain=names, range=list(SERIES[: len(names)])),
        legend=alt.Legend(orient="top"),
    )
