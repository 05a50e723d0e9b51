"""The headline figures with and without the rows that repeat an earlier one."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped
from ecommerce_assets_tests.integration.dbt.reference.order_lines import repeats
from ecommerce_assets_tests.integration.dbt.reference.world import World, orders


def figures(own: list[Event]) -> dict[str, Decimal]:
    """Figures of one day's rows, orders apart."""
    kinds = Counter(e.type for e in own)
    prices = [e.price for e in own if e.type == "purchase"]
    carts = Counter(e.user for e in own if e.type == "cart")
    carts.subtract(e.user for e in own if e.type == "remove_from_cart")
    counts = {
        "view_events": kinds["view"],
        "cart_events": kinds["cart"],
        "remove_events": kinds["remove_from_cart"],
        "purchase_events": kinds["purchase"],
        "revenue_lines": sum(p > 0 for p in prices),
        "net_cart_events": sum(n for n in carts.values() if n > 0),
    }
    return {
        **{name: Decimal(count) for name, count in counts.items()},
        "gross_sales": sum((p for p in prices if p > 0), ZERO),
        "adjustment_value": sum((p for p in prices if p < 0), ZERO),
        "all_rows_value": sum(prices, ZERO),
    }


def duplicate_policy(world: World) -> list[Row]:
    """agg_duplicate_policy_daily: everything counted twice, from all rows and from first rows."""
    again = repeats(world.events)
    first_rows = [e for e in world.events if (e.month, e.row_no) not in again]
    as_is = grouped(world.events, lambda e: e.at.date())
    exact_row = grouped(first_rows, lambda e: e.at.date())
    # Sessions of the first rows alone; nothing of the others goes into it.
    orders_as_is = Counter(o["order_date"] for o in world.orders)
    orders_exact_row = Counter(o["order_date"] for o in orders(World(first_rows).sessions))
    rows = []
    for day, own in as_is.items():
        wide = figures(own) | {"orders_proxy": Decimal(orders_as_is[day])}
        narrow = figures(exact_row[day]) | {"orders_proxy": Decimal(orders_exact_row[day])}
        rows += [
            {
                "event_month": own[0].month,
                "event_date": day,
                "figure": name,
                "value_as_is": wide[name],
                "value_exact_row": narrow[name],
                "difference": wide[name] - narrow[name],
            }
            for name in wide
        ]
    return rows


EXPECTED = {"cosmetics_marts.agg_duplicate_policy_daily": duplicate_policy}
