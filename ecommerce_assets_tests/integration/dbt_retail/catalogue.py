"""Offers of another shop beside the tests' own lines, and the price position computed in Python.

Belongs here: the raw catalogue and its reference. Stays out: the invoices (`shop.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets_tests.integration.dbt_retail.reference import World

Row = dict[str, object]
READ = [datetime(2025, 3, 2, 9, tzinfo=UTC), datetime(2025, 4, 1, 0, tzinfo=UTC)]
#: sku, product id, price, currency; the codes are those of the edge lines.
OFFERS = [
    ("40001", None, "1.2500", "gbp"),
    (None, "40002 ", "0.5000", "GBP"),
    ("40003", "other", "99.0000", "GBP"),
    ("40001", None, "1.2500", "EUR"),
    ("40001", None, None, "GBP"),
    ("40001", None, "0.0000", "GBP"),
    ("no such item", None, "3.0000", "GBP"),
    (None, None, "3.0000", "GBP"),
]


def write(database: Path) -> None:
    """The raw table with the offers of two readings."""
    columns = {c.name: c.duckdb_type for c in load_contract("retail", "catalogue").columns}
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema if not exists retail_raw")
        connection.execute(
            f"create or replace table retail_raw.catalogue ({typed}, source_row_no bigint)"
        )
        for at in READ:
            for place, (sku, number, price, currency) in enumerate(OFFERS):
                connection.execute(
                    "insert into retail_raw.catalogue by name select ? as url, ? as sku, "
                    "? as product_id, ? as price, ? as currency, 'shop.example' as shop, "
                    "? as fetched_at, ? as source_row_no",
                    [f"https://shop.example/{place}", sku, number, price, currency, at, place],
                )


def positions(world: World) -> list[Row]:
    """The rows of `mart_retail_price_position`."""
    found = []
    for at in READ:
        for place, (sku, number, price, currency) in enumerate(OFFERS):
            given = sku or number
            code = given.strip().upper() if given else None
            sales = [x for x in world.lines if x["stock_code"] == code and x["is_revenue_line"]]
            day = max((x["invoice_date"] for x in sales), default=None)
            own = max((x["unit_price"] for x in sales if x["invoice_date"] == day), default=None)
            offer = Decimal(price) if price else None
            comparable = bool(offer and own) and currency.upper() == "GBP"
            position = "not comparable"
            if comparable and own is not None and offer is not None:
                cheaper = "own is cheaper" if own < offer else "own is dearer"
                position = "same" if own == offer else cheaper
            found.append(
                {
                    "event_month": at.replace(day=1, hour=0),
                    "shop": "shop.example",
                    "url": f"https://shop.example/{place}",
                    "source_row_no": place,
                    "fetched_date": at.date(),
                    "offer_code": code,
                    "product_name": None,
                    "price": offer,
                    "currency": currency.upper(),
                    "availability": None,
                    "is_own_item": day is not None,
                    "own_price_date": day,
                    "own_price": own,
                    "is_comparable": comparable,
                    "difference_num": own - offer if comparable and own and offer else None,
                    "difference_den": offer if comparable else None,
                    "price_position": position,
                }
            )
    return found
