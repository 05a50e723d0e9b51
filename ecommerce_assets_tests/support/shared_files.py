"""Builders of files that hold all months, and what a load must make of one, said in plain Python.

Belongs here: lines of the electronics store and of the retail shop, loading a month out of such a
file, reading what came of it, and the verdict on a retail file, line by line, from a parser of its
own. Stays out: files of one month (`support/builders.py`, `support/judge.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.ingest.month_file import IngestResult
from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import NULL_WORDS, deliver, lake_at

PURCHASES = load_contract("electronics", "purchases")
INVOICES = load_contract("retail", "invoices_archive")
MONTHS = {
    PURCHASES.domain: Months(date(2020, 1, 1), date(2020, 11, 1)),
    INVOICES.domain: Months(date(2010, 12, 1), date(2011, 12, 1)),
}
JANUARY, MARCH, JUNE = date(2011, 1, 1), date(2011, 3, 1), date(2011, 6, 1)
APRIL, MAY = date(2020, 4, 1), date(2020, 5, 1)
PURCHASE_HEADER = ",".join(PURCHASES.column_names)
INVOICE_HEADER = ",".join(column.source_name for column in INVOICES.columns)
SENTINEL = "1970-01-01 00:33:40 UTC"
LONDON = ZoneInfo("Europe/London")


def purchase(number: int, month: date = APRIL, **changes: str) -> str:
    """A good line of the electronics store; every value depends on `number`."""
    at = datetime(month.year, month.month, 1) + timedelta(minutes=number)
    values = {
        "event_time": f"{at:%Y-%m-%d %H:%M:%S} UTC",
        "order_id": str(2_294_359_932_054_536_986 + number),
        "product_id": str(1_515_966_223_509_089_906 + number),
        "category_id": str(2_268_105_426_648_170_900),
        "category_code": "electronics.tablet",
        "brand": "samsung",
        "price": f"{number % 900}.{number % 100:02d}",
        "user_id": "" if number % 5 else str(1_515_915_625_441_993_984 + number),
    }
    return ",".join((values | changes).values())


def invoice(number: int, month: date = JANUARY, **changes: str) -> str:
    """A good line of the retail shop with no more quotes than it needs."""
    at = datetime(month.year, month.month, 2 + number % 25, 8 + number % 9, number % 60)
    texts = ("WHITE HANGING HEART", 'RECORD FRAME 7" SINGLE', "PINK, SMALL", " £1 BARGAIN ", "")
    values = {
        "InvoiceNo": f"{'C' if number % 9 == 0 else ''}{536_365 + number}",
        "StockCode": "85123A",
        "Description": texts[number % len(texts)],
        "Quantity": str(number - 3),
        "InvoiceDate": written(at),
        "UnitPrice": f"{number % 50}.{number % 1000:03d}",
        "CustomerID": "" if number % 4 == 0 else "17850",
        "Country": "United Kingdom",
    }
    return ",".join(map(quoted, (values | changes).values()))


def written(at: datetime) -> str:
    """A time as the retail shop writes it."""
    return f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02d}"


def quoted(value: str) -> str:
    """A value with quotes where it needs them."""
    if '"' in value or "," in value:
        return '"' + value.replace('"', '""') + '"'
    return value


def electronics_file(body: list[str], end: str = "\n") -> bytes:
    """A file of the electronics store."""
    return "".join(line + end for line in [PURCHASE_HEADER, *body]).encode()


def retail_file(body: list[str], end: str = "\n") -> bytes:
    """A file of the retail shop, in Windows-1252."""
    return "".join(line + end for line in [INVOICE_HEADER, *body]).encode("cp1252")


def load_part(
    folder: Path,
    data: bytes,
    month: date,
    contract: TableContract = INVOICES,
    *,
    name: str | None = None,
    months: Months | None = None,
    **how: Any,
) -> IngestResult:
    """Load one month out of a shared file into the lake of a test's folder."""
    name = name or ("kz.csv" if contract.domain == "electronics" else "data.csv")
    return ingest_part(
        Slice(lake_at(folder), contract, Month(month)),
        months or MONTHS[contract.domain],
        deliver(folder, data, name),
        **how,
    )


def rows_of(folder: Path, month: date, contract: TableContract = INVOICES) -> list[dict[str, Any]]:
    """The rows of a published month, in its order."""
    path = folder / "lake" / Slice(lake_at(folder), contract, Month(month)).parquet
    return pq.ParquetFile(path).read().to_pylist()  # type: ignore[no-any-return]


def held_of(folder: Path, month: date, contract: TableContract = INVOICES) -> list[dict[str, Any]]:
    """What lies in a month's quarantine, or in that of the rows without one, by line."""
    lake = lake_at(folder)
    home = folder / "lake" / Slice(lake, contract, Month(month)).quarantine
    tables = [pq.ParquetFile(path).read() for path in sorted(home.glob("*.parquet"))]
    return pa.concat_tables(tables).to_pylist() if tables else []


def changed_invoices(folder: Path, *changes: tuple[str, str]) -> TableContract:
    """The contract of the archive's invoices with texts in its file replaced."""
    source = Path(load_contract.__code__.co_filename).parents[2] / "domains/retail/contracts"
    text = (source / "invoices.odcs.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    target = folder / "contracts" / "invoices.odcs.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return load_contract("retail", "invoices_archive", folder=folder / "contracts")


# The verdict ------------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What must become of a file's lines; refused ones with line, values and accepted above."""

    received: int = 0
    blank: int = 0
    accepted: dict[date, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[date, list[tuple[int, list[str] | str, set[str], int]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def judge_invoices(data: bytes) -> Verdict:
    """The verdict on a retail file in Windows-1252 whose header is in order."""
    text = data.decode("cp1252").replace("\r\n", "\n")
    terminated = text.endswith("\n")
    _, *body = text.removesuffix("\n").split("\n")
    verdict, above = Verdict(received=len(body)), 0
    for number, line in enumerate(body, start=2):
        if not line:
            verdict.blank += 1
            continue
        values = unquoted(line)
        if number == len(body) + 1 and not terminated:
            reasons, month, row = {"cut_off_last_line"}, UNDATED, ()
        else:
            reasons, month, row = _judge_line(values)
        if reasons:
            before = above if month == UNDATED else len(verdict.accepted[month])
            kept = values if values and len(values) > 1 else line
            verdict.refused[month].append((number, kept, reasons, before))
        else:
            verdict.accepted[month].append(row)
            above += 1
    return verdict


def unquoted(line: str) -> list[str] | None:
    """The values of a line by RFC 4180, a quote amid an unquoted value being a character.

    None where a quote is not closed, or is followed by something else than a comma.
    """
    values, at = [], 0
    if not line:
        return []
    while True:
        if line[at : at + 1] == '"':
            found = re.compile(r'"((?:[^"]|"")*)"(?=,|$)').match(line, at)
            if not found:
                return None
            values.append(found[1].replace('""', '"'))
            at = found.end()
        else:
            end = line.find(",", at)
            end = len(line) if end < 0 else end
            values.append(line[at:end])
            at = end
        if at >= len(line):
            return values
        at += 1  # the comma


def _judge_line(values: list[str] | None) -> tuple[set[str], date, tuple[Any, ...]]:
    values = values if values else [""]
    if len(values) != 8:
        return {"too_many_columns" if len(values) > 8 else "missing_columns"}, UNDATED, ()
    invoice_no, code, text, quantity, at, price, customer, country = values
    required = {"invoice_no": invoice_no, "stock_code": code, "country": country}
    reasons = {
        f"missing:{name}" for name, value in required.items() if not value or value in NULL_WORDS
    }
    text, customer = ("" if value in NULL_WORDS else value for value in (text, customer))
    if not re.fullmatch(r"0|-?[1-9][0-9]*", quantity):
        reasons.add("missing:quantity" if not quantity else "not_an_integer:quantity")
    elif not -(2**63) <= int(quantity) < 2**63:
        reasons.add("not_an_integer:quantity")
    elif abs(int(quantity)) > 1_000_000_000:
        reasons.add(f"{'above_maximum' if int(quantity) > 0 else 'below_minimum'}:quantity")
    if not re.fullmatch(r"-?[0-9]{1,8}(\.[0-9]{1,4})?", price):
        reasons.add("missing:unit_price" if not price else "not_a_decimal:unit_price")
    instant, reason = _instant(at)
    reasons |= {reason} if reason else set()
    month = date(instant.year, instant.month, 1) if instant else UNDATED
    span = MONTHS["retail"]
    if not span.first <= month <= span.last:
        reasons |= {"outside_month:invoice_date"} if instant else set()
        month = UNDATED
    if reasons:
        return reasons, month, ()
    typed = (int(quantity), instant, Decimal(price).quantize(Decimal("0.0001")))
    return set(), month, (invoice_no, code, text or None, *typed, customer or None, country)


def _instant(text: str) -> tuple[datetime | None, str | None]:
    if not text:
        return None, "missing:invoice_date"
    found = re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4}) (\d\d?):(\d{2})", text.strip(" "))
    try:
        if not found:
            raise ValueError
        month, day, year, hour, minute = map(int, found.groups())
        # The hour that comes twice in autumn is taken for the later one, as DuckDB does.
        local = datetime(year, month, day, hour, minute, tzinfo=LONDON, fold=1)
    except ValueError:
        return None, "not_a_time:invoice_date"
    instant = local.astimezone(UTC)
    # Another spelling, and a time that the clock skips, are refused in the month that they mean.
    there = instant.astimezone(LONDON).replace(tzinfo=None)
    return instant, None if written(there) == text else "not_a_time:invoice_date"


def assert_split_right(folder: Path, data: bytes, months: list[date]) -> Verdict:
    """The lake agrees with the verdict in every row, value, line and reason of these months."""
    verdict = judge_invoices(data)
    for month in months:
        found = [tuple(row.values()) for row in rows_of(folder, month)]
        assert found == verdict.accepted[month], month
    for month in [*months, UNDATED]:
        kept, wanted = held_of(folder, month), verdict.refused[month]
        assert [q["line"] for q in kept] == [line for line, *_ in wanted], month
        for q, (_, values, reasons, before) in zip(kept, wanted, strict=True):
            raw = unquoted(q["raw_line"]) if isinstance(values, list) else q["raw_line"]
            assert raw == values, "the values, or the line itself where its quotes are wrong"
            assert set(q["reasons"]) == reasons, q
            assert q["accepted_before"] == before, q
    return verdict


def lake_keys(lake: Lake) -> list[str]:
    """Keys of all files in a lake, without its staging folder."""
    return [key for key in lake.keys_below(".") if not key.startswith("./.staging")]
