"""Events, and visitors by day."""

from __future__ import annotations

from collections import Counter

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    Row,
    grouped,
    micros,
    sha256,
    text_of,
)


def event_rows(events: list[Event]) -> list[Row]:
    """Event ids and duplicate ranks."""
    seen: Counter[tuple[object, ...]] = Counter()
    rows = []
    for event in sorted(events, key=lambda e: (e.month, e.row_no)):
        seen[event.columns] += 1
        rank = seen[event.columns]
        key = [micros(event.at), event.type, event.product, event.category, event.code, event.brand]
        key += [int(event.price * 100), event.user, event.session, rank]
        rows.append(
            {
                "event_id": sha256(text_of(key)),
                "event_month": event.month,
                "source_row_no": event.row_no,
                "event_date": event.at.date(),
                "dup_rank": rank,
                "is_exact_duplicate": rank > 1,
            }
        )
    return rows


def daily_traffic(events: list[Event]) -> list[Row]:
    """agg_daily_traffic."""
    duplicates = Counter(r["event_date"] for r in event_rows(events) if r["is_exact_duplicate"])
    rows = []
    for day, own in grouped(events, lambda e: e.at.date()).items():
        kinds = Counter(e.type for e in own)
        rows.append(
            {
                "event_month": own[0].month,
                "event_date": day,
                "visitors": len({e.user for e in own}),
                "source_sessions": len({e.session for e in own} - {None}),
                "events": len(own),
                "view_events": kinds["view"],
                "cart_events": kinds["cart"],
                "remove_events": kinds["remove_from_cart"],
                "purchase_events": kinds["purchase"],
                "events_without_session": sum(e.session is None for e in own),
                "exact_duplicate_events": duplicates[day],
            }
        )
    return rows


def daily_new_users(events: list[Event]) -> list[Row]:
    """agg_daily_new_users."""
    first = {u: min(e.at for e in own) for u, own in grouped(events, lambda e: e.user).items()}
    new = Counter(instant.date() for instant in first.values())
    return [
        {
            "event_date": day,
            "visitors": len({e.user for e in own}),
            "new_users": new[day],
            "returning_users": len({e.user for e in own}) - new[day],
        }
        for day, own in grouped(events, lambda e: e.at.date()).items()
    ]


EXPECTED = {
    "cosmetics_marts.agg_daily_traffic": lambda world: daily_traffic(world.events),
    "cosmetics_marts.agg_daily_new_users": lambda world: daily_new_users(world.events),
}
