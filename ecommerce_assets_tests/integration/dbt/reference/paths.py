"""What the order of events in a session says: edges, what precedes a purchase, quality by day."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    Row,
    grouped,
    month_of,
    nearest_rank,
    next_month,
)
from ecommerce_assets_tests.integration.dbt.reference.sessions import source_pieces
from ecommerce_assets_tests.integration.dbt.reference.world import World

KINDS = ("view", "cart", "remove_from_cart", "purchase")
WINDOW = timedelta(days=7)


def place(event: Event) -> tuple[Any, ...]:
    """Where an event stands: by second, kind, and the file."""
    return event.at, KINDS.index(event.type), event.row_no


def in_order(events: list[Event]) -> list[Event]:
    """Events in the order of their places."""
    return sorted(events, key=place)


def visits(events: list[Event]) -> list[list[Event]]:
    """The events of each valid session, in order."""
    units = grouped((e for e in events if e.session), lambda e: (e.session, e.user)).values()
    return [in_order(piece) for unit in units for piece, _ in source_pieces(unit)]


def last_loaded_days(events: list[Event]) -> dict[datetime, date]:
    """The last day with an event that a month sees: up to seven days after its own end."""
    days = {e.at.date(): e.at for e in events}
    return {
        month: max(day for day, at in days.items() if month <= at < next_month(month) + WINDOW)
        for month in {e.month for e in events}
    }


def path_edges(world: World) -> list[Row]:
    """fct_path_edges."""
    found: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for number, visit in enumerate(visits(world.events)):
        states = ["start", *(e.type for e in visit), "end"]
        for edge in pairwise(states):
            found.setdefault((visit[0].at.date(), *edge), []).append((visit[0].user, number))
    months = {e.at.date(): e.month for e in world.events}
    return [
        {
            "session_month": months[day],
            "session_date": day,
            "from_state": before,
            "to_state": after,
            "n": len(passed),
            "users": len({user for user, _ in passed}),
            "sessions": len({number for _, number in passed}),
        }
        for (day, before, after), passed in found.items()
    ]


def purchase_predecessors(world: World) -> list[Row]:
    """agg_purchase_predecessors_daily."""
    checkouts: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for visit in visits(world.events):
        for instant, lines in grouped(
            (e for e in visit if e.type == "purchase"), lambda e: e.at
        ).items():
            earlier = [e for e in visit if e.at < instant]
            before = earlier[-1] if earlier else None
            same = sum(e.product == before.product for e in lines) if before else 0
            key = (visit[0].at.date(), before.type if before else "none", same > 0)
            checkouts.setdefault(key, []).append((len(lines), same))
    for event in world.events:
        if event.type == "purchase" and event.session is None:
            key = (event.at.date(), "(no session)", False)
            checkouts.setdefault(key, []).append((1, 0))
    months = {e.at.date(): e.month for e in world.events}
    return [
        {
            "session_month": months[day],
            "session_date": day,
            "before_event": before,
            "is_same_product": same,
            "checkouts": len(own),
            "purchase_events": sum(lines for lines, _ in own),
            "same_product_purchase_events": sum(same_lines for _, same_lines in own),
        }
        for (day, before, same), own in checkouts.items()
    ]


def net_cart(events: list[Event]) -> int:
    """Cart events minus removes, not below 0."""
    kinds = Counter(e.type for e in events)
    return max(0, kinds["cart"] - kinds["remove_from_cart"])


def distinct_rows(events: list[Event]) -> list[Event]:
    """One event of each group of equal rows."""
    return list({e.columns: e for e in events}.values())


def has_open_cart(visit: list[Event]) -> bool:
    """Whether the last cart was not purchased."""
    kinds = [e.type for e in visit if e.type in ("cart", "purchase")]
    return bool(kinds) and kinds[-1] == "cart"


def session_quality(world: World) -> list[Row]:
    """agg_session_quality_daily."""
    visits_by_day = grouped(visits(world.events), lambda v: v[0].at.date())
    rows = []
    for day, own in grouped(world.sessions, lambda s: s["session_date"]).items():
        valid = [s for s in own if s["is_valid"]]
        reasons = Counter(s["split_reason"] for s in own)
        durations = [s["duration_s"] for s in valid]
        rows.append(
            {
                "session_month": month_of(own[0]["session_start_at"]),
                "session_date": day,
                "valid_sessions": len(valid),
                "invalid_sessions": len(own) - len(valid),
                "invalid_null_session": sum(s["invalid_reason"] == "null_session" for s in own),
                "split_over_24h": reasons["over_24h"],
                "split_gap_over_24h": reasons["gap_over_24h"],
                "split_several_users": reasons["several_users"],
                "over_midnight": sum(s["session_end_at"].date() > day for s in valid),
                "bounce_num": sum(s["is_bounce"] for s in valid),
                "bounce_den": len(valid),
                "conversion_num": sum(s["reached_purchase"] for s in valid),
                "conversion_den": len(valid),
                "cart_abandonment_num": sum(s["is_cart_abandoned"] for s in valid),
                "cart_abandonment_den": sum(s["reached_cart"] for s in valid),
                "snowplow_cart_abandoned": sum(map(has_open_cart, visits_by_day[day])),
                "net_cart": sum(net_cart(distinct_rows(v)) for v in visits_by_day[day]),
                "net_cart_as_is": sum(map(net_cart, visits_by_day[day])),
                "median_duration_s": nearest_rank(durations, 50),
                "p90_duration_s": nearest_rank(durations, 90),
            }
        )
    return rows


def cart_abandonment(world: World) -> list[Row]:
    """agg_cart_abandonment_daily."""
    purchases = grouped(
        (e for e in world.events if e.type == "purchase"), lambda e: (e.user, e.product)
    )
    carts = [e for e in world.events if e.type == "cart"]
    rows, last = [], last_loaded_days(world.events)
    for day, own in grouped(carts, lambda e: e.at.date()).items():
        first = {
            key: min(e.at for e in group)
            for key, group in grouped(own, lambda e: (e.user, e.product)).items()
        }
        kept = sum(
            any(start <= e.at <= start + WINDOW for e in purchases[key])
            for key, start in first.items()
        )
        month = own[0].month
        observed = min(7, (last[month] - day).days)
        rows.append(
            {
                "cart_month": month,
                "cart_date": day,
                "cart_abandonment_num": len(first) - kept,
                "cart_abandonment_den": len(first),
                "window_days_expected": 7,
                "window_days_observed": observed,
                "window_complete": observed == 7,
            }
        )
    return rows


EXPECTED = {
    "cosmetics_marts.agg_session_quality_daily": session_quality,
    "cosmetics_marts.agg_purchase_predecessors_daily": purchase_predecessors,
    "cosmetics_marts.fct_path_edges": path_edges,
    "cosmetics_marts.agg_cart_abandonment_daily": cart_abandonment,
}
