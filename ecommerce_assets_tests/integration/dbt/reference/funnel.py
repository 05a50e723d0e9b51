"""Funnels by unit and step, and by day, from the definitions of their rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    Row,
    grouped,
    month_of,
    nearest_rank,
    wilson,
)
from ecommerce_assets_tests.integration.dbt.reference.paths import (
    WINDOW,
    in_order,
    last_loaded_days,
    place,
    visits,
)
from ecommerce_assets_tests.integration.dbt.reference.world import World

STEPS = ("view", "cart", "purchase")


@dataclass(frozen=True)
class Unit:
    """What a funnel knows of one unit: when it reached each step, as far as it did."""

    day: date
    key: str
    steps: tuple[datetime | None, ...]
    final: bool
    excluded: bool = False
    breakdown: str = "all"


@dataclass(frozen=True)
class Funnel:
    """One funnel with all its units."""

    id: str
    unit_type: str
    units: list[Unit]
    names: tuple[str, ...] = STEPS
    window_days: int = 1
    breakdown: str = "all"


def reached(*steps: datetime | None) -> tuple[datetime | None, ...]:
    """The steps up to the first one that was not reached."""
    count = next((n for n, step in enumerate(steps) if step is None), len(steps))
    return (*steps[:count], *[None] * (len(steps) - count))


def ordered_session(visit: Row) -> tuple[datetime | None, ...]:
    """First events of each kind, as long as they are not before the one of the step before."""
    view, cart, purchase = (visit[f"first_{kind}_at"] for kind in STEPS)
    return reached(
        view,
        cart if view and cart and cart >= view else None,
        purchase if cart and purchase and purchase >= cart else None,
    )


def strict_session(events: list[Event]) -> tuple[datetime | None, ...]:
    """The earliest events in a row that go farthest along the steps."""
    for length in (3, 2, 1):
        for start in range(len(events) - length + 1):
            row = events[start : start + length]
            if tuple(e.type for e in row) == STEPS[:length]:
                return (*(e.at for e in row), *[None] * (3 - length))
    return (None, None, None)


def any_order_session(visit: Row) -> tuple[datetime | None, ...]:
    """First events of the kinds that there are, in the order of the clock."""
    found = sorted(visit[f"first_{kind}_at"] for kind in STEPS if visit[f"first_{kind}_at"])
    return (*found, *[None] * (3 - len(found)))


def session_funnels(world: World) -> Iterator[Funnel]:
    """The funnels whose unit is the valid session."""
    valid = [s for s in world.sessions if s["is_valid"]]
    events = {(v[0].session, v[0].user, v[0].at): v for v in visits(world.events)}

    def units(steps: list[tuple[datetime | None, ...]], *, by_hour: bool = False) -> list[Unit]:
        return [
            Unit(
                s["session_date"],
                s["session_key"],
                reach,
                s["reached_purchase"],
                breakdown=f"{s['session_start_at'].hour:02}" if by_hour else "all",
            )
            for s, reach in zip(valid, steps, strict=True)
        ]

    ordered = [ordered_session(s) for s in valid]
    strict = [
        strict_session(events[s["session_source_id"], s["user_id"], s["session_start_at"]])
        for s in valid
    ]
    name = "session_view_cart_purchase"
    yield Funnel(name, "session", units(ordered))
    yield Funnel(
        f"{name}_by_hour", "session", units(ordered, by_hour=True), breakdown="start_hour_utc"
    )
    yield Funnel(f"{name}_strict", "session", units(strict))
    yield Funnel(
        f"{name}_any_order",
        "session",
        units([any_order_session(s) for s in valid]),
        names=("one_kind", "two_kinds", "all_kinds"),
    )


def following(events: list[Event], kind: str, start: Event, end: datetime) -> Event | None:
    """The next event of a kind at or after another one's place, up to an instant."""
    return next(
        (e for e in events if e.type == kind and place(e)[:2] >= place(start)[:2] and e.at <= end),
        None,
    )


def user_unit(key: tuple[int, ...], events: list[Event], day: date, *, exclude: bool) -> Unit:
    """The unit that a user (or a user with one product) opens on a day.

    Args:
        key: the user, or the user and the product.
        events: all events of the user, or of the user with the product, in order.
        day: the unit's UTC day.
        exclude: whether a remove between cart and purchase takes the unit out.
    """
    todays = [e for e in events if e.at.date() == day and e.type in STEPS]
    entry = next((e for e in todays if e.type == "view"), None)
    end = (entry or todays[0]).at + WINDOW
    cart = following(events, "cart", entry, end) if entry else None
    purchase = following(events, "purchase", cart, end) if cart else None
    removed = following(events, "remove_from_cart", cart, end) if cart else None
    excluded = bool(
        exclude and removed and (purchase is None or place(removed)[:2] < place(purchase)[:2])
    )
    steps = tuple(e.at if e and not excluded else None for e in (entry, cart, purchase))
    return Unit(
        day,
        ":".join(map(str, (*key, day))),
        steps,
        following(events, "purchase", todays[0], end) is not None,
        excluded,
    )


def user_units(world: World, names: tuple[str, ...], *, exclude: bool) -> list[Unit]:
    """Units of users (`names` is user) or of users with products (user, product)."""
    units = []
    by_key = grouped(world.events, lambda e: tuple(getattr(e, name) for name in names))
    for key, own in by_key.items():
        events = in_order(own)
        for day in {e.at.date() for e in events if e.type in STEPS}:
            unit = user_unit(key, events, day, exclude=exclude)
            if unit.steps[0] or unit.final or unit.excluded:
                units.append(unit)
    return units


def funnels(world: World) -> Iterator[Funnel]:
    """All declared funnels."""
    yield from session_funnels(world)
    of_users, of_products = (
        partial(user_units, world, ("user",)),
        partial(user_units, world, ("user", "product")),
    )
    name = "view_cart_purchase"
    yield Funnel(f"user_{name}", "user", of_users(exclude=False), window_days=7)
    for suffix, exclude in (("", False), ("_not_removed", True)):
        yield Funnel(
            f"user_product_{name}{suffix}",
            "user_product",
            of_products(exclude=exclude),
            window_days=7,
        )


def month_start(day: date) -> datetime:
    """First instant of the day's month."""
    return month_of(datetime.fromisoformat(f"{day}T00:00:00+00:00"))


def seconds(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds between two steps that were reached."""
    return (end - start) // timedelta(seconds=1) if start and end else None


def funnel_steps(world: World) -> list[Row]:
    """fct_funnel_step."""
    return [
        {
            "funnel_id": funnel.id,
            "funnel_version": 1,
            "unit_type": funnel.unit_type,
            "unit_month": month_start(unit.day),
            "unit_date": unit.day,
            "unit_key": unit.key,
            "step_no": number,
            "step_name": name,
            "entered_at": unit.steps[number - 1],
            "prev_entered_at": before if unit.steps[number - 1] else None,
            "seconds_from_prev": seconds(before, unit.steps[number - 1]),
            "seconds_from_first": seconds(unit.steps[0], unit.steps[number - 1]),
            "excluded_by": "remove_from_cart" if unit.excluded else None,
            "has_final_event": unit.final,
            "breakdown_name": funnel.breakdown,
            "breakdown_value": unit.breakdown,
        }
        for funnel in funnels(world)
        for unit in funnel.units
        for number, (name, before) in enumerate(
            zip(funnel.names, (None, *unit.steps), strict=False), start=1
        )
        if unit.steps[number - 1] or (number == 3 and (unit.final or unit.excluded))
    ]


def funnel_days(world: World) -> list[Row]:
    """agg_funnel_daily."""
    rows, last = [], last_loaded_days(world.events)
    for funnel in funnels(world):
        for (day, value), own in grouped(funnel.units, lambda u: (u.day, u.breakdown)).items():
            observed = min(funnel.window_days, (last[month_start(day)] - day).days)
            counts = [sum(u.steps[n] is not None for u in own) for n in range(3)]
            for n, name in enumerate(funnel.names):
                taken = [seconds(u.steps[n - 1], u.steps[n]) for u in own] if n else []
                times = [s for s in taken if s is not None]
                low, high = wilson(counts[n], counts[0])
                rows.append(
                    {
                        "funnel_id": funnel.id,
                        "funnel_version": 1,
                        "unit_type": funnel.unit_type,
                        "unit_month": month_start(day),
                        "unit_date": day,
                        "breakdown_name": funnel.breakdown,
                        "breakdown_value": value,
                        "step_no": n + 1,
                        "step_name": name,
                        "entered": counts[0],
                        "reached": counts[n],
                        "overall_rate_num": counts[n],
                        "overall_rate_den": counts[0],
                        "step_rate_num": counts[n],
                        "step_rate_den": counts[max(n - 1, 0)],
                        "median_s": nearest_rank(times, 50),
                        "p90_s": nearest_rank(times, 90),
                        "wilson_low": low,
                        "wilson_high": high,
                        "coverage_num": counts[2],
                        "coverage_den": sum(u.final for u in own),
                        "excluded": sum(u.excluded for u in own),
                        "window_days_expected": funnel.window_days,
                        "window_days_observed": observed,
                        "window_complete": observed == funnel.window_days,
                    }
                )
    return rows


EXPECTED = {
    "cosmetics_marts.fct_funnel_step": funnel_steps,
    "cosmetics_marts.agg_funnel_daily": funnel_days,
}
