"""How brands, categories and products do, by day and by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped
from ecommerce_assets_tests.integration.dbt.reference.order_lines import order_lines
from ecommerce_assets_tests.integration.dbt.reference.world import World

UNKNOWN = "(unknown)"


def figures(own: list[Event], lines: list[Row]) -> Row:
    """What is counted of a member in a period."""
    users = {
        kind: {e.user for e in own if e.type == kind}
        for kind in ("view", "cart", "remove_from_cart", "purchase")
    }
    viewed = [e.price for e in own if e.type == "view" and e.price > 0]
    prices = [line["price"] for line in lines]
    gross = sum((p for p in prices if p > 0), ZERO)
    return {
        "events": len(own),
        "view_events": sum(e.type == "view" for e in own),
        "cart_events": sum(e.type == "cart" for e in own),
        "remove_events": sum(e.type == "remove_from_cart" for e in own),
        "purchase_events": sum(e.type == "purchase" for e in own),
        "users": len(set().union(*users.values())),
        "viewers": len(users["view"]),
        "carters": len(users["cart"]),
        "buyers": len(users["purchase"]),
        "orders_proxy": len({line["order_proxy_key"] for line in lines}),
        "units": sum(p > 0 for p in prices),
        "gross_sales": gross,
        "adjustment_value": sum((p for p in prices if p < 0), ZERO),
        "share_num": gross,
        "sold_price_num": gross,
        "sold_price_den": sum(p > 0 for p in prices),
        "viewed_price_num": sum(viewed, ZERO),
        "viewed_price_den": len(viewed),
        "view_to_cart_num": len(users["view"] & users["cart"]),
        "view_to_cart_den": len(users["view"]),
        "cart_to_purchase_num": len(users["cart"] & users["purchase"]),
        "cart_to_purchase_den": len(users["cart"]),
        "view_to_purchase_num": len(users["view"] & users["purchase"]),
        "view_to_purchase_den": len(users["view"]),
    }


def performance(
    world: World,
    *,
    member: str,
    daily: bool,
    named: Callable[[Any, list[Event]], Row],
) -> list[Row]:
    """Figures per period and member (a field of the event); `named` gives a member's columns.

    Names are those of the month, from all events of the member in it.
    """
    lines_by = grouped(
        zip((e for e in world.events if e.type == "purchase"), order_lines(world), strict=True),
        lambda pair: (pair[0].at.date() if daily else pair[0].month, getattr(pair[0], member)),
    )
    of_month = grouped(world.events, lambda e: (e.month, getattr(e, member)))
    rows = []
    periods = grouped(world.events, lambda e: e.at.date() if daily else e.month)
    for period, events in periods.items():
        found = []
        for value, own in grouped(events, lambda e: getattr(e, member)).items():
            lines = [line for _, line in lines_by[period, value]]
            found.append(
                {
                    "event_month": own[0].month,
                    **({"event_date": period} if daily else {}),
                    **named(value, of_month[own[0].month, value]),
                    **figures(own, lines),
                }
            )
        total = sum((row["gross_sales"] for row in found), ZERO)
        known = [row["gross_sales"] for row in found if not row.get("is_unknown")]
        for row in found:
            row["share_den"] = total
            above = 1 + sum(sales > row["gross_sales"] for sales in known)
            row["sales_rank"] = None if row.get("is_unknown") else above
        rows += found
    return rows


def brand(value: str | None, _: list[Event]) -> Row:
    """A brand's own columns."""
    return {"brand": value or UNKNOWN, "is_unknown": value is None}


def category(value: int, events: list[Event]) -> Row:
    """A category's own columns."""
    code = min((e.code for e in events if e.code), default=None)
    levels = [*(code.split(".") if code else [UNKNOWN]), None, None, None]
    return {
        "category_id": value,
        "category_code": code or UNKNOWN,
        "category_level_1": levels[0],
        "category_level_2": levels[1],
        "category_level_3": levels[2],
        "is_code_known": code is not None,
    }


def product(value: int, events: list[Event]) -> Row:
    """A product's own columns."""
    prices = [e.price for e in events if e.price > 0]
    brands = {e.brand for e in events} - {None}
    categories = {e.category for e in events}
    return {
        "product_id": value,
        "category_id": min(categories),
        "category_code": min((e.code for e in events if e.code), default=UNKNOWN),
        "brand": min((b for b in brands if b), default=UNKNOWN),
        "n_categories": len(categories),
        "n_brands": len(brands),
        "lowest_price": min(prices, default=None),
        "highest_price": max(prices, default=None),
    }


EXPECTED = {
    "cosmetics_marts.agg_brand_daily": lambda world: performance(
        world, member="brand", daily=True, named=brand
    ),
    "cosmetics_marts.agg_brand_monthly": lambda world: performance(
        world, member="brand", daily=False, named=brand
    ),
    "cosmetics_marts.agg_category_daily": lambda world: performance(
        world, member="category", daily=True, named=category
    ),
    "cosmetics_marts.agg_category_monthly": lambda world: performance(
        world, member="category", daily=False, named=category
    ),
    "cosmetics_marts.agg_product_monthly": lambda world: performance(
        world, member="product", daily=False, named=product
    ),
}
