"""Electronics: what was sold, by month, day and hour, and what the data cannot say."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import begin, boxes, count, money, percent, ratio, require

TITLE = "Sales"
PLACE = 1
DOMAIN = "electronics"
ZONE = "Calendar of UTC."
CANNOT = """
**What these data cannot answer**

- *Channels and what they cost*: no row says where a buyer came from, and none holds a cost of
  advertising. So there is no cost per acquired customer.
- *Stock and its turnover*: purchases are known, stock levels and purchase costs are not.
- *Shipping and returns*: there is no row for a parcel, and none for goods that came back. Prices
  below zero are shown apart, as adjustments; whether they are returns is not known.
- *Growth on the year before*: {prior}
- *Single customers*: most rows name none; the page on the quality of the data has the share.
"""


def cards(totals: pd.Series) -> None:
    """Total sales, orders and their average value over all loaded months."""
    average = ratio(totals["aov_net_num"], totals["aov_net_den"])
    boxes(
        ("Total sales", money(totals["net_sales"]), "Value of all rows with a price."),
        ("Orders", count(totals["orders"]), "Order ids; an id that comes back later counts again."),
        (
            "Average order value",
            "—" if average is None else money(average),
            "Net value of orders above 0 by their number.",
        ),
        ("Rows", count(totals["units"]), "Rows of the source: each is a unit sold."),
    )
    st.caption(
        f"{totals['first_month']:%Y-%m} to {totals['last_month']:%Y-%m}. Average order value = "
        f"{money(totals['aov_net_num'])} / {count(totals['aov_net_den'])} orders with a net value "
        f"above 0. Total sales = {money(totals['gross_sales'])} at prices above 0 and "
        f"{money(totals['adjustment_value'])} at prices below. {ZONE}"
    )


def months() -> None:
    """Rows and sales by month, with growth."""
    frame = require(DOMAIN, "sales.monthly")
    charts.beside(
        (
            charts.month_bars(frame, "net_sales", "net sales"),
            f"Value of all rows by month; grey months were not observed on every day. {ZONE}",
        ),
        (
            charts.month_bars(frame, "units", "rows"),
            f"Rows of the source by month, one a unit sold; grey as beside. {ZONE}",
        ),
    )
    with st.expander("Growth on the month before"):
        shown = pd.DataFrame(
            {
                "month": frame["month_date"].dt.strftime("%Y-%m"),
                "growth": [
                    percent(ratio(row.growth_num, row.growth_den), sign=True)
                    for row in frame.itertuples()
                ],
                "both months whole": frame["growth_of_complete_months"],
                "days observed": frame["days_observed"],
                "days of the month": frame["days_in_month"],
            }
        )
        st.dataframe(shown, hide_index=True)
        st.caption(f"Change of net sales by net sales of the month before; — without one. {ZONE}")


def days() -> None:
    """Rows and sales by day."""
    frame = require(DOMAIN, "sales.daily")
    charts.beside(
        (
            charts.day_line(frame, "sales_date", "net_sales", "net sales"),
            f"Value of all rows by day of the line. {ZONE}",
        ),
        (
            charts.day_line(frame, "sales_date", "units", "rows"),
            f"Rows of the source by day. {ZONE}",
        ),
    )


def hours() -> None:
    """Rows and sales by hour of the day, and the week with its peak."""
    grid = require(DOMAIN, "sales.hour_grid")
    by_hour = grid.groupby("hour_local", as_index=False)[["units", "net_sales"]].sum()
    charts.beside(
        (
            charts.hour_bars(by_hour, "hour_local", "net_sales", "net sales"),
            "Value of all rows by hour of the day, over all days. Hours of UTC.",
        ),
        (
            charts.hour_bars(by_hour, "hour_local", "units", "rows"),
            "Rows of the source by hour of the day, over all days. Hours of UTC.",
        ),
    )
    charts.draw(
        charts.week_grid(grid, "hour_local", "mean_orders", "orders per hour"),
        "Orders that start in the hour by hours observed of that kind. Hours of UTC.",
    )
    for peak in grid[grid["is_peak"]].to_dict("records"):
        st.write(
            f"Peak: {charts.WEEKDAYS[int(peak['weekday_iso']) - 1]} {peak['hour_local']}:00, "
            f"{count(peak['orders'])} orders / {count(peak['hours_observed'])} hours "
            f"= {peak['mean_orders']:.3f}"
        )


def cannot() -> None:
    """What nobody can read from these data, with the days of the year before that are there."""
    row = require(DOMAIN, "sales.to_date").iloc[0]
    if row["prior_complete"]:
        change = ratio(row["net_sales"] - row["prior_net_sales"], row["prior_net_sales"])
        prior = (
            f"it is there, {percent(change, sign=True)} from 1 January to "
            f"{row['as_of_date']:%Y-%m-%d}."
        )
    else:
        prior = (
            "no prior year observed. Of the days of the year before, up to "
            f"{row['prior_as_of_date']:%Y-%m-%d}, {count(row['prior_days_observed'])} of "
            f"{count(row['prior_days_expected'])} have a sale."
        )
    st.info(CANNOT.format(prior=prior))


def page() -> None:
    """The whole page."""
    totals = begin(TITLE, DOMAIN, "sales.totals")
    cards(totals.iloc[0])
    for title, part in (("By month", months), ("By day", days), ("By hour", hours)):
        st.subheader(title)
        part()
    cannot()


page()
