"""Purchases as lines of their orders, and the rows that repeat an earlier one."""

from __future__ import annotations

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import (
    Row,
    grouped,
    micros,
    sha256,
    text_of,
)
from ecommerce_assets_tests.integration.dbt.reference.traffic import event_rows
from ecommerce_assets_tests.integration.dbt.reference.world import World


def repeats(events: list[Event]) -> dict[tuple[object, ...], int]:
    """Month and row number of every event that an equal row precedes, with its rank."""
    return {
        (row["event_month"], row["source_row_no"]): row["dup_rank"]
        for row in event_rows(events)
        if row["is_exact_duplicate"]
    }


def exact_duplicates(events: list[Event]) -> list[Row]:
    """int_cosmetics__exact_duplicates."""
    ranks = repeats(events)
    return [
        {
            "event_at": e.at,
            "event_date": e.at.date(),
            "source_row_no": e.row_no,
            "event_type": e.type,
            "user_id": e.user,
            "product_id": e.product,
            "price": e.price,
            "session_source_id": e.session,
            "dup_rank": ranks[e.month, e.row_no],
        }
        for e in events
        if (e.month, e.row_no) in ranks
    ]


def order_lines(world: World) -> list[Row]:
    """fct_order_lines."""
    ranks = repeats(world.events)
    sessions = grouped(world.sessions, lambda s: (s["session_source_id"], s["user_id"]))

    def order_of(event: Event) -> str:
        if event.session is None:
            return sha256(text_of([event.user, micros(event.at), None, event.row_no]))[:32]
        (key,) = {
            s["session_key"]
            for s in sessions[event.session, event.user]
            if s["session_start_at"] <= event.at <= s["session_end_at"]
        }
        return str(key)

    return [
        {
            "order_proxy_key": order_of(e),
            "event_at": e.at,
            "event_date": e.at.date(),
            "source_row_no": e.row_no,
            "user_id": e.user,
            "product_id": e.product,
            "category_id": e.category,
            "category_code": e.code,
            "brand": e.brand,
            "price": e.price,
            "is_revenue_line": e.price > 0,
            "is_exact_duplicate": (e.month, e.row_no) in ranks,
            "is_session_known": e.session is not None,
        }
        for e in world.events
        if e.type == "purchase"
    ]


EXPECTED = {
    "cosmetics_intermediate.int_cosmetics__exact_duplicates": lambda world: exact_duplicates(
        world.events
    ),
    "cosmetics_marts.fct_order_lines": order_lines,
}
