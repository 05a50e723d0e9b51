"""Cosmetics: what was sold, by month, day and hour, and what was left in the cart."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts, series
from ecommerce_dashboard.page import (
    ask,
    begin,
    boxes,
    chosen_month,
    count,
    money,
    rate_card,
    rates,
    ratio,
    require,
    table,
)

TITLE = "Sales"
PLACE = 2
DOMAIN = "cosmetics"
ZONE = "Calendar of UTC; the source names no currency."
#: Of a day's figures those that may be summed: visitors and buyers may not.
ADDITIVE = (
    "orders_proxy",
    "adjustment_lines",
    "zero_price_lines",
    "gross_sales",
    "adjustment_value",
    "revenue_per_visitor_num",
    "revenue_per_visitor_den",
    "aov_num",
    "aov_den",
)
CANNOT = """
**What these data cannot answer**

- *Channels*: no row says where a visitor came from, by which campaign or device.
- *Margin*: prices are known, costs are not.
- *Returns, discounts and shipping*: no row says that goods came back. Purchases at prices below
  zero are shown apart, as adjustments; what they are is not known.
- *Stock*: what could have been bought is not known.
- *Orders as the shop counts them*: there is no order number. All purchases of one session are one
  order; a purchase without session id is an order of its own and is left out of their value.
"""


def cards(days: pd.DataFrame) -> None:
    """The chosen days in four figures; all of them are sums over days, or ratios of such sums."""
    total = days[list(ADDITIVE)].sum()
    order = ratio(total["aov_num"], total["aov_den"])
    visitor = ratio(total["revenue_per_visitor_num"], total["revenue_per_visitor_den"])
    boxes(
        ("Total sales", money(total["gross_sales"]), "Value of purchases at prices above 0."),
        ("Orders", count(total["orders_proxy"]), "Sessions with a purchase, by their first."),
        (
            "Average order value",
            "—" if order is None else money(order),
            "Value of orders with a value above 0 and a session id, by their number.",
        ),
        (
            "Sales per daily visitor",
            "—" if visitor is None else money(visitor),
            "Total sales by the visitors of each day, added up over days.",
        ),
    )
    st.caption(
        f"{count(len(days))} days. Average order value = {money(total['aov_num'])} / "
        f"{count(total['aov_den'])} orders. Sales per daily visitor = "
        f"{money(total['revenue_per_visitor_num'])} / {count(total['revenue_per_visitor_den'])} "
        "visitors, one who comes on two days counts for both. Besides, purchases at prices below "
        f"0: {count(total['adjustment_lines'])}, together {money(total['adjustment_value'])}; at "
        f"0: {count(total['zero_price_lines'])}. {ZONE}"
    )


def by_month(months: pd.DataFrame) -> None:
    """Sales and orders of all loaded months."""
    months["month_complete"] = months["days_observed"] == months["month_date"].dt.days_in_month
    for place, value, title, says in zip(
        st.columns(2),
        ("gross_sales", "orders"),
        ("total sales", "orders"),
        ("Value of purchases at prices above 0", "Orders"),
        strict=True,
    ):
        with place:
            charts.draw(
                charts.month_bars(months, value, title),
                f"{says} by month, all loaded months; grey where a day has no event. {ZONE}",
            )


def by_day(days: pd.DataFrame) -> None:
    """Sales, orders, and sales per visitor by day."""
    days["per_visitor"] = rates(days["revenue_per_visitor_num"], days["revenue_per_visitor_den"])
    left, right = st.columns(2)
    with left:
        charts.draw(
            charts.day_line(days, "sales_date", "gross_sales", "total sales"),
            f"Value of purchases at prices above 0 by day. {ZONE}",
        )
        charts.draw(
            charts.day_line(days, "sales_date", "per_visitor", "sales per visitor"),
            f"Total sales of the day / users with any event on it. {ZONE}",
        )
    with right:
        charts.draw(
            charts.day_line(days, "sales_date", "orders_proxy", "orders"),
            f"Orders by the day of their first purchase. {ZONE}",
        )
        charts.draw(
            charts.day_line(days, "sales_date", "buyers", "buyers"),
            f"Users with a purchase on the day; they do not add up over days. {ZONE}",
        )


def by_hour(first: date, last: date, observed: int) -> None:
    """Sales and orders of a typical day by hour."""
    found = ask(DOMAIN, "sales.hourly", first, last).set_index("hour_utc")
    hours = found.reindex(range(24), fill_value=0).astype(float) / observed
    hours = hours.rename_axis("hour").reset_index()
    left, right = st.columns(2)
    for place, value, title in (
        (left, "gross_sales", "sales a day"),
        (right, "orders", "orders a day"),
    ):
        with place:
            charts.draw(
                charts.hour_bars(hours, "hour", value, title),
                f"{title.capitalize()} in the hour: their sum / {count(observed)} days with any "
                f"event. Hours of UTC.",
            )


def abandonment(first: date, last: date) -> None:
    """Both ways to count carts that were left: within a session, and over seven days."""
    sessions = require(DOMAIN, "quality.session_quality", first, last)
    carts = ask(DOMAIN, "sales.cart_abandonment", first, last)
    closed = carts[carts["window_complete"]]
    columns = ["cart_abandonment_num", "cart_abandonment_den"]
    left, right = st.columns(2)
    with left:
        rate_card(
            "Abandoned in the session",
            tuple(sessions[columns].sum()),
            "Sessions with a cart event and no purchase, by sessions with a cart event.",
            "sessions with a cart event",
        )
    with right:
        rate_card(
            "Not bought within 7 days",
            tuple(closed[columns].sum()),
            "Users and products of a day with a cart event, without purchase of the product by the "
            "user within 7 days, in whatever session.",
            "users and products with a cart event on a day",
        )
    both = pd.merge(
        sessions.assign(session=rates(*(sessions[column] for column in columns))),
        closed.assign(week=rates(*(closed[column] for column in columns))),
        how="left",
        left_on="session_date",
        right_on="cart_date",
    )
    charts.draw(
        series.day_lines(
            both,
            "session_date",
            {"session": "in the session", "week": "within 7 days"},
            "abandoned",
            "%",
        ),
        "In the session: sessions with a cart event and no purchase / sessions with a cart event, "
        "by day of the start. Within 7 days: users and products put into the cart on the day and "
        "not bought by the user within 7 days / all of them. "
        f"{count(len(carts) - len(closed))} days of which the 7 days are not loaded yet are left "
        f"out of the latter. {ZONE}",
    )


def predecessors(first: date, last: date) -> None:
    """What comes before a purchase."""
    frame = ask(DOMAIN, "sales.predecessors", first, last)
    frame["share"] = frame["checkouts"].astype(float) / float(frame["checkouts"].sum())
    table(
        frame,
        {
            "before_event": "event before",
            "checkouts": "checkouts",
            "share": "share of checkouts",
            "same_product_checkouts": "of a product then bought",
            "purchase_events": "purchases",
        },
        shares=("share",),
    )
    st.caption(
        "A checkout is all purchases of a session in one second; before it is the session's last "
        "event of an earlier second. none: the session begins with it. Share = its checkouts / "
        f"{count(frame['checkouts'].sum())}. The step before is not the cause. {ZONE}"
    )


def page() -> None:
    """The whole page."""
    months = begin(TITLE, DOMAIN, "sales.months")
    first, last = chosen_month(months["month_date"])
    days = require(DOMAIN, "sales.daily", first, last)
    cards(days)
    st.subheader("By month")
    by_month(months)
    st.subheader("By day")
    by_day(days)
    st.subheader("By hour")
    by_hour(first, last, len(days))
    st.subheader("Carts that were left")
    abandonment(first, last)
    st.subheader("Before a purchase")
    predecessors(first, last)
    st.info(CANNOT)


page()
