"""Builders of event files and lakes, and readers of what a load made of them.

Everything here is plain Python: a test's expectation never comes from the code under test.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery, IngestResult, ingest_slice
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import Month, Slice

MONTH = date(2019, 10, 1)
NAME = "2019-Oct.csv"
COLUMNS = (
    "event_time",
    "event_type",
    "product_id",
    "category_id",
    "category_code",
    "brand",
    "price",
    "user_id",
    "user_session",
)
HEADER = ",".join(COLUMNS)
EVENTS = load_contract("cosmetics", "events")
#: The words that stand for "not known" in the texts of every contract of ours.
NULL_WORDS = ("NaN", "nan", "NULL", "null", "None", "NA", "N/A", "#N/A", "<NA>", "(null)", "\\N")
NULL_WORDS += ("-",)
PARQUET = f"cosmetics/events/event_month={MONTH}/events.parquet"
DOMAIN_FOLDERS = Path(sys.modules[load_contract.__module__].__file__ or "").parents[2] / "domains"


def row(number: int, **changes: str) -> dict[str, str]:
    """A good row as texts by column; every value depends on `number`."""
    at = datetime(2019, 10, 1) + timedelta(seconds=number % 2_600_000)
    values = {
        "event_time": f"{at:%Y-%m-%d %H:%M:%S} UTC",
        "event_type": ("view", "cart", "remove_from_cart", "purchase")[number % 4],
        "product_id": str(5_000_000 + number),
        "category_id": str(1_487_580_005_134_238_553 + number),
        "category_code": "" if number % 3 else "appliances.environment",
        "brand": "" if number % 2 else "runail",
        "price": f"{number % 300}.{number % 100:02d}",
        "user_id": str(400_000_000 + number),
        "user_session": f"26dd6e6e-4dac-4778-8d2c-{number:012x}",
    }
    return values | changes


def line(number: int, **changes: str) -> str:
    """A good row as a line without its end."""
    return ",".join(row(number, **changes).values())


def lines(count: int) -> list[str]:
    """The first `count` good lines."""
    return [line(number) for number in range(count)]


def csv(body: list[str], header: str = HEADER, end: str = "\n") -> bytes:
    """A file of a header and lines, each with its end."""
    return "".join(text + end for text in [header, *body]).encode()


def pack(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def deliver(folder: Path, data: bytes, name: str = NAME) -> Delivery:
    """A delivered file on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return Delivery(path, name, "v1", hashlib.sha256(data).hexdigest())


def lake_at(folder: Path) -> Lake:
    """A lake on local disk."""
    return Lake((folder / "lake").as_uri())


def load(
    folder: Path, data: bytes, *, name: str = NAME, contract: TableContract = EVENTS, **how: Any
) -> IngestResult:
    """Load a file as October into the lake of a test's folder."""
    return ingest_slice(
        Slice(lake_at(folder), contract, Month(how.pop("month", MONTH))),
        deliver(folder, data, name),
        **how,
    )


def published(folder: Path, month: date = MONTH) -> list[dict[str, Any]]:
    """The rows of the month's published Parquet, in its order."""
    path = folder / "lake" / PARQUET.replace(str(MONTH), str(month))
    return pq.ParquetFile(path).read().to_pylist()  # type: ignore[no-any-return]


def quarantined(folder: Path, result: IngestResult, month: date = MONTH) -> list[dict[str, Any]]:
    """The quarantined rows of a load, by line."""
    kept = Quarantine(Slice(lake_at(folder), EVENTS, Month(month))).read(result.load_key)
    return kept.to_pylist()  # type: ignore[no-any-return]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lake_files(folder: Path) -> dict[str, bytes]:
    """Every file in the lake of a test's folder; staging's leftovers would show, too."""
    return files_in(folder / "lake")


def left_in_staging(folder: Path) -> list[str]:
    """What lies in the lake's staging folder."""
    staging = folder / "lake" / ".staging"
    return sorted(path.name for path in staging.iterdir()) if staging.exists() else []


def changed_contract(folder: Path, *changes: tuple[str, str]) -> TableContract:
    """The contract of events with texts in its file replaced."""
    source = DOMAIN_FOLDERS / "cosmetics" / "contracts" / "events.odcs.yaml"
    text = source.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    target = folder / "contracts" / "events.odcs.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return load_contract("cosmetics", "events", folder=folder / "contracts")


def start_python(script: str, *arguments: str | Path, stdin: bool = False) -> subprocess.Popen[str]:
    """Another Python process with a script of the test's own, which may wait for its input."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE if stdin else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """What a process printed, once it has ended well."""
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err
    return out


def reason_codes(found: list[dict[str, Any]]) -> list[list[str]]:
    """The reasons of quarantined rows."""
    return [kept["reasons"] for kept in found]
