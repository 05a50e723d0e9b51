"""A file that holds all months: read and judged once, then each month taken from what was read.

Belongs here: the split of a shared file, which lies beside it in the `files` layer, and a month's
part of it. Stays out: rules (`lib/contracts/rules.py`), publishing a month
(`lib/lake/publication.py`).

The split is two files: the accepted rows with their places, and the bad ones with their lines and
months. A month that is loaded later, or again, costs its own rows and no second reading.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract
from ecommerce_assets.lib.failures import ContractBroken, NotADataFile
from ecommerce_assets.lib.ingest.judge import PARQUET_OPTIONS, Judge
from ecommerce_assets.lib.ingest.month_file import figures_of, refuse_imbalance
from ecommerce_assets.lib.ingest.originals import SPLIT
from ecommerce_assets.lib.ingest.readers.opened import open_rows
from ecommerce_assets.lib.ingest.readers.protocol import Rows
from ecommerce_assets.lib.ingest.refusals import (
    JudgedFile,
    refuse_ambiguous_dates,
    refuse_nothing_accepted,
    refuse_unreadable,
)
from ecommerce_assets.lib.ingest.text import Progress
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import UNDATED, BadRows, Quarantine, bad_row_batches
from ecommerce_assets.lib.lake.slices import ALL_MONTHS, Month, Slice, files_home

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Raise it when the same file would be split otherwise.
SPLIT_VERSION = 3


@dataclass(frozen=True)
class Months:
    """The months that a shared file may hold, the first and the last included."""

    first: date
    last: date

    def holds(self, number: int) -> bool:
        """Whether a month written as 202003 is one of them."""
        ends = (self.first.year * 100 + self.first.month, self.last.year * 100 + self.last.month)
        return ends[0] <= number <= ends[1]


@dataclass(frozen=True)
class Split:
    """Where a shared file's split lies, and the figures of the whole file.

    Attributes:
        key: names the outcome; the quarantine of the rows without a month is called so.
        rows: key of the accepted rows.
        bad: key of the rows that were not accepted.
        figures: `month_file.figures_of` the file.
    """

    key: str
    rows: str
    bad: str
    figures: dict[str, str]


@dataclass(frozen=True)
class MonthPart:
    """A month's part of a shared file.

    Attributes:
        rows: the accepted ones.
        bad: the others, for `Quarantine.publish`.
        reasons: those by reason code.
        null_words: accepted rows by `column:word`, where a word for "not known" became null.
    """

    rows: int
    bad: list[dict[str, list[Any]]]
    reasons: dict[str, int]
    null_words: dict[str, int]


def split_file(
    contract: TableContract,
    months: Months,
    path: Path,
    name: str,
    sha256: str,
    lake: Lake,
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    run_id: str,
    max_bytes: int,
    progress: Progress | None = None,
) -> Split:
    """Read a shared file once; what was split before under the same contract is not read again.

    Args:
        contract: columns, types and rules.
        months: the domain's months; rows outside all of them have no month to lie in.
        path: the delivered file.
        name: its name, for quarantine and messages.
        sha256: its checksum.
        lake: where the split goes.
        db: reads and judges.
        folder: a staging folder.
        run_id: kept with quarantined rows.
        max_bytes: a file that inflates to more is refused.
        progress: called with bytes inflated and bytes in all.

    Raises:
        NotADataFile: the file is not a data file, another data set's, or too much of it is
            unreadable.
        ContractBroken: its header breaks the contract.
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    home = f"{files_home(contract)}/{ALL_MONTHS}/{sha256[:12]}"
    key = _split_key(contract, months, sha256)
    rows, bad = (f"{home}/{key}{ending}" for ending in SPLIT)
    # Of several months that are loaded at once, the first reads the file; the others wait for it.
    with lake.alone(home):
        if not (lake.exists(rows) and lake.exists(bad)):
            _repeat_refusal(lake, contract, key, name)
            noted = partial(_noting, lake, contract, key, name)
            with (
                noted(ContractBroken),
                open_rows(
                    contract, path, name, db, folder, max_bytes=max_bytes, progress=progress
                ) as read,
            ):
                with noted(NotADataFile):
                    found = _judge(read, months, name, db, folder)
                constant = {"file_name": name, "source_sha256": sha256, "run_id": run_id}
                _write_bad(folder / "bad.parquet", found, read, months, constant)
            lake.publish(folder / "rows.parquet", rows)
            lake.publish(folder / "bad.parquet", bad)  # last: it says that the split is whole
        for old in lake.keys_in(home):
            if old.endswith(SPLIT) and old not in (rows, bad):
                lake.delete(old)
    return Split(key, rows, bad, _figures(lake, rows))


def publish_undated(contract: TableContract, split: Split, lake: Lake, folder: Path) -> None:
    """Put the rows without a month into quarantine, in the place of another file's.

    It is done when a month of the split is about to be published: a file that replaces no month
    does not replace them either.
    """
    undated = Quarantine(Slice(lake, contract, Month(UNDATED)))
    if not lake.exists(undated.key(split.key)):
        with lake.local_copy(split.bad) as path:
            undated.publish(split.key, _batches(_bad_rows(path, UNDATED)), folder)
    undated.remove_superseded(split.key)


def _refusals(contract: TableContract) -> str:
    return f"ops/refused_files/{contract.dataset}"


@contextmanager
def _noting(
    lake: Lake,
    contract: TableContract,
    key: str,
    name: str,
    kind: type[NotADataFile] | type[ContractBroken],
) -> Iterator[None]:
    """Keep why a file was refused: each other month would read all of it again to say the same."""
    try:
        yield
    except kind as why:
        folder = _refusals(contract)
        words = {"name": name, "message": why.message, "cure": why.cure, "kind": kind.__name__}
        lake.publish_json(words, f"{folder}/{key}.json")
        for old in lake.keys_in(folder):
            if old != f"{folder}/{key}.json":
                lake.delete(old)
        raise


def _repeat_refusal(lake: Lake, contract: TableContract, key: str, name: str) -> None:
    """Refuse a file that was refused under this contract and these months before."""
    note = f"{_refusals(contract)}/{key}.json"
    if lake.exists(note):
        words = json.loads(lake.read_bytes(note))
        if words["name"] != name:  # the message names the file
            return
        kinds = {kind.__name__: kind for kind in (NotADataFile, ContractBroken)}
        raise kinds[words["kind"]](words["message"], words["cure"])


def take_month(
    slice_: Slice,
    split: Split,
    db: duckdb.DuckDBPyConnection,
    target: Path,
    footer: dict[str, str],
) -> MonthPart:
    """Write a month's accepted rows, in the file's order."""
    contract, lake = slice_.contract, slice_.lake
    column = rules.quote_name(contract.time_of_month)
    start, end = rules.bounds(slice_.month)
    columns = ", ".join(rules.quote_name(name) for name in contract.column_names)
    number = "" if lake.is_local else f", row_number() over (order by position) - 1 as {ROW_NUMBER}"
    with lake.local_copy(split.bad) as path:
        bad = _bad_rows(path, slice_.month)
    pairs = footer | {"rows_received": "", "blank_lines": "0"}
    with lake.local_copy(split.rows) as path:
        source = (
            f"from read_parquet({rules.quote_text(str(path))}, hive_partitioning = false) "
            f"where {column} >= {start} and {column} < {end}"
        )
        places = db.execute(f"select position {source} order by position").fetchnumpy()["position"]
        words = Counter[str]()
        for joined, number_of_rows in db.execute(
            f"select null_words, count(*) {source} and null_words <> '' group by all"
        ).fetchall():
            words.update(dict.fromkeys(joined.split("|"), number_of_rows))
        pairs["rows_received"] = str(len(places) + bad.num_rows)
        listed = ", ".join(f"{k}: {rules.quote_text(v)}" for k, v in pairs.items())
        db.execute(
            f"copy (select {columns}{number} {source} order by position) "
            f"to {rules.quote_text(str(target))} "
            f"(format parquet, {PARQUET_OPTIONS}, kv_metadata {{{listed}}})"
        )
    above = np.searchsorted(places, np.asarray(bad["rows_before"]), side="right")
    reasons = Counter(code for codes in bad["reasons"].to_pylist() for code in codes)
    batches = list(_batches(bad.set_column(0, "accepted_before", [above.astype(np.int64)])))
    return MonthPart(
        len(places), batches, dict(sorted(reasons.items())), dict(sorted(words.items()))
    )


def _split_key(contract: TableContract, months: Months, sha256: str) -> str:
    text = f"{SPLIT_VERSION}:{contract.fingerprint}:{months.first}:{months.last}:{sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _judge(
    rows: Rows, months: Months, name: str, db: duckdb.DuckDBPyConnection, folder: Path
) -> BadRows:
    """Write the accepted rows to `rows.parquet`; gives the others."""
    judge = Judge(rows, (months.first, months.last), db)
    target = folder / "rows.parquet"
    accepted = judge.copy_accepted(target, figures_of(rows), placed=True)
    bad = judge.find_bad() if accepted + rows.blank < rows.received else BadRows()
    refuse_imbalance(name, rows, accepted, bad)
    file = JudgedFile(rows, accepted, target, bad)
    refuse_unreadable(db, file)
    _refuse_other_data(rows.contract, months, name, file.rows, bad)
    refuse_nothing_accepted(file)
    refuse_ambiguous_dates(db, file)
    return bad


def _refuse_other_data(
    contract: TableContract, months: Months, name: str, rows: int, bad: BadRows
) -> None:
    reasons = bad.count_by_reason()
    outside = reasons.get(f"outside_month:{contract.month_column}", 0)
    if outside > contract.max_share_outside_month * rows:
        raise NotADataFile(
            f"{name} is another data set's file: {outside:,} of its {rows:,} rows lie outside "
            f"{months.first:%Y-%m} to {months.last:%Y-%m}",
            "deliver the right file, or widen the domain's months "
            f"(ECOMMERCE_{contract.domain.upper()}_MONTHS)",
        )


def _write_bad(
    target: Path, bad: BadRows, rows: Rows, months: Months, constant: dict[str, str]
) -> None:
    """Write the bad rows with their months."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _bad_schema()
    known = np.array([months.holds(int(number)) for number in bad.months], bool)
    month = [
        date(int(number) // 100, int(number) % 100, 1) if holds else UNDATED
        for number, holds in zip(bad.months, known, strict=True)
    ]
    # Rows that the reader delivered above each line: it leaves out blank and broken lines.
    unread = bad.lines[[not any(":" in c for c in str(r).split("|")) for r in bad.reasons]]
    before = rows.above(bad.lines)
    if not rows.refuses_in_band:
        before = before - np.searchsorted(unread, bad.lines)
    parts, at = [], 0
    for batch in bad_row_batches(bad, rows, constant):
        end = at + len(batch["line"])
        columns = batch | {"month": month[at:end], "rows_before": before[at:end]}
        parts.append(pa.table({n: columns[n] for n in schema.names}, schema=schema))
        at = end
    table = pa.concat_tables(parts) if parts else schema.empty_table()
    pq.write_table(table, target, compression="zstd")


def _bad_schema() -> pa.Schema:
    import pyarrow as pa

    texts = ("raw_line", "file_name", "source_sha256", "run_id")
    return pa.schema(
        [
            ("accepted_before", pa.int64()),
            ("line", pa.int64()),
            ("reasons", pa.list_(pa.string())),
            *((name, pa.string()) for name in texts),
            ("month", pa.date32()),
            ("rows_before", pa.int64()),
        ]
    )


def _bad_rows(path: Path, month: date) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(path, filters=[("month", "=", month)], partitioning=None)


def _batches(table: pa.Table) -> Iterator[dict[str, list[Any]]]:
    """Rows of the split for `Quarantine.publish`."""
    for batch in table.to_batches(max_chunksize=50_000):
        columns = batch.to_pydict()
        yield {name: columns[name] for name in columns if name not in ("month", "rows_before")}


def _figures(lake: Lake, key: str) -> dict[str, str]:
    import pyarrow.parquet as pq

    with lake.open(key) as handle:
        found = pq.read_metadata(handle).metadata or {}
    pairs = {name.decode(): text.decode() for name, text in found.items()}
    pairs.pop("ARROW:schema", None)
    return {"quote": ""} | pairs
