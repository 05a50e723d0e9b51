"""Users by day and month: active users, their lifecycle, and what each did on the web."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    ZERO,
    Row,
    grouped,
    month_of,
    nearest_rank,
)
from ecommerce_assets_tests.integration.dbt.reference.world import World

TYPES = ("view", "cart", "remove_from_cart", "purchase")
TYPICAL_PERCENT = 90
ONE_DAY = timedelta(days=1)


def same_day(day: date) -> date:
    """A day as a period."""
    return day


def monday(day: date) -> date:
    """The first day of the ISO week."""
    return day - timedelta(days=day.isoweekday() - 1)


def first_of_month(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


#: The calendar periods, each with the function from a day to the first day of its period.
PERIODS: dict[str, Callable[[date], date]] = {
    "day": same_day,
    "week": monday,
    "month": first_of_month,
}


def days_of(kind: str, start: date) -> list[date]:
    """All days of the period that starts on the day."""
    near = [start + timedelta(days=n) for n in range(31)]
    return [day for day in near if PERIODS[kind](day) == start]


def observed_days(events: list[Event]) -> list[date]:
    """Days with an event of the shop, in order."""
    return sorted({e.at.date() for e in events})


def observation(kind: str, start: date, events: list[Event]) -> Row:
    """How many days of a period the shop was seen on."""
    expected, observed = days_of(kind, start), set(observed_days(events))
    seen = sum(day in observed for day in expected)
    return {
        "period_days_expected": len(expected),
        "period_days_observed": seen,
        "period_complete": seen == len(expected),
    }


def by_type(events: list[Event]) -> Row:
    """First and last instant, event counts and purchase value of some events."""
    kinds = Counter(e.type for e in events)
    prices = [e.price for e in events if e.type == "purchase" and e.price > 0]
    return {
        "first_event_at": min(e.at for e in events),
        "last_event_at": max(e.at for e in events),
        "n_events": len(events),
        "n_views": kinds["view"],
        "n_carts": kinds["cart"],
        "n_removes": kinds["remove_from_cart"],
        "n_purchases": kinds["purchase"],
        "purchase_value": sum(prices, ZERO),
    }


def user_days(world: World) -> list[Row]:
    """int_cosmetics__user_days."""
    ordered = Counter((o["user_id"], o["order_date"]) for o in world.orders)
    groups = grouped(world.events, lambda e: (e.user, e.at.date()))
    active = grouped(groups, lambda key: (key[0], first_of_month(key[1])))
    rows = []
    for (user, day), own in groups.items():
        others = [other for _, other in active[user, first_of_month(day)]]
        rows.append(
            {
                "event_month": month_of(own[0].at),
                "event_date": day,
                "user_id": user,
                **by_type(own),
                "first_purchase_at": min((e.at for e in own if e.type == "purchase"), default=None),
                "orders_proxy": ordered[user, day],
                "first_date_in_month": min(others),
                "previous_date_in_month": max((d for d in others if d < day), default=None),
            }
        )
    return rows


def active_users(world: World) -> list[Row]:
    """agg_active_users."""
    rows = []
    for kind, period in PERIODS.items():
        for start, own in grouped(world.events, lambda e, p=period: p(e.at.date())).items():
            observed = observation(kind, start, own)
            for type_ in ("any", *TYPES):
                users = {e.user for e in own if type_ in ("any", e.type)}
                rows.append(
                    {
                        "event_month": month_of(min(e.at for e in own)),
                        "period_kind": kind,
                        "period_start": start,
                        "event_type": type_,
                        "active_users": len(users),
                        **observed,
                    }
                )
    return rows


def truncated_until(events: list[Event]) -> date:
    """The first day on which a user who looks new is taken for a new one."""
    return observed_span(events)[0]["truncated_until"]


def observed_span(events: list[Event]) -> list[Row]:
    """int_cosmetics__observed_span."""
    observed = observed_days(events)
    gaps: list[int] = []
    purchases = [e for e in events if e.type == "purchase"]
    for own in grouped(purchases, lambda e: e.user).values():
        days = observed_days(own)
        gaps += [(later - day).days for day, later in pairwise(days)]
    typical = nearest_rank(gaps, TYPICAL_PERCENT)
    end = observed[-1] + ONE_DAY if typical is None else observed[0] + typical * ONE_DAY
    return [
        {
            "observed_from": observed[0],
            "observed_to": observed[-1],
            "observed_days": len(observed),
            "purchase_gaps": len(gaps),
            "typical_gap_days": typical,
            "truncated_until": end,
        }
    ]


def lifecycle(world: World) -> list[Row]:
    """agg_user_lifecycle."""
    observed = observed_days(world.events)
    truncated = truncated_until(world.events)
    rows = []
    for kind, period in PERIODS.items():
        active: dict[date, set[int]] = {}
        for event in world.events:
            active.setdefault(period(event.at.date()), set()).add(event.user)
        seen: set[int] = set()
        before: set[int] = set()
        start = period(observed[0])
        while start <= observed[-1]:
            now = active.get(start, set())
            rows.append(
                {
                    "period_kind": kind,
                    "period_start": start,
                    "active_users": len(now),
                    "new_users": len(now - seen),
                    "returning_users": len(now & before),
                    "resurrecting_users": len((now & seen) - before),
                    "dormant_users": len(before - now),
                    "is_left_truncated": start < truncated,
                    **observation(kind, start, world.events),
                }
            )
            seen, before = seen | now, now
            start = days_of(kind, start)[-1] + ONE_DAY
    return rows


def web_analytics(world: World) -> list[Row]:
    """mart_user_web_analytics."""
    valid = [s for s in world.sessions if s["is_valid"]]
    visits: dict[Any, list[Row]] = grouped(valid, lambda s: (s["user_id"], s["session_month"]))
    rows = []
    for (user, month), own in grouped(world.events, lambda e: (e.user, e.month)).items():
        viewed = {e.product for e in own if e.type == "view"}
        purchased = {e.product for e in own if e.type == "purchase"}
        sessions = visits[user, month]
        buying = sum(s["reached_purchase"] for s in sessions)
        spent = sum((s["purchase_value"] for s in sessions), ZERO)
        rows.append(
            {
                "event_month": month,
                "user_id": user,
                "n_active_days": len(observed_days(own)),
                **by_type(own),
                "n_products_purchased": len(purchased),
                "sessions_with_purchase_num": buying,
                "sessions_with_purchase_den": len(sessions),
                "products_viewed_per_session_num": sum(s["n_products_viewed"] for s in sessions),
                "products_viewed_per_session_den": len(sessions),
                "viewed_products_purchased_num": len(viewed & purchased),
                "viewed_products_purchased_den": len(viewed),
                "spend_per_session_num": spent,
                "spend_per_session_den": len(sessions),
                "spend_per_purchase_session_num": spent,
                "spend_per_purchase_session_den": buying,
            }
        )
    return rows


EXPECTED = {
    "cosmetics_intermediate.int_cosmetics__user_days": user_days,
    "cosmetics_intermediate.int_cosmetics__observed_span": lambda world: observed_span(
        world.events
    ),
    "cosmetics_marts.agg_active_users": active_users,
    "cosmetics_marts.agg_user_lifecycle": lifecycle,
    "cosmetics_marts.mart_user_web_analytics": web_analytics,
}
