"""Cohorts of users and their retention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped
from ecommerce_assets_tests.integration.dbt.reference.users import (
    PERIODS,
    days_of,
    first_of_month,
    monday,
    observed_days,
    truncated_until,
)
from ecommerce_assets_tests.integration.dbt.reference.world import World

ROLLING = timedelta(days=30)
ONE_DAY = timedelta(days=1)
MILLION = 1_000_000

Window = tuple[date, date]  # first and last day


def cohorts(events: list[Event]) -> dict[str, dict[int, datetime]]:
    """The instant that puts each user into a cohort, by kind of cohort."""
    purchases = [e for e in events if e.type == "purchase"]
    return {
        kind: {user: min(e.at for e in own) for user, own in grouped(of, lambda e: e.user).items()}
        for kind, of in {"first_seen": events, "first_purchase": purchases}.items()
    }


def user_cohorts(world: World) -> list[Row]:
    """dim_user_cohort."""
    end = truncated_until(world.events)
    return [
        {
            "cohort_kind": kind,
            "user_id": user,
            "cohort_at": instant,
            "cohort_date": instant.date(),
            "cohort_month": first_of_month(instant.date()),
            "cohort_week": monday(instant.date()),
            "is_left_truncated": instant.date() < end,
        }
        for kind, users in cohorts(world.events).items()
        for user, instant in users.items()
    ]


@dataclass(frozen=True)
class Member:
    """A user of a cohort: the day that counts, and what the user did on which days."""

    start: date
    active: frozenset[date]
    bought: frozenset[date]
    orders: tuple[date, ...]
    sales: tuple[tuple[date, Decimal], ...]


def members(world: World, users: dict[int, datetime]) -> list[Member]:
    """The users of one kind of cohort."""
    events = grouped(world.events, lambda e: e.user)
    orders = grouped(world.orders, lambda o: o["user_id"])
    rows = []
    for user, instant in users.items():
        bought = [e for e in events[user] if e.type == "purchase"]
        rows.append(
            Member(
                instant.date(),
                frozenset(e.at.date() for e in events[user] if e.at >= instant),
                frozenset(e.at.date() for e in bought),
                tuple(o["order_date"] for o in orders[user]),
                tuple((e.at.date(), e.price) for e in bought if e.price > 0),
            )
        )
    return rows


def windows(kind: str, cohort: date, last_day: date) -> Iterator[Window]:
    """First and last day of each period of a cohort, of rolling ones from the earliest member's
    first to the latest member's last, up to the last observed day."""
    start = cohort
    while start <= last_day:
        if kind == "rolling30":
            latest = days_of("month", cohort)[-1] + (start - cohort)
            yield start, latest + ROLLING - ONE_DAY
            start += ROLLING
        else:
            days = days_of(kind, start)
            yield days[0], days[-1]
            start = days[-1] + ONE_DAY


def own_window(kind: str, index: int, window: Window, member: Member) -> Window:
    """The period as the member lives it."""
    if kind != "rolling30":
        return window
    start = member.start + index * ROLLING
    return start, start + ROLLING - ONE_DAY


def cohort_periods(world: World) -> list[Row]:
    """fct_cohort_period."""
    rows: list[Row] = []
    for cohort_kind, users in cohorts(world.events).items():
        everyone = members(world, users)
        for period_kind in ("month", "week", "rolling30"):
            period = PERIODS["week" if period_kind == "week" else "month"]
            for cohort, own in grouped(everyone, lambda m, p=period: p(m.start)).items():
                names = {"cohort_kind": cohort_kind, "period_kind": period_kind}
                found = periods_of_cohort(world, period_kind, cohort, own)
                rows += [names | {"cohort_period": cohort} | row for row in found]
    return rows


def periods_of_cohort(world: World, kind: str, cohort: date, own: list[Member]) -> list[Row]:
    """The periods of one cohort, without its name."""
    observed = set(observed_days(world.events))
    last_day, truncated = max(observed), truncated_until(world.events)
    rows: list[Row] = []
    missing_so_far = 0
    for index, window in enumerate(windows(kind, cohort, last_day)):
        lived = [own_window(kind, index, window, m) for m in own]
        pairs = list(zip(own, lived, strict=True))
        active = sum(any(a <= day <= b for day in m.active) for m, (a, b) in pairs)
        later = sum(any(a <= day for day in m.active) for m, (a, _) in pairs)
        sales = [p for m, (a, b) in pairs for day, p in m.sales if a <= day <= b]
        days = days_between(*window)
        missing = [day for day in days if day not in observed]
        missing_so_far += len(missing)
        is_known = not missing and observed >= set(days_between(window[0], last_day))
        rows.append(
            {
                "period_index": index,
                "period_start": window[0],
                "period_end": window[1],
                "cohort_size": len(own),
                "left_truncated_users": sum(m.start < truncated for m in own),
                "is_left_truncated": cohort < truncated,
                "active_users": active,
                "active_users_on_or_after": later if is_known else None,
                "purchasing_users": sum(
                    any(a <= day <= b for day in m.bought) for m, (a, b) in pairs
                ),
                "orders_proxy": sum(a <= day <= b for m, (a, b) in pairs for day in m.orders),
                "gross_sales": sum(sales, ZERO),
                "period_days_expected": len(days),
                "period_days_observed": len(days) - len(missing),
                "period_complete": not missing,
                "ltv_complete": missing_so_far == 0,
            }
        )
    return [row | rates(rows[: row["period_index"] + 1]) for row in rows]


def days_between(first: date, last: date) -> list[date]:
    """Both days and all between."""
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def rates(rows: list[Row]) -> Row:
    """Numerators and denominators of the last of a cohort's periods so far."""
    row = rows[-1]
    before = rows[-2]["active_users"] if len(rows) > 1 else None
    return {
        "retention_num": row["active_users"],
        "retention_den": row["cohort_size"],
        "relative_retention_num": None if before is None else row["active_users"],
        "relative_retention_den": before,
        "revenue_retention_num": row["gross_sales"],
        "revenue_retention_den": rows[0]["gross_sales"],
        "ltv_num": sum((r["gross_sales"] for r in rows), ZERO),
        "ltv_den": row["cohort_size"],
    }


def mean_retention(world: World) -> list[Row]:
    """agg_cohort_retention."""
    counted = [
        row
        for row in cohort_periods(world)
        if row["period_complete"] and not row["is_left_truncated"]
    ]
    names = ("cohort_kind", "period_kind", "period_index")
    rows = []
    for key, own in grouped(counted, lambda r: tuple(r[name] for name in names)).items():
        shares = [Decimal(r["active_users"]) / r["cohort_size"] for r in own]
        rows.append(
            dict(zip(names, key, strict=True))
            | {
                "cohorts": len(own),
                "weighted_retention_num": sum(r["active_users"] for r in own),
                "weighted_retention_den": sum(r["cohort_size"] for r in own),
                "simple_retention_num": sum(int(s * MILLION + Decimal("0.5")) for s in shares),
                "simple_retention_den": MILLION * len(own),
            }
        )
    return rows


EXPECTED = {
    "cosmetics_marts.dim_user_cohort": user_cohorts,
    "cosmetics_marts.fct_cohort_period": cohort_periods,
    "cosmetics_marts.agg_cohort_retention": mean_retention,
}
