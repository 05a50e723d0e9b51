"""A month's delivered file to typed Parquet in the lake, with every row accounted for.

Belongs here: the order of the steps: inflate and count, one COPY that types the rows and keeps the
good ones, the bad ones to quarantine with their reasons, the balance, publication. Stays out: what
a good row is (`rules.py`), what a data file is (`datafile.py`), when it runs (`defs/`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecommerce_assets.lib import rules
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.datafile import Progress, TextFile, open_text
from ecommerce_assets.lib.failures import ConservationBroken, NotADataFile
from ecommerce_assets.lib.header import cut_off_last_line, match_header
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.quarantine import (
    BadRows,
    Quarantine,
    bad_row_batches,
    lines_of_positions,
)

if TYPE_CHECKING:
    import duckdb

#: Part of every load's key: raise it when the same file would become other Parquet.
INGEST_VERSION = 1
#: Level 1 is faster than the default level 3 on these columns, and smaller.
PARQUET_OPTIONS = "compression zstd, compression_level 1"
#: Reason code of a last line that ends without a line feed and does not look whole.
CUT_OFF = "cut_off_last_line"


@dataclass(frozen=True)
class Delivery:
    """A source file that lies in the lake as it was delivered."""

    path: Path
    name: str
    version: str
    sha256: str


@dataclass
class IngestResult:
    """What a load did: `rows_received = rows_accepted + rows_quarantined + blank_lines`."""

    load_key: str
    unchanged: bool
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    blank_lines: int
    reasons: dict[str, int] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    lake_bytes: int = 0


def load_key(contract: TableContract, month: date, sha256: str) -> str:
    """Names one outcome: the same file, month, contract and code give the same key."""
    text = f"{INGEST_VERSION}:{contract.fingerprint}:{month}:{sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def connect(memory_limit: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with a memory limit, UTC, and its spill folder in `folder`."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": memory_limit})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would print into the caller's output
    connection.execute(f"set temp_directory = {rules.quote_text(str(folder / 'spill'))}")
    return connection


def ingest_month(
    contract: TableContract,
    month: date,
    delivery: Delivery,
    lake: Lake,
    *,
    run_id: str | None = None,
    memory_limit: str = "1000MB",
    max_bytes: int = 20_000_000_000,
    force: bool = False,
    progress: Progress | None = None,
) -> IngestResult:
    """Load one month's file into the lake.

    The published Parquet holds the contract's columns in the file's order, and in its footer the
    figures of the load, so that a reader needs no second file to know what it looks at.

    Args:
        contract: columns, types and rules.
        month: the partition; rows outside it go to quarantine.
        delivery: the file.
        lake: where to publish.
        run_id: kept with quarantined rows.
        memory_limit: DuckDB's.
        max_bytes: a file that inflates to more is refused.
        force: load even when the same file is published under the same contract.
        progress: called with bytes inflated and bytes in all.

    Raises:
        NotADataFile: the file is no data file, or another month's.
        ContractBroken: its header lacks columns or, where the contract says so, has unknown ones.
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    key = load_key(contract, month, delivery.sha256)
    parquet_key = lake.parquet_key(contract.domain, contract.table, month)
    quarantine = Quarantine(lake, contract, month)
    if not force and lake.exists(parquet_key) and lake.exists(quarantine.key(key)):
        with lake.alone(quarantine.folder):
            published = published_info(lake, contract, month)
            if published.load_key == key:
                quarantine.remove_superseded(key)
                return published
    with (
        lake.staging() as folder,
        connect(memory_limit, folder) as db,
        open_text(delivery.path, folder, max_bytes=max_bytes, progress=progress) as text,
    ):
        target = folder / "accepted.parquet"
        result, bad, cut_off = _split(contract, month, delivery, key, text, db, target)
        constant = {
            "file_name": delivery.name,
            "source_sha256": delivery.sha256,
            "run_id": run_id or "",
        }
        # Quarantine first: it is found by the load's key, which only the Parquet makes current.
        # Alone: another file's load of this month would take our quarantine for superseded.
        with lake.alone(quarantine.folder):
            quarantine.publish(key, bad_row_batches(bad, text, cut_off, constant), folder)
            lake.publish(target, parquet_key)
            quarantine.remove_superseded(key)
    result.lake_bytes = lake.size(parquet_key)
    return result


def _split(
    contract: TableContract,
    month: date,
    delivery: Delivery,
    key: str,
    text: TextFile,
    db: duckdb.DuckDBPyConnection,
    target: Path,
) -> tuple[IngestResult, BadRows, str | None]:
    """Write the accepted rows to `target`; gives the figures, the other rows, a cut-off last line.

    Raises:
        NotADataFile: the file is another month's.
        ContractBroken: the header breaks the contract.
        ConservationBroken: the rows do not add up.
    """
    header, unknown = match_header(contract, text)
    received, blank = text.lines - 1, len(text.blank)
    cut_off = cut_off_last_line(contract, text, header, target.parent)
    load = Load(contract, month, text, header, db)
    footer = footer_of(contract, delivery, key, received, blank, header, unknown)
    accepted = load.copy_accepted(target, footer)
    bad = BadRows()
    if cut_off is not None:
        bad.add(np.array([text.lines]), np.array([CUT_OFF]))
    if accepted + len(bad) + blank < received:
        load.find_bad(bad)
    if accepted + len(bad) + blank != received:
        raise ConservationBroken(
            f"{delivery.name}: {received:,} rows received, but {accepted:,} accepted, "
            f"{len(bad):,} quarantined and {blank:,} blank",
            "nothing was published; please report the file's first lines as a defect",
        )
    result = IngestResult(
        load_key=key,
        unchanged=False,
        rows_received=received,
        rows_accepted=accepted,
        rows_quarantined=len(bad),
        blank_lines=blank,
        reasons=bad.count_by_reason(),
        unknown_columns=unknown,
    )
    _refuse_other_month(contract, month, delivery.name, result)
    return result, bad, cut_off


def footer_of(
    contract: TableContract,
    delivery: Delivery,
    key: str,
    received: int,
    blank: int,
    header: list[str],
    unknown: list[str],
) -> dict[str, str]:
    """What the Parquet's footer says of its load; accepted rows are the footer's own count."""
    return {
        "load_key": key,
        "rows_received": str(received),
        "blank_lines": str(blank),
        "source_name": delivery.name,
        "source_version": delivery.version,
        "source_sha256": delivery.sha256,
        "contract_version": contract.version,
        "contract_fingerprint": contract.fingerprint,
        "header": json.dumps(header),
        "unknown_columns": json.dumps(unknown),
    }


def published_info(lake: Lake, contract: TableContract, month: date) -> IngestResult:
    """What a month's published Parquet says of its load.

    Raises:
        FileNotFoundError: the month is not published.
    """
    footer, accepted = read_footer(lake, contract, month)
    received, blank = int(footer["rows_received"]), int(footer["blank_lines"])
    quarantined = received - blank - accepted
    reasons: dict[str, int] = {}
    if quarantined:
        rows = Quarantine(lake, contract, month).read(footer["load_key"])
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
        lake_bytes=lake.size(lake.parquet_key(contract.domain, contract.table, month)),
    )


def read_footer(lake: Lake, contract: TableContract, month: date) -> tuple[dict[str, str], int]:
    """The key-value pairs and the number of rows in the footer of a month's published Parquet.

    Raises:
        FileNotFoundError: the month is not published.
    """
    import pyarrow.parquet as pq

    with lake.open(lake.parquet_key(contract.domain, contract.table, month)) as handle:
        metadata = pq.read_metadata(handle)
    pairs = {k.decode(): v.decode() for k, v in (metadata.metadata or {}).items()}
    return pairs, int(metadata.num_rows)


def published_rows(lake: Lake, contract: TableContract) -> int:
    """The rows of all published months, as their footers say."""
    months = lake.months(contract.domain, contract.table)
    return sum(read_footer(lake, contract, month)[1] for month in months)


class Load:
    """The SQL of one load; the file is read as text and typed by the contract's rules."""

    def __init__(
        self,
        contract: TableContract,
        month: date,
        text: TextFile,
        header: list[str],
        db: duckdb.DuckDBPyConnection,
    ) -> None:
        self._contract, self._month, self._text, self._db = contract, month, text, db
        self._header = header
        # Unknown columns go by their place: a name may be empty, or differ by its case alone.
        known = set(contract.column_names)
        names = [name if name in known else f"#{place}" for place, name in enumerate(header)]
        columns = ", ".join(f"{rules.quote_text(name)}: 'VARCHAR'" for name in names)
        # quote='': with quoting on, a few stray quotes swallow a third of a file without a word.
        self._reader = (
            f"read_csv({rules.quote_text(str(text.path))}, auto_detect=false, header=true, "
            f"delim={rules.quote_text(contract.delimiter)}, quote='', escape='', nullstr='', "
            f"columns={{{columns}}}, store_rejects=true, rejects_limit=0)"
        )

    def copy_accepted(self, target: Path, footer: dict[str, str]) -> int:
        """Type the file and write the rows that keep every rule; gives their number."""
        accepted = rules.accepted(self._contract, self._month)
        source = f"from {rules.with_values(self._contract, self._reader)} where {accepted}"
        return copy_rows(self._db, self._contract, source, target, footer)

    def find_bad(self, bad: BadRows) -> None:
        """Add every row that was not accepted, with its line and reasons.

        A second pass over the text, made only when rows are missing from the first one. Its
        predicate is written apart from the first one's, so that the balance is a real check.
        """
        structural = self._db.execute(
            "select line, string_agg(distinct lower(replace(error_type, ' ', '_')), '|')"
            " from reject_errors group by line order by line"
        ).fetchnumpy()
        lines, kinds = structural.values()
        skipped = np.union1d(np.union1d([1], self._text.blank), lines).astype(np.int64)
        reasons = rules.reasons(self._contract, self._month)
        rows = self._db.execute(
            "select position, array_to_string(reasons, '|') as reasons from "
            f"(select position, {reasons} as reasons from "
            f"(select row_number() over () as position, * from {self._reader})) "
            "where len(reasons) > 0 order by position"
        ).fetchnumpy()
        bad.add(np.asarray(lines), np.asarray(kinds, object))
        positions = np.asarray(rows["position"], np.int64)
        bad.add(lines_of_positions(positions, skipped), np.asarray(rows["reasons"], object))


def copy_rows(
    db: duckdb.DuckDBPyConnection,
    contract: TableContract,
    source: str,
    target: Path,
    footer: dict[str, str],
) -> int:
    """Write typed rows as Parquet; gives their number.

    Args:
        db: where to run it.
        contract: gives the columns and types.
        source: `from … where …` over `rules.with_values`.
        target: the file to write.
        footer: key-value pairs for the Parquet's footer.
    """
    # Pushed down to the text, the predicate would compute every typed value a second time.
    db.execute("set disabled_optimizers = 'filter_pushdown'")
    columns = rules.typed_columns(contract)
    pairs = ", ".join(f"{k}: {rules.quote_text(v)}" for k, v in footer.items())
    row = db.execute(
        f"copy (select {columns} {source}) to {rules.quote_text(str(target))} "
        f"(format parquet, {PARQUET_OPTIONS}, kv_metadata {{{pairs}}})"
    ).fetchone()
    db.execute("reset disabled_optimizers")
    return int(row[0]) if row else 0


def _refuse_other_month(
    contract: TableContract, month: date, name: str, result: IngestResult
) -> None:
    outside = result.reasons.get(f"outside_month:{contract.month_column}", 0)
    rows = result.rows_received - result.blank_lines
    if outside > contract.max_share_outside_month * rows:
        raise NotADataFile(
            f"{name} is another month's file: {outside:,} of its {rows:,} rows lie outside "
            f"{month:%Y-%m}",
            f"deliver the file of {month:%Y-%m}, or rename this one after its own month",
        )
    if result.rows_accepted == 0:
        raise NotADataFile(
            f"{name} has no row that keeps the contract: {result.reasons}",
            "check that it is the right file and has the contract's spelling of values",
        )
