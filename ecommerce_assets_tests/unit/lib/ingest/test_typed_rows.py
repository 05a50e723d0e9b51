"""Typed columns reach the lake as they are where types agree, else as text under the rules."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import ContractBroken, NotADataFile
from ecommerce_assets.lib.ingest.month_file import IngestResult
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import JANUARY, held_of, load_file, orders, rows_of

ROWS = 40
NOON = datetime(2024, 1, 5, 12, 30, 0, 250_000)


def columns(**changed: pa.Array) -> dict[str, pa.Array]:
    """Good columns in the types that a database would give them."""
    known = {
        "id": pa.array(range(1, ROWS + 1), pa.int32()),
        "customer": pa.array([None if n % 3 else f"c{n}" for n in range(ROWS)], pa.string()),
        "note": pa.array([f"note {n}" for n in range(ROWS)], pa.large_string()),
        "total": pa.array([Decimal(n) / 4 for n in range(ROWS)], pa.decimal128(10, 2)),
        "pieces": pa.array([n % 7 for n in range(ROWS)], pa.int64()),
        "placed_at": pa.array([NOON] * ROWS, pa.timestamp("us")),
    }
    return known | changed


def of(column: pa.Array, *values: Any) -> pa.Array:
    """A column with other values at its end."""
    kept = column.to_pylist()[: len(column) - len(values)]
    return pa.array([*kept, *values], column.type)


def load(
    folder: Path, contract: TableContract, changed: dict[str, pa.Array], **how: Any
) -> IngestResult:
    """Load columns as the Parquet file that a source made of them."""
    made = folder / "made.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns(**changed)), made, row_group_size=7)
    return load_file(folder, made.read_bytes(), contract, name="2024-Jan.parquet", **how)


@pytest.fixture
def contract(tmp_path: Path) -> TableContract:
    return orders(tmp_path, form="csv")


def test_types_that_agree_are_taken_as_they_are(tmp_path: Path, contract: TableContract) -> None:
    texts = ["two\nlines", "a\\nb", "", "NaN", None, 'quo"ted, and\ttabbed \r\n', "ünï £"]
    notes = ["", "\n", "\\n", "null", " ", '""', "\\"]
    plain = columns()
    result = load(
        tmp_path,
        contract,
        {"customer": of(plain["customer"], *texts), "note": of(plain["note"], *notes)},
    )
    assert (result.rows_received, result.rows_accepted) == (ROWS, ROWS)
    found = rows_of(tmp_path, contract)
    assert [row["order_id"] for row in found] == list(range(1, ROWS + 1))
    assert [row["total"] for row in found] == [Decimal(n) / 4 for n in range(ROWS)]
    assert {row["placed_at"] for row in found} == {NOON.replace(tzinfo=UTC)}
    kept = [None if text == "NaN" else text for text in texts]  # the contract's word
    assert [row["customer"] for row in found[-7:]] == kept
    assert [row["note"] for row in found[-7:]] == notes
    assert result.null_words == {"customer:NaN": 1}


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("id", pa.array([0, 7], pa.int8()), "below_minimum:order_id"),
        ("id", pa.array([None, 7], pa.int16()), "missing:order_id"),
        ("id", pa.array([2**63, 5], pa.uint64()), "not_an_integer:order_id"),
        ("id", pa.array(["05", "5"]), "not_an_integer:order_id"),
        ("id", pa.array([3.0]), "not_an_integer:order_id"),
        ("total", pa.array([Decimal("1.23456"), Decimal("2.50000")]), "not_a_decimal:total"),
        ("total", pa.array([Decimal(10**30), Decimal(2)]), "not_a_decimal:total"),
        ("total", pa.array([10**9, 5], pa.int64()), "not_a_decimal:total"),
        ("total", pa.array([1e-7, 2.5]), "not_a_decimal:total"),
        ("total", pa.array([float("nan"), 2.5]), "not_a_decimal:total"),
        ("total", pa.array(["12,5", "12.5"]), "not_a_decimal:total"),
        ("placed_at", pa.array(["now", "2024-01-05T12:30:00"]), "not_a_time:placed_at"),
        ("placed_at", pa.array([5], pa.int64()), "not_a_time:placed_at"),
        ("placed_at", pa.array([date(2024, 2, 1), date(2024, 1, 31)]), "outside_month:placed_at"),
        ("note", pa.array([None, ""]), "missing:note"),
    ],
)
def test_a_value_that_is_not_the_contract_s_is_refused_whatever_its_type(
    tmp_path: Path, column: str, values: pa.Array, reason: str
) -> None:
    """The first value is refused, and the second one is kept, where there is one."""
    contract = orders(tmp_path, form="csv")
    few = {name: array.slice(0, len(values)) for name, array in columns().items()}
    made = tmp_path / "made.parquet"
    pq.write_table(pa.table(few | {column: values}), made)
    if len(values) == 1:
        with pytest.raises(NotADataFile, match=f"{reason}: 1"):
            load_file(tmp_path, made.read_bytes(), contract, name="2024-Jan.parquet")
        return
    result = load_file(tmp_path, made.read_bytes(), contract, name="2024-Jan.parquet")
    assert (result.rows_accepted, result.reasons) == (1, {reason: 1})
    (held,) = held_of(tmp_path, contract)
    assert (held["line"], held["accepted_before"]) == (1, 0)


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (pa.array([NOON], pa.timestamp("us", "UTC")), NOON.replace(tzinfo=UTC)),
        (pa.array([NOON], pa.timestamp("ms", "Asia/Tokyo")), NOON.replace(tzinfo=UTC)),
        (pa.array([NOON], pa.timestamp("ns")), NOON.replace(tzinfo=ZoneInfo("Europe/Berlin"))),
        (pa.array([NOON.replace(microsecond=0)], pa.timestamp("s")), None),
        (pa.array([NOON.date()], pa.date32()), datetime(2024, 1, 4, 23, tzinfo=UTC)),
    ],
)
def test_a_clock_s_time_becomes_an_instant_by_the_contract_and_an_instant_stays_one(
    tmp_path: Path, array: pa.Array, wanted: datetime | None
) -> None:
    contract = orders(tmp_path, form="csv", zone="Europe/Berlin")
    load(tmp_path, contract, {"placed_at": pa.array(array.to_pylist() * ROWS, array.type)})
    (found,) = {row["placed_at"] for row in rows_of(tmp_path, contract)}
    assert found == (wanted or datetime(2024, 1, 5, 11, 30, tzinfo=UTC))


def test_a_time_that_no_instant_is_goes_to_quarantine(tmp_path: Path) -> None:
    march = Month(date(2024, 3, 1))
    skipped = datetime(2024, 3, 31, 2, 30)  # the clock goes from 2 to 3 that night
    finer = np.datetime64("2024-03-05T12:30:00.000000001", "ns")
    times = [np.datetime64("2024-03-05T12:30:00", "ns")] * (ROWS - 2)
    column = pa.array(np.array([*times, np.datetime64(skipped, "ns"), finer]))
    contract = orders(tmp_path, form="csv", zone="Europe/Berlin")
    load(tmp_path, contract, {"placed_at": column}, key=march)
    held = held_of(tmp_path, contract, march)
    assert [row["reasons"] for row in held] == [["not_a_time:placed_at"]] * 2
    said = [json.loads(row["raw_line"])["placed_at"] for row in held]
    assert said == ["2024-03-31 02:30:00", "2024-03-05 12:30:00.000000001"]


def test_a_value_that_its_type_cannot_hold_is_refused_with_its_text(
    tmp_path: Path, contract: TableContract
) -> None:
    plain, texts = columns(), ['{"placed_at":"infinity"}', '{"total":"NaN","id":"x"}']
    changed = {
        "placed_at": of(plain["placed_at"], None, NOON),
        "total": of(plain["total"], None),
        "id": of(plain["id"], None),
        "#unfit": pa.array([*[None] * (ROWS - 2), *texts], pa.string()),
    }
    result = load(tmp_path, contract, changed)
    assert (result.rows_accepted, result.unknown_columns) == (ROWS - 2, [])
    first, second = held_of(tmp_path, contract)
    assert first["reasons"] == ["not_a_time:placed_at"] and "infinity" in first["raw_line"]
    assert sorted(second["reasons"]) == ["not_a_decimal:total", "not_an_integer:order_id"]
    other = orders(tmp_path, form="csv", changes=[("minimum: 1", "minimum: 0")])
    done = replay(Slice(lake_at(tmp_path), other, JANUARY))
    assert done and (done.taken_back, done.still_quarantined) == (0, 2)
    assert [row["reasons"] for row in held_of(tmp_path, other)] == [
        first["reasons"],
        second["reasons"],
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"note": pa.array([b"x"] * ROWS)}, "the column note of the type BLOB"),
        ({"note": pa.array([[1]] * ROWS)}, r"the column note of the type BIGINT\[\]"),
        ({"note": pa.array([{"a": 1}] * ROWS)}, "the column note of the type STRUCT"),
    ],
)
def test_types_that_no_contract_holds_are_refused(
    tmp_path: Path, contract: TableContract, changed: dict[str, pa.Array], said: str
) -> None:
    with pytest.raises(ContractBroken, match=said):
        load(tmp_path, contract, changed)


def test_columns_are_matched_as_those_of_a_header(tmp_path: Path, contract: TableContract) -> None:
    made = tmp_path / "made.parquet"
    pq.write_table(pa.table(columns()).drop_columns(["note", "id"]), made)
    with pytest.raises(ContractBroken, match="lacks the columns id, note"):
        load_file(tmp_path, made.read_bytes(), contract, name="2024-Jan.parquet")
    more = {"colour": pa.array(["red"] * ROWS)}
    assert load(tmp_path, contract, more).unknown_columns == ["colour"]
    strict = orders(tmp_path, form="csv", changes=[("value: report", "value: refuse")])
    with pytest.raises(ContractBroken, match="does not know: colour"):
        load(tmp_path, strict, more)


def test_a_replay_ends_in_the_table_of_a_full_load(tmp_path: Path) -> None:
    plain = columns()
    changed = {
        "id": pa.array([n - 2 for n in range(ROWS)], pa.int32()),
        "note": of(plain["note"], "\n", "\\n", None, ""),
        "placed_at": pa.array([NOON + timedelta(microseconds=n) for n in range(ROWS)]),
        "total": pa.array([0.1 * n for n in range(ROWS)], pa.float64()),
    }
    more = "value: report}\n      - {property: maxShareUnreadable, value: 1.0}"
    old = [("value: report}", more)]
    new = [*old, ("minimum: 1", "minimum: -1"), ("decimal(12,4)", "decimal(12,4)")]
    replayed, whole = tmp_path / "replayed", tmp_path / "whole"
    load(replayed, orders(replayed, form="csv", changes=old), changed)
    learned = orders(replayed, form="csv", changes=new)
    done = replay(Slice(lake_at(replayed), learned, JANUARY))
    assert done and done.taken_back > 0 and done.still_quarantined > 0
    load(whole, orders(whole, form="csv", changes=new), changed)
    assert rows_of(replayed, learned) == rows_of(whole, learned)
    known = ("line", "accepted_before", "reasons", "raw_line")
    found, wanted = (
        [{name: held[name] for name in known} for held in held_of(folder, learned)]
        for folder in (replayed, whole)
    )
    assert found == wanted
