"""Orders and sales by hour and day."""

from __future__ import annotations

from collections import Counter

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped


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


EXPECTED = {
    "cosmetics_marts.fct_orders": lambda world: world.orders,
    "cosmetics_marts.agg_sales_hourly": lambda world: sales_hourly(world.events, world.orders),
    "cosmetics_marts.agg_sales_daily": lambda world: sales_daily(world.events, world.orders),
}
