"""A slice's delivered file to typed Parquet in the lake, with every row accounted for.

Belongs here: the order of the steps: inflate and count, one COPY that types the rows and keeps the
good ones, the bad ones to quarantine with their reasons, the balance. Stays out: what a good row is
(`lib/contracts/rules.py`), the SQL (`judge.py`), the forms of deliveries (`readers/`), publishing
the slice (`lib/lake/publication.py`), files that hold all months (`whole_file.py`), when it runs
(`defs/`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import ConservationBroken, NotADataFile
from ecommerce_assets.lib.ingest.judge import Judge
from ecommerce_assets.lib.ingest.readers.opened import open_rows
from ecommerce_assets.lib.ingest.readers.protocol import Rows
from ecommerce_assets.lib.ingest.refusals import (
    JudgedFile,
    refuse_nothing_accepted,
    refuse_unreadable,
)
from ecommerce_assets.lib.ingest.text import Progress
from ecommerce_assets.lib.lake import changes, seal
from ecommerce_assets.lib.lake.changes import Changes
from ecommerce_assets.lib.lake.publication import publish_slice
from ecommerce_assets.lib.lake.quarantine import BadRows, Quarantine, bad_row_batches
from ecommerce_assets.lib.lake.slices import KEY, KIND, Key, Month, Offsets, Slice

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ecommerce_assets.lib.lake.ledger import LedgerRow

#: Part of every load's key: raise it when the same file would become other Parquet.
INGEST_VERSION = 3


@dataclass(frozen=True)
class Delivery:
    """What a source delivered: a file that lies in the lake as it came, or columns in memory."""

    data: Path | pa.Table
    name: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """The file.

        Raises:
            TypeError: it is in memory.
        """
        if not isinstance(self.data, Path):
            raise TypeError(f"{self.name} is not a file")
        return self.data


@dataclass
class IngestResult:
    """What a load did: `rows_received = rows_accepted + rows_quarantined + blank_lines`.

    `changes` is None only for a slice that was published before loads said what they changed.
    `null_words` counts, by `column:word`, the accepted rows in which a word such as `NaN` became
    null.
    """

    load_key: str
    unchanged: bool
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    blank_lines: int
    reasons: dict[str, int] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    lake_bytes: int = 0
    changes: Changes | None = None
    null_words: dict[str, int] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """Names the published rows and their order; see `changes.content_of`."""
        return self.changes.content_key if self.changes else f"load-{self.load_key}"


def load_key(contract: TableContract, key: Key, sha256: str) -> str:
    """Names one outcome: the same file, slice, contract and code give the same key."""
    text = f"{INGEST_VERSION}:{contract.fingerprint}:{key.text}:{sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def connect(memory_limit: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with a memory limit, UTC, and its spill folder in `folder`."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": memory_limit})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")  # the lake keeps the file's order
    connection.execute("set enable_progress_bar = false")  # it would print into the caller's output
    connection.execute(f"set temp_directory = {rules.quote_text(str(folder / 'spill'))}")
    return connection


def ingest_slice(
    slice_: Slice,
    delivery: Delivery,
    *,
    run_id: str | None = None,
    memory_limit: str = "1000MB",
    max_bytes: int = 20_000_000_000,
    force: bool = False,
    accept_worse: bool = False,
    progress: Progress | None = None,
) -> IngestResult:
    """Load a slice's own file into the lake.

    The published Parquet holds the contract's columns in the file's order, and in its footer the
    figures of the load, so that a reader needs no second file to know what it looks at.

    Args:
        slice_: what is loaded; rows outside a month go to quarantine.
        delivery: the file.
        run_id: kept with quarantined rows.
        memory_limit: DuckDB's.
        max_bytes: a file that inflates to more is refused.
        force: load even when the same file is published under the same contract.
        accept_worse: let a file replace the slice that is worse than what is published.
        progress: called with bytes inflated and bytes in all.

    Raises:
        NotADataFile: the file is not a data file, another month's, or too much of it is unreadable.
        WorseDelivery: the published slice is better.
        ContractBroken: its header lacks columns or, where the contract says so, has unknown ones.
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    key = load_key(slice_.contract, slice_.key, delivery.sha256)
    published = None if force else as_published(slice_, key)
    if published:
        return published
    with (
        slice_.lake.staging() as folder,
        connect(memory_limit, folder) as db,
        open_rows(
            slice_.contract,
            delivery.data,
            delivery.name,
            db,
            folder,
            max_bytes=max_bytes,
            progress=progress,
        ) as rows,
    ):
        slice_ = replace(slice_, contract=rows.contract)
        target = folder / "accepted.parquet"
        result, bad = _judge(slice_, delivery, key, rows, db, target)
        constant = {
            "file_name": delivery.name,
            "source_sha256": delivery.sha256,
            "run_id": run_id or "",
        }
        batches = bad_row_batches(bad, rows, constant)
        publish_slice(slice_, db, target, batches, result, accept_worse=accept_worse)
    return result


def as_published(slice_: Slice, key: str) -> IngestResult | None:
    """What is published of a slice, if it is the outcome of the load with this very key."""
    quarantine = Quarantine(slice_)
    if not (slice_.is_published and slice_.lake.exists(quarantine.key(key))):
        return None
    if seal.damage_of(slice_):
        return None
    with slice_.alone():
        published = published_info(slice_)
        if published.load_key != key:
            return None
        quarantine.remove_superseded(key)
    return published


def _judge(
    slice_: Slice,
    delivery: Delivery,
    key: str,
    rows: Rows,
    db: duckdb.DuckDBPyConnection,
    target: Path,
) -> tuple[IngestResult, BadRows]:
    """Write the accepted rows to `target`; gives the figures and the other rows.

    Raises:
        NotADataFile: the file is another month's.
        ConservationBroken: the rows do not add up.
    """
    judge = Judge(rows, slice_.span, db)
    received, blank = rows.received, rows.blank
    footer = footer_of(slice_, delivery, key, figures_of(rows))
    accepted = judge.copy_accepted(target, footer, numbered=not slice_.lake.is_local)
    bad = judge.find_bad() if accepted + blank < received else BadRows()
    refuse_imbalance(delivery.name, rows, accepted, bad)
    result = IngestResult(
        load_key=key,
        unchanged=False,
        rows_received=received,
        rows_accepted=accepted,
        rows_quarantined=len(bad),
        blank_lines=blank,
        reasons=bad.count_by_reason(),
        unknown_columns=rows.unknown,
        null_words=dict(sorted(judge.null_words.items())),
    )
    file = JudgedFile(rows, accepted, target, bad)
    # What is bad of a stream is in quarantine: it cannot be delivered again, and has to go on.
    if not isinstance(slice_.key, Offsets):
        refuse_unreadable(db, file)
    if isinstance(slice_.key, Month):
        _refuse_other_month(slice_, delivery.name, result)
        refuse_nothing_accepted(file)
    return result, bad


def refuse_imbalance(name: str, rows: Rows, accepted: int, bad: BadRows) -> None:
    """Refuse a delivery of which rows were lost or invented while it was judged.

    Raises:
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    if accepted + len(bad) + rows.blank != rows.received:
        raise ConservationBroken(
            f"{name}: {rows.received:,} rows received, but {accepted:,} accepted, "
            f"{len(bad):,} quarantined and {rows.blank:,} blank",
            "nothing was published; please report the first rows of it as a defect",
        )


def figures_of(rows: Rows) -> dict[str, str]:
    """What a delivery says of itself, as entries of a footer."""
    return {
        "rows_received": str(rows.received),
        "blank_lines": str(rows.blank),
        "header": json.dumps(rows.header),
        "unknown_columns": json.dumps(rows.unknown),
        **rows.form,
    }


def footer_of(
    slice_: Slice, delivery: Delivery, key: str, figures: dict[str, str]
) -> dict[str, str]:
    """What the Parquet's footer says of its load; accepted rows are the footer's own count."""
    contract, own = slice_.contract, slice_.key
    return {
        **({} if isinstance(own, Month) else {KIND: own.kind, KEY: own.text}),
        "load_key": key,
        "source_name": delivery.name,
        "source_version": delivery.version,
        "source_sha256": delivery.sha256,
        "contract_version": contract.version,
        "contract_fingerprint": contract.fingerprint,
        **figures,
        changes.ENTRY: changes.placeholder(),
        seal.ENTRY: seal.placeholder(),
    }


def fill_ledger_row(row: LedgerRow, result: IngestResult) -> None:
    """Write a load's figures into its ledger row."""
    row.load_key, row.lake_bytes = result.load_key, result.lake_bytes
    row.rows_received, row.rows_accepted = result.rows_received, result.rows_accepted
    row.rows_quarantined, row.blank_lines = result.rows_quarantined, result.blank_lines
    row.reasons, row.unknown_columns = result.reasons, result.unknown_columns
    row.null_words = result.null_words
    if result.changes:
        row.rows_added, row.rows_removed = result.changes.added, result.changes.removed
        row.rows_altered, row.change = result.changes.altered, result.changes.kind


def published_info(slice_: Slice) -> IngestResult:
    """What a slice's published Parquet says of its load.

    Raises:
        FileNotFoundError: the slice is not published.
    """
    footer, accepted = slice_.footer()
    received, blank = int(footer["rows_received"]), int(footer["blank_lines"])
    quarantined = received - blank - accepted
    quarantine, reasons = Quarantine(slice_), dict[str, int]()
    if quarantined:
        rows = quarantine.read(footer["load_key"])
        reasons = dict(sorted(Counter(r for c in rows["reasons"].to_pylist() for r in c).items()))
    return IngestResult(
        load_key=footer["load_key"],
        unchanged=True,
        rows_received=received,
        rows_accepted=accepted,
        rows_quarantined=quarantined,
        blank_lines=blank,
        reasons=reasons,
        unknown_columns=json.loads(footer["unknown_columns"]),
        lake_bytes=slice_.lake.size(slice_.parquet),
        changes=changes.read_changes(footer),
        null_words=quarantine.read_null_words(footer["load_key"]),
    )


def _refuse_other_month(slice_: Slice, name: str, result: IngestResult) -> None:
    contract, words = slice_.contract, slice_.key.words
    outside = result.reasons.get(f"outside_month:{contract.month_column}", 0)
    rows = result.rows_received - result.blank_lines
    if outside > contract.max_share_outside_month * rows:
        raise NotADataFile(
            f"{name} is another month's file: {outside:,} of its {rows:,} rows lie outside {words}",
            f"deliver the file of {words}, or rename this one after its own month",
        )
