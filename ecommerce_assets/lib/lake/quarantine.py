"""The quarantine: the rows that broke the contract, kept with reason, line and run.

Belongs here: the form of quarantined rows, writing and reading them. Stays out: finding them
(`lib/ingest/month_file.py`) and taking them back (`lib/ingest/replay.py`). The file of a slice is
named after its load, so that it always belongs to exactly one published Parquet file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake.slices import Month, Slice

if TYPE_CHECKING:
    import pyarrow as pa

    from ecommerce_assets.lib.ingest.readers.protocol import Rows

BATCH = 50_000

#: The entry of a file's footer with the words for "not known".
NULL_WORDS = "null_words"

#: Stands for the month of rows that have none: no time that can be read, or one outside all months.
UNDATED = date(1970, 1, 1)

#: Columns of a quarantine of months in DuckDB. `accepted_before` counts the accepted rows above the
#: line.
QUARANTINE_COLUMNS = {
    "dataset": "VARCHAR",
    "month": "DATE",
    "file_name": "VARCHAR",
    "line": "BIGINT",
    "accepted_before": "BIGINT",
    "reasons": "VARCHAR[]",
    "raw_line": "VARCHAR",
    "source_sha256": "VARCHAR",
    "contract_version": "VARCHAR",
    "load_key": "VARCHAR",
    "run_id": "VARCHAR",
}


@dataclass
class BadRows:
    """Rows that were not accepted: their lines, ascending, and their reasons joined by `|`.

    `months` has the month that each row's time lies in, as 202003; 0 where it cannot be read.
    `filled` counts for each column that is not a text the rows in which it is not empty.
    """

    lines: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, np.int64))
    reasons: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, object))
    months: np.ndarray[Any, Any] = field(default_factory=lambda: np.empty(0, np.int64))
    filled: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.lines)

    def add(
        self,
        lines: np.ndarray[Any, Any],
        reasons: np.ndarray[Any, Any],
        months: np.ndarray[Any, Any] | None = None,
    ) -> None:
        """Take more rows in, keeping the order of lines."""
        months = np.zeros(len(lines), np.int64) if months is None else months.astype(np.int64)
        merged = np.concatenate([self.lines, lines.astype(np.int64)])
        order = np.argsort(merged, kind="stable")
        self.reasons = np.concatenate([self.reasons, reasons.astype(object)])[order]
        self.months = np.concatenate([self.months, months])[order]
        self.lines = merged[order]

    def count_by_reason(self) -> dict[str, int]:
        """Rows by reason code; a row with two reasons counts under both."""
        counts: Counter[str] = Counter()
        for joined, number in Counter(self.reasons.tolist()).items():
            for code in joined.split("|"):
                counts[code] += number
        return dict(sorted(counts.items()))


def lines_of_positions(
    positions: np.ndarray[Any, Any], skipped: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Line numbers of the rows that a reader delivered as first, second and so on.

    Args:
        positions: 1-based positions among the delivered rows.
        skipped: ascending numbers of the lines that it did not deliver.
    """
    before = skipped - np.arange(len(skipped)) - 1  # delivered rows above each skipped line
    return positions + np.searchsorted(before, positions - 1, side="right")


class Quarantine:
    """The quarantined rows of one slice."""

    def __init__(self, slice_: Slice) -> None:
        self._lake, self._contract, self._key = slice_.lake, slice_.contract, slice_.key
        self.folder = slice_.quarantine

    def key(self, load_key: str) -> str:
        """Where the rows of a load lie in the lake."""
        return f"{self.folder}/{load_key}.parquet"

    def remove_superseded(self, load_key: str) -> None:
        """Remove the rows of earlier loads, once another one is published."""
        for key in self._lake.keys_in(self.folder):
            if key != self.key(load_key):
                self._lake.delete(key)

    def read(self, load_key: str) -> pa.Table:
        """The quarantined rows of a load, by line; columns as in `quarantine_columns`."""
        import pyarrow.parquet as pq

        with self._lake.local_copy(self.key(load_key)) as path:
            return pq.read_table(path, partitioning=None)

    def read_null_words(self, load_key: str) -> dict[str, int]:
        """What `publish` was told of words for "not known"; a file of older code says nothing."""
        import pyarrow.parquet as pq

        with self._lake.open(self.key(load_key)) as handle:
            pairs = pq.read_metadata(handle).metadata or {}
        found: dict[str, int] = json.loads(pairs.get(NULL_WORDS.encode(), b"{}"))
        return found

    def publish(
        self,
        load_key: str,
        batches: Iterator[dict[str, list[Any]]],
        folder: Path,
        null_words: dict[str, int] | None = None,
    ) -> int:
        """Write and publish the rows of a load, even when there are none; gives their number.

        Args:
            load_key: the load they belong to.
            batches: columns `line`, `accepted_before`, `reasons`, `raw_line`, `file_name`,
                `source_sha256`, `run_id`.
            folder: a staging folder.
            null_words: rows of the published Parquet by `column:word`, where a word for "not known"
                became null; kept beside them because only this file is written last.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path, rows = folder / "quarantine.parquet", 0
        schema = _schema(self._contract).with_metadata({NULL_WORDS: json.dumps(null_words or {})})
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in batches:
                number = len(batch["line"])
                key = self._key
                constant: dict[str, Any] = {
                    "dataset": self._contract.dataset,
                    **({"month": key.first} if isinstance(key, Month) else {"slice": key.text}),
                    "contract_version": self._contract.version,
                    "load_key": load_key,
                }
                columns = batch | {name: [value] * number for name, value in constant.items()}
                writer.write_table(pa.table({n: columns[n] for n in schema.names}, schema=schema))
                rows += number
        self._lake.publish(path, self.key(load_key))
        return rows


def quarantine_columns(contract: TableContract) -> dict[str, str]:
    """The columns of a table's quarantine in DuckDB: its slices are months, or have a text."""
    if contract.slices == Month.kind:
        return QUARANTINE_COLUMNS
    own = {"slice": "VARCHAR"}
    return own | {name: kind for name, kind in QUARANTINE_COLUMNS.items() if name != "month"}


def _schema(contract: TableContract) -> pa.Schema:
    import pyarrow as pa

    types = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "DATE": pa.date32()}
    types["VARCHAR[]"] = pa.list_(pa.string())
    return pa.schema([(name, types[kind]) for name, kind in quarantine_columns(contract).items()])


def bad_row_batches(
    bad: BadRows, rows: Rows, constant: dict[str, Any]
) -> Iterator[dict[str, list[Any]]]:
    """The bad rows of a delivery with their raw text, in batches for `Quarantine.publish`.

    Args:
        bad: lines and reasons.
        rows: where the raw texts are read from.
        constant: `file_name`, `source_sha256`, `run_id`.
    """
    before = rows.above(bad.lines) - np.arange(len(bad))
    for start in range(0, len(bad), BATCH):
        end = min(start + BATCH, len(bad))
        lines = bad.lines[start:end].tolist()
        yield {
            "line": lines,
            "accepted_before": before[start:end].tolist(),
            "reasons": [joined.split("|") for joined in bad.reasons[start:end].tolist()],
            "raw_line": list(rows.texts(lines)),
            **{name: [value] * (end - start) for name, value in constant.items()},
        }
