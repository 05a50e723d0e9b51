"""Hand-made cases at the edges of the funnels, the carts and the paths.

Belongs here: events for `lake.boundary_events`. Keep out what they should give: that is
`reference`.
"""

from __future__ import annotations

from decimal import Decimal

from ecommerce_assets_tests.integration.dbt.lake import Event, at


def funnel_events() -> list[Event]:
    """Ends of the seven-day window, removes, ties in one second, and purchases in a row."""
    events: list[Event] = []

    def add(session: str | None, user: int, *rows: tuple[str, str, int]) -> None:
        for when, kind, product in rows:
            events.append(Event(at(when), kind, product, user, session, Decimal("3.00")))

    # A purchase in the last second of the window, over the month's end, and one second later.
    add("f1", 301, ("2019-10-31 10:00:00", "view", 1), ("2019-10-31 10:00:00", "cart", 1))
    add("f1b", 301, ("2019-11-07 10:00:00", "purchase", 1))
    add("f2", 302, ("2019-10-31 10:00:00", "view", 1), ("2019-10-31 10:00:00", "cart", 1))
    add("f2b", 302, ("2019-11-07 10:00:01", "purchase", 1))
    # A cart before the view does not count; the one two days later does. A purchase came first.
    add("f3", 303, ("2019-11-10 08:00:00", "purchase", 2), ("2019-11-10 08:30:00", "cart", 2))
    add("f3", 303, ("2019-11-10 09:00:00", "view", 2))
    add(None, 303, ("2019-11-12 09:00:00", "cart", 2), ("2019-11-13 09:00:00", "purchase", 2))
    # Removed before the purchase, in its second, after it, and at the end of the window.
    for product, removed in enumerate(("10:02:00", "10:04:00", "10:05:00"), start=1):
        add("f4", 304, ("2019-11-20 10:00:00", "view", product))
        add("f4", 304, ("2019-11-20 10:01:00", "cart", product))
        add("f4", 304, (f"2019-11-20 {removed}", "remove_from_cart", product))
        add("f4", 304, ("2019-11-20 10:04:00", "purchase", product))
    add("f5", 305, ("2019-11-20 09:00:00", "view", 4), ("2019-11-20 10:00:00", "cart", 4))
    add("f5b", 305, ("2019-11-27 09:00:00", "remove_from_cart", 4))
    add("f5b", 305, ("2019-11-27 09:30:00", "purchase", 4))
    add("f6", 306, ("2019-11-20 09:00:00", "view", 4), ("2019-11-20 10:00:00", "cart", 4))
    add("f6b", 306, ("2019-11-27 09:00:01", "remove_from_cart", 4))
    # All four kinds in one second, in the file's wrong order; strict steps late in the session.
    for kind in ("purchase", "remove_from_cart", "cart", "view"):
        add("f7", 307, ("2019-12-10 10:00:00", kind, 5))
    kinds = ["view", "view", "cart", "remove_from_cart", "view", "cart", "purchase", "cart"]
    for second, kind in enumerate(kinds):
        add("f8", 308, (f"2019-12-10 10:00:0{second}", kind, 5))
    # Two checkouts, several lines in a second, the predecessor last in the file of its second.
    add("f9", 309, ("2019-10-31 23:59:50", "cart", 8), ("2019-10-31 23:59:50", "cart", 9))
    for product in (9, 8, 9):
        add("f9", 309, ("2019-11-01 00:00:00", "purchase", product))
    add("f9", 309, ("2019-11-01 00:00:00", "view", 8), ("2019-11-01 00:00:09", "purchase", 1))
    # More removes than carts as they are, fewer as rows.
    add("f10", 310, ("2019-12-11 10:00:00", "cart", 1), ("2019-12-11 10:00:01", "cart", 2))
    for _ in range(3):
        add("f10", 310, ("2019-12-11 10:00:02", "remove_from_cart", 1))
    return events
