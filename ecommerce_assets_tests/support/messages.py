"""Messages of a made-up topic of orders, some of them broken, as a consumer hands them over.

Belongs here: making them, and loading a range of their offsets. Stays out: a broker.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import Delivery, IngestResult, ingest_slice
from ecommerce_assets.lib.lake.slices import Offsets, Slice
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import OF_MESSAGES, order, orders

TOPIC = "orders"
BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)
#: What is not an order, and the reason that it is refused for.
POISON: dict[str, bytes | None] = {
    "tombstone": None,
    "not_json": b"{not JSON",
    "not_an_object": b"[1]",
    "wrong_encoding": b'{"id": 5, "note": "\xff"}',
    "not_an_integer:order_id": json.dumps(order(1, id=1.5)).encode(),
    "below_minimum:order_id": json.dumps(order(1, id=0)).encode(),
    "missing:note": json.dumps(order(1, note=None)).encode(),
    "not_a_text:note": json.dumps(order(1, note=7)).encode(),
}
#: Every so many messages one is broken.
EVERY = 25


def value(offset: int) -> bytes | None:
    """The value of a message; it depends on the offset alone."""
    if offset % EVERY == EVERY - 1:
        kinds = list(POISON.values())
        return kinds[offset // EVERY % len(kinds)]
    return json.dumps(order(offset)).encode()


def messages(offsets: Sequence[int]) -> pa.Table:
    """The messages of some offsets."""
    return pa.table(
        {
            "$offset": pa.array(offsets, pa.int64()),
            "$timestamp": pa.array(
                [BEGAN + timedelta(milliseconds=offset) for offset in offsets],
                pa.timestamp("ms", "UTC"),
            ),
            "$key": [str(offset % 7) for offset in offsets],
            "$value": pa.array([value(offset) for offset in offsets], pa.binary()),
        }
    )


def contract_of(folder: Path, **how: Any) -> TableContract:
    """The contract of the topic."""
    return orders(folder, holds="a range of offsets", more=OF_MESSAGES, **how)


def delivery_of(key: Offsets, offsets: Sequence[int] | None = None) -> Delivery:
    """The messages of a range; `offsets` are those that are there, where some are not."""
    found = range(key.start, key.end) if offsets is None else offsets
    table = messages(list(found))
    sha256 = hashlib.sha256(repr(table.column("$value").to_pylist()).encode()).hexdigest()
    return Delivery(table, f"{key.topic}/{key.partition}", f"kafka:{key.text}", sha256)


def load_range(
    folder: Path, contract: TableContract, key: Offsets, offsets: Sequence[int] | None = None
) -> IngestResult:
    """Load a range into the lake of a test's folder."""
    return ingest_slice(Slice(lake_at(folder), contract, key), delivery_of(key, offsets))
