"""The marts computed again from the list of events, in plain Python, without months or batches.

Belongs here: the definitions, written a second time and as simply as they read. Keep out SQL.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ecommerce_assets_tests.integration.dbt.lake import Event

DAY = timedelta(hours=24)
IDLE = timedelta(minutes=30)
REACH = timedelta(days=2)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
ZERO = Decimal(0)

Row = dict[str, Any]


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def text_of(values: Iterable[object]) -> str:
    """Values with their lengths; a null is a tilde."""
    return "".join("~" if v is None else f"{len(str(v))}:{v}" for v in values)


def sha256(text: str) -> str:
    """Hex digits of the hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def month_of(instant: datetime) -> datetime:
    """First instant of the UTC month."""
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """First instant of the month after."""
    return month_of(month + timedelta(days=32))


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


def cut(events: list[Event], gap: timedelta, *, inclusive: bool) -> list[list[Event]]:
    """Runs of events between gaps longer than (or at least) `gap`."""
    runs: list[list[Event]] = []
    for event in sorted(events, key=lambda e: (e.at, e.row_no)):
        distance = event.at - runs[-1][-1].at if runs else None
        if distance is None or distance > gap or (inclusive and distance == gap):
            runs.append([])
        runs[-1].append(event)
    return runs


def by_midnight(events: list[Event]) -> list[list[Event]]:
    """The events of each UTC day."""
    days: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        days[event.at.date()].append(event)
    return list(days.values())


def span(events: list[Event]) -> timedelta:
    """Time from the first to the last event."""
    return max(e.at for e in events) - min(e.at for e in events)


def source_pieces(unit: list[Event]) -> list[tuple[list[Event], bool]]:
    """The sessions of one user in one source session, each with whether its run is over 24 h."""
    pieces: list[tuple[list[Event], bool]] = []
    for run in cut(unit, DAY, inclusive=False):
        if span(run) <= DAY:
            pieces.append((run, False))
            continue
        for part in cut(run, IDLE, inclusive=True):
            pieces += [(day, True) for day in by_midnight(part)]
    return pieces


def sessions(events: list[Event]) -> list[Row]:
    """All source sessions, with the numbers that need the whole history."""
    units: dict[tuple[str, int], list[Event]] = defaultdict(list)
    rows = []
    for event in events:
        if event.session is None:
            rows.append(session_row([event], None, 1))
        else:
            units[event.session, event.user].append(event)
    users: dict[str, list[tuple[int, list[Event]]]] = defaultdict(list)
    for (session, user), unit in units.items():
        users[session].append((user, unit))
    for (session, _), unit in units.items():
        for piece, over_a_day in source_pieces(unit):
            month = month_of(piece[0].at)
            low, high = month - REACH, next_month(month) + REACH
            visible = [e for e in unit if low <= e.at < high]
            reason = None
            if span(visible) > DAY:
                reason = "over_24h" if over_a_day else "gap_over_24h"
            n_users = sum(any(low <= e.at < high for e in other) for _, other in users[session])
            rows.append(session_row(piece, reason, n_users))
    visits: Counter[int] = Counter()
    for row in sorted(rows, key=lambda r: (r["session_start_at"], r["session_key"])):
        row["visit_index"] = None
        if row["is_valid"]:
            visits[row["user_id"]] += 1
            row["visit_index"] = visits[row["user_id"]]
        row["is_new_user"] = row["visit_index"] == 1
    return rows


def session_row(piece: list[Event], cut_reason: str | None, n_users: int) -> Row:
    """One row of fct_sessions."""
    of = {kind: [e for e in piece if e.type == kind] for kind in ("view", "cart", "purchase")}
    removes = [e for e in piece if e.type == "remove_from_cart"]
    start, end = min(e.at for e in piece), max(e.at for e in piece)
    session, user = piece[0].session, piece[0].user
    valid = session is not None
    row_no = None if valid else piece[0].row_no
    reason = cut_reason or ("several_users" if n_users > 1 else None)

    def first(kind: str) -> datetime | None:
        return min((e.at for e in of[kind]), default=None)

    def positive(rows: list[Event]) -> Decimal:
        return sum((e.price for e in rows if e.price > 0), ZERO)

    return {
        "session_key": sha256(text_of([user, micros(start), session, row_no]))[:32],
        "session_source_id": session,
        "user_id": user,
        "session_start_at": start,
        "session_end_at": end,
        "session_date": start.date(),
        "session_month": month_of(start),
        "duration_s": (end - start) // timedelta(seconds=1),
        "n_events": len(piece),
        "n_views": len(of["view"]),
        "n_carts": len(of["cart"]),
        "n_removes": len(removes),
        "n_purchases": len(of["purchase"]),
        "n_products_viewed": len({e.product for e in of["view"]}),
        "n_products_carted": len({e.product for e in of["cart"]}),
        "n_products_purchased": len({e.product for e in of["purchase"]}),
        "first_view_at": first("view"),
        "first_cart_at": first("cart"),
        "first_purchase_at": first("purchase"),
        "cart_value_added": positive(of["cart"]),
        "cart_value_removed": positive(removes),
        "purchase_value": positive(of["purchase"]),
        "adjustment_value": sum((e.price for e in of["purchase"] if e.price < 0), ZERO),
        "reached_view": bool(of["view"]),
        "reached_cart": bool(of["cart"]),
        "reached_purchase": bool(of["purchase"]),
        "is_bounce": valid and len(piece) == 1 and piece[0].type == "view",
        "is_cart_abandoned": bool(of["cart"]) and not of["purchase"],
        "n_users_in_source_session": n_users,
        "is_valid": valid,
        "invalid_reason": None if valid else "null_session",
        "crosses_month_end": end >= next_month(month_of(start)),
        "was_split": reason is not None,
        "split_reason": reason,
    }


def derived_sessions(events: list[Event]) -> list[Row]:
    """Sessions from the clock alone."""
    users: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        users[event.user].append(event)
    rows = []
    for user, own in users.items():
        for run in cut(own, IDLE, inclusive=True):
            long = span(run) > DAY
            for piece in by_midnight(run) if long else [run]:
                start, end = min(e.at for e in piece), max(e.at for e in piece)
                rows.append(
                    {
                        "session_key_derived": sha256(text_of([user, micros(start)]))[:32],
                        "user_id": user,
                        "session_start_at": start,
                        "session_end_at": end,
                        "session_date": start.date(),
                        "session_month": month_of(start),
                        "duration_s": (end - start) // timedelta(seconds=1),
                        "n_events": len(piece),
                        "n_events_next_month": sum(e.month > month_of(start) for e in piece),
                        "was_cut_at_midnight": long,
                    }
                )
    return rows


def orders(all_sessions: list[Row]) -> list[Row]:
    """Order proxies."""
    return [
        {
            "order_proxy_key": s["session_key"],
            "user_id": s["user_id"],
            "session_key": s["session_key"],
            "session_source_id": s["session_source_id"],
            "ordered_at": s["first_purchase_at"],
            "order_date": s["first_purchase_at"].date(),
            "n_lines": s["n_purchases"],
            "n_products": s["n_products_purchased"],
            "order_value": s["purchase_value"],
            "adjustment_value": s["adjustment_value"],
            "is_session_known": s["is_valid"],
        }
        for s in all_sessions
        if s["n_purchases"]
    ]


def grouped(items: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    """Items by key."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


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


def agreement(all_sessions: list[Row], derived: list[Row]) -> list[Row]:
    """agg_session_agreement_daily."""

    def identity(row: Row) -> tuple[Any, ...]:
        return row["user_id"], row["session_start_at"], row["session_end_at"], row["n_events"]

    found = {identity(row) for row in derived}
    derived_days = Counter(row["session_date"] for row in derived)
    valid = [s for s in all_sessions if s["is_valid"]]
    return [
        {
            "session_month": own[0]["session_month"],
            "session_date": day,
            "source_sessions": len(own),
            "derived_sessions": derived_days[day],
            "differing_num": sum(identity(s) not in found for s in own),
            "differing_den": len(own),
        }
        for day, own in grouped(valid, lambda s: s["session_date"]).items()
    ]


def nearest_rank(values: list[int], percent: int) -> int | None:
    """The percentile by nearest rank."""
    return sorted(values)[-(-percent * len(values) // 100) - 1] if values else None


def wilson(hits: int, trials: int) -> tuple[float | None, float | None]:
    """The 95 % Wilson interval, by the textbook."""
    if not trials:
        return None, None
    z, share = 1.959963984540054, hits / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials)
    half *= math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return centre - half, centre + half


def funnel(all_sessions: list[Row]) -> list[Row]:
    """agg_session_funnel_daily."""
    rows = []
    valid = [s for s in all_sessions if s["is_valid"]]
    for day, own in grouped(valid, lambda s: s["session_date"]).items():
        view = [s for s in own if s["first_view_at"]]
        cart = [s for s in view if s["first_cart_at"] and s["first_cart_at"] >= s["first_view_at"]]
        bought = [
            s
            for s in cart
            if s["first_purchase_at"] and s["first_purchase_at"] >= s["first_cart_at"]
        ]
        steps = [("view", view, view, None), ("cart", cart, view, "first_view_at")]
        steps.append(("purchase", bought, cart, "first_cart_at"))
        for number, (name, reached, previous, since) in enumerate(steps, start=1):
            seconds = [
                (s[f"first_{name}_at"] - s[since]) // timedelta(seconds=1) for s in reached if since
            ]
            low, high = wilson(len(reached), len(view))
            rows.append(
                {
                    "funnel_id": "session_view_cart_purchase",
                    "funnel_version": 1,
                    "session_month": own[0]["session_month"],
                    "session_date": day,
                    "step_no": number,
                    "step_name": name,
                    "entered": len(view),
                    "reached": len(reached),
                    "overall_rate_num": len(reached),
                    "overall_rate_den": len(view),
                    "step_rate_num": len(reached),
                    "step_rate_den": len(previous),
                    "median_s": nearest_rank(seconds, 50),
                    "p90_s": nearest_rank(seconds, 90),
                    "wilson_low": low,
                    "wilson_high": high,
                    "coverage_num": len(bought),
                    "coverage_den": sum(s["reached_purchase"] for s in own),
                }
            )
    return rows


def lines(purchases: list[Event]) -> Row:
    """What both sales marts count of a group of purchase events."""
    prices = [e.price for e in purchases]
    return {
        "buyers": len({e.user for e in purchases}),
        "revenue_lines": sum(p > 0 for p in prices),
        "adjustment_lines": sum(p < 0 for p in prices),
        "zero_price_lines": sum(p == 0 for p in prices),
        "gross_sales": sum((p for p in prices if p > 0), ZERO),
        "adjustment_value": sum((p for p in prices if p < 0), ZERO),
        "all_rows_value": sum(prices, ZERO),
    }


def sales_hourly(events: list[Event], all_orders: list[Row]) -> list[Row]:
    """agg_sales_hourly."""
    placed = Counter((o["order_date"], o["ordered_at"].hour) for o in all_orders)
    purchases = [e for e in events if e.type == "purchase"]
    return [
        {
            "event_month": own[0].month,
            "sales_date": day,
            "hour_utc": hour,
            "orders_proxy": placed[day, hour],
            **lines(own),
        }
        for (day, hour), own in grouped(purchases, lambda e: (e.at.date(), e.at.hour)).items()
    ]


def sales_daily(events: list[Event], all_orders: list[Row]) -> list[Row]:
    """agg_sales_daily."""
    placed = grouped(all_orders, lambda o: o["order_date"])
    rows = []
    for day, own in grouped(events, lambda e: e.at.date()).items():
        counted = lines([e for e in own if e.type == "purchase"])
        valued = [o for o in placed[day] if o["order_value"] > 0 and o["is_session_known"]]
        visitors = len({e.user for e in own})
        rows.append(
            {
                "event_month": own[0].month,
                "sales_date": day,
                "visitors": visitors,
                "orders_proxy": len(placed[day]),
                **counted,
                "revenue_per_visitor_num": counted["gross_sales"],
                "revenue_per_visitor_den": visitors,
                "aov_num": sum((o["order_value"] for o in valued), ZERO),
                "aov_den": len(valued),
            }
        )
    return rows
