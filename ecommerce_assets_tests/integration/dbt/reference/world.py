"""The events of a test and what follows from them, computed once for all second computations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import Row
from ecommerce_assets_tests.integration.dbt.reference.sessions import derived_sessions, sessions


@dataclass(frozen=True)
class World:
    """All events that are loaded; what is costly and used by several marts is kept."""

    events: list[Event]

    @cached_property
    def sessions(self) -> list[Row]:
        """The rows of fct_sessions."""
        return sessions(self.events)

    @cached_property
    def derived_sessions(self) -> list[Row]:
        """The rows of int_cosmetics__derived_sessions."""
        return derived_sessions(self.events)

    @cached_property
    def orders(self) -> list[Row]:
        """The rows of fct_orders."""
        return orders(self.sessions)


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
