"""A made-up table of orders that comes in any form: its contract, and readers of what a load made.

Belongs here: what tests of JSON lines, typed rows, batches and ranges of offsets share. Stays out:
files of events (`support/builders.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.ingest.month_file import IngestResult, ingest_slice
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import Key, Month, Slice
from ecommerce_assets_tests.support.builders import deliver, lake_at

JANUARY = Month(date(2024, 1, 1))
_CONTRACT = """
apiVersion: v3.0.2
kind: DataContract
id: shop-orders
name: Orders of a shop
version: 1.0.0
status: active
domain: shop
servers:
  - {server: made-up, type: local, path: orders, format: FORM}
schema:
  - name: orders
    description: An order a row.
    customProperties:
      - {property: additionalColumns, value: report}
      - {property: fileHolds, value: HOLDS}
MONTH_COLUMN
      - {property: nullWords, value: ["NaN"]}
      - {property: changeKey, value: [order_id]}
    properties:
MORE_COLUMNS
      - name: order_id
        physicalType: int64
        required: true
        logicalTypeOptions: {minimum: 1}
        customProperties: [{property: sourceName, value: id}]
      - {name: customer, physicalType: string, required: false}
      - {name: note, physicalType: string, required: true}
      - {name: total, physicalType: "decimal(12,4)", required: true}
      - {name: pieces, physicalType: int64, required: false}
      - name: placed_at
        physicalType: timestamp
        required: true
        customProperties:
          - {property: sourceFormat, value: "%Y-%m-%dT%H:%M:%S%.f"}
          - {property: sourceTimeZone, value: ZONE}
"""
#: Columns of a message beside its value.
OF_MESSAGES = """
      - name: message_offset
        physicalType: int64
        required: true
        customProperties: [{property: sourceName, value: $offset}]
      - name: published_at
        physicalType: timestamp
        required: true
        customProperties:
          - {property: sourceName, value: $timestamp}
          - {property: sourceFormat, value: epoch microseconds}
"""


def orders(
    folder: Path,
    form: str = "json",
    holds: str = "one month",
    *,
    zone: str = "UTC",
    more: str = "",
    changes: Sequence[tuple[str, str]] = (),
) -> TableContract:
    """The contract of the orders.

    Args:
        folder: where its file is written.
        form: `json` or `csv`.
        holds: its `fileHolds`.
        zone: whose clock the times are of.
        more: declarations of columns in front of the others.
        changes: texts of the file that are replaced.
    """
    month = "      - {property: monthColumn, value: placed_at}" if "month" in holds else ""
    text = _CONTRACT.replace("FORM", form).replace("HOLDS", holds).replace("ZONE", zone)
    text = text.replace("MONTH_COLUMN", month).replace("MORE_COLUMNS", more)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "contracts" / "shop" / "orders.odcs.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return load_contract("shop", "orders", path.parent)


def order(number: int, **changes: Any) -> dict[str, Any]:
    """A good order; every value depends on `number`."""
    values = {
        "id": number + 1,
        "customer": None if number % 3 else f"c{number}",
        "note": f"note {number}",
        "total": number + 0.25,
        "pieces": number % 7,
        "placed_at": f"2024-01-{1 + number % 28:02d}T10:00:00",
    }
    return values | changes


def json_lines(rows: Sequence[dict[str, Any] | str]) -> bytes:
    """Rows, or lines as they are, a line each."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def load_file(
    folder: Path, data: bytes, contract: TableContract, key: Key = JANUARY, **how: Any
) -> IngestResult:
    """Load a file into the lake of a test's folder."""
    delivery = deliver(folder, data, how.pop("name", "2024-Jan.jsonl"))
    return ingest_slice(Slice(lake_at(folder), contract, key), delivery, **how)


def rows_of(folder: Path, contract: TableContract, key: Key = JANUARY) -> list[dict[str, Any]]:
    """The published rows of a slice, in their order."""
    path = folder / "lake" / Slice(lake_at(folder), contract, key).parquet
    found: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return found


def held_of(folder: Path, contract: TableContract, key: Key = JANUARY) -> list[dict[str, Any]]:
    """The quarantined rows of a slice, by line."""
    slice_ = Slice(lake_at(folder), contract, key)
    footer, _ = slice_.footer()
    found: list[dict[str, Any]] = Quarantine(slice_).read(footer["load_key"]).to_pylist()
    return found


def schema_of(folder: Path, contract: TableContract, key: Key = JANUARY) -> pa.Schema:
    """The columns and types of a published slice."""
    path = folder / "lake" / Slice(lake_at(folder), contract, key).parquet
    return pq.read_schema(path)
