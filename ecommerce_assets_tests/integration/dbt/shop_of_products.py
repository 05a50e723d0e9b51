"""Hand-made events for the marts of products: baskets, pairs, brands and category codes.

Belongs here: cases at the edge of a rule of these marts, few of each. Keep out what they should
give: that is `reference`.
"""

from __future__ import annotations

from decimal import Decimal

from ecommerce_assets_tests.integration.dbt.lake import Event, at

VACUUM, GLOVE, DEEP = 1487580007675986893, 1487580013841613016, 1602943681873052386


def product_events() -> list[Event]:
    """One group of events for each rule."""
    events: list[Event] = []

    def bought(session: str | None, user: int, when: str, *products: int) -> None:
        events.extend(
            Event(at(when), "purchase", p, user, session, Decimal("3.30")) for p in products
        )

    # Bought together in three baskets of two months: kept. In two baskets: not kept.
    bought("pair_1", 40, "2019-10-03 10:00:00", 501, 502)
    bought("pair_2", 41, "2019-10-04 10:00:00", 501, 502, 503)
    bought("pair_3", 42, "2019-12-04 10:00:00", 502, 501, 502, 503)
    # 504 is never bought without 505: its confidence is 1 and it has no conviction.
    for number, day in enumerate(("2019-10-07", "2019-10-08", "2019-11-09")):
        bought(f"always_{number}", 43 + number, f"{day} 12:00:00", 504, 505)
    bought("without", 46, "2019-11-10 12:00:00", 505, 501)
    # A basket over the month's end is one of the month it began in.
    bought("over_night", 47, "2019-10-31 23:58:00", 501)
    bought("over_night", 47, "2019-11-01 00:03:00", 502)
    # More than a hundred products: no basket of affinity. Without session: two single ones.
    bought("reseller", 48, "2019-12-10 09:00:00", *range(501, 602))
    bought(None, 49, "2019-12-10 09:00:00", 501, 502)
    # Equal rows without session are an order each, and one of them a repeat.
    bought(None, 50, "2019-12-11 09:00:00", 501, 501)
    # One source session cut in two: two baskets.
    bought("came_back", 51, "2019-11-20 09:00:00", 501, 503)
    bought("came_back", 51, "2019-11-22 09:00:00", 502, 504)
    # Codes: on some rows of a category, two, three and four levels deep, and two of one category.
    noon = at("2019-11-12 12:00:00")
    one = Decimal("1.10")
    coded = [
        (601, VACUUM, "appliances.environment.vacuum", None),
        (601, VACUUM, None, "philips"),
        (602, VACUUM, None, None),
        (603, GLOVE, "apparel.glove", "glove"),
        (604, DEEP, "a.b.c.d", "x"),
        (604, DEEP, "a.b.other", "y"),
        # A product changes its brand and its category.
        (605, GLOVE, None, "runail"),
        (605, VACUUM, None, "irisk"),
    ]
    for product, category, code, brand in coded:
        events.append(Event(noon, "view", product, 52, "codes", one, category, code, brand))
    # One user does all three with a brand, in the wrong order; prices of 0 are not looked at.
    for kind, price in (("purchase", "2.00"), ("cart", "2.00"), ("view", "0.00")):
        events.append(Event(noon, kind, 606, 53, "steps", Decimal(price), brand="concept"))
    # More removes than carts leave a net cart of nothing, not less; a repeated remove still counts.
    for kind in ("cart", "remove_from_cart", "remove_from_cart", "remove_from_cart"):
        events.append(Event(noon, kind, 607, 54, "removes", one, brand="concept"))
    return events
