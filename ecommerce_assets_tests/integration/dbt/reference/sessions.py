"""Sessions, by the shop's id and by the clock alone, and where the two differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    DAY,
    ZERO,
    Row,
    grouped,
    micros,
    month_of,
    next_month,
    sha256,
    text_of,
)

IDLE = timedelta(minutes=30)


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
    users: dict[str, set[int]] = defaultdict(set)
    for session, user in units:
        users[session].add(user)
    for (session, _), unit in units.items():
        pieces = source_pieces(unit)
        for piece, over_a_day in pieces:
            reason = None
            if len(pieces) > 1:
                reason = "over_24h" if over_a_day else "gap_over_24h"
            rows.append(session_row(piece, reason, len(users[session])))
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
