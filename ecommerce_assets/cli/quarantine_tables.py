"""The tables of what lies in quarantine.

Belongs here: counting and showing quarantined rows. Stays out: arguments and exit codes
(`quarantine.py`), the form of the rows (`lib/lake/quarantine.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from ecommerce_assets.cli.tables import MONTH, utc_now
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import published_info
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import UNDATED, Quarantine
from ecommerce_assets.lib.lake.slices import Month, Offsets, Slice, published_slices
from ecommerce_assets.lib.text.listing import Column, Listing


@dataclass
class QuarantineCounts:
    """The quarantined rows of a table by month and reason.

    Attributes:
        dataset: of the table.
        rows: in quarantine in all; one with several reasons is one of them.
        counts: by month (`undated` for rows without one), or by topic and partition; and by
            reason.
        by: what the counts are by.
    """

    dataset: str
    rows: int = 0
    by: str = "month"
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The counts for `--json`."""
        each = [{self.by: name, "reasons": counts} for name, counts in self.counts.items()]
        return {"dataset": self.dataset, "rows": self.rows, f"{self.by}s": each}


def quarantine_counts(contract: TableContract, lake: Lake) -> QuarantineCounts:
    """Count what lies in quarantine now."""
    of_stream = contract.slices == Offsets.kind
    found = QuarantineCounts(contract.dataset, by="partition" if of_stream else "month")
    for slice_ in published_slices(lake, contract):
        result, key = published_info(slice_), slice_.key
        found.rows += result.rows_quarantined
        if result.reasons:
            name = f"{key.topic}/{key.partition}" if isinstance(key, Offsets) else key.words
            before = Counter(found.counts.get(name, {}))
            found.counts[name] = dict(before + Counter(result.reasons))
    undated = Slice(lake, contract, Month(UNDATED))
    load_key = _undated_key(undated)
    if load_key is not None:
        listed = Quarantine(undated).read(load_key)["reasons"].to_pylist()
        found.rows += len(listed)
        if listed:
            counts = Counter(code for codes in listed for code in codes)
            found.counts["undated"] = dict(sorted(counts.items()))
    return found


def quarantine_counts_listing(found: QuarantineCounts) -> Listing:
    """Quarantined rows by month and reason."""
    first = MONTH if found.by == MONTH.title else Column(found.by)
    columns = [first, Column("reason", folds=True), Column("rows", number=True)]
    rows: list[tuple[str | Text, ...]] = [
        (month, reason, f"{number:,}")
        for month, counts in found.counts.items()
        for reason, number in counts.items()
    ]
    several = sum(sum(counts.values()) for counts in found.counts.values()) > found.rows
    note = "A row with several reasons stands under each of them."
    word = "row" if found.rows == 1 else "rows"
    title = f"Quarantine of {found.dataset}: {found.rows:,} {word}, {utc_now()}"
    return Listing(title, columns, rows, [note] if several else [])


def _undated_key(undated: Slice) -> str | None:
    """Names the quarantine of a shared file's rows without a month; None if none was loaded."""
    keys = undated.lake.keys_in(undated.quarantine)
    return keys[-1].rpartition("/")[2].removesuffix(".parquet") if keys else None


@dataclass(frozen=True)
class QuarantinedRows:
    """Rows of a table in quarantine.

    Attributes:
        dataset: of the table.
        month: as it was asked for.
        total: all of the month.
        rows: as `QUARANTINE_COLUMNS`, with the wanted reason.
    """

    dataset: str
    month: str
    total: int
    rows: list[dict[str, Any]]

    def document(self, limit: int) -> dict[str, Any]:
        """The rows for `--json`."""
        names = ("line", "reasons", "raw_line", "file_name")
        return {
            "dataset": self.dataset,
            "month": self.month,
            "rows_of_the_month": self.total,
            "rows_found": len(self.rows),
            "rows": [{name: row[name] for name in names} for row in self.rows[:limit]],
        }


def quarantined_rows(slice_: Slice) -> QuarantinedRows | None:
    """A slice's quarantined rows; None if it is not loaded.

    `UNDATED` stands for the rows of a shared file that have no month.
    """
    if slice_.key == Month(UNDATED):
        load_key = _undated_key(slice_)
    else:
        load_key = slice_.footer()[0]["load_key"] if slice_.is_published else None
    if load_key is None:
        return None
    rows = Quarantine(slice_).read(load_key).to_pylist()
    name = "undated" if slice_.key == Month(UNDATED) else slice_.key.words
    return QuarantinedRows(slice_.contract.dataset, name, len(rows), rows)


def quarantined_rows_listing(found: QuarantinedRows, limit: int, reason: str | None) -> Listing:
    """Quarantined rows: line, reasons and the row as it came."""
    shown = found.rows[:limit]
    why = f" with {reason}" if reason else ""
    title = f"{found.dataset}, {found.month}: {len(shown):,} of {len(found.rows):,} rows{why}"
    columns = [
        Column("line", number=True),
        Column("reasons", folds=True),
        Column("row", folds=True),  # whole, however narrow the terminal is
    ]
    rows: list[tuple[str | Text, ...]] = [
        (f"{row['line']:,}", ", ".join(row["reasons"]), row["raw_line"]) for row in shown
    ]
    notes = []
    if len(shown) < len(found.rows):
        notes.append(f"--limit {len(found.rows)} shows all.")
    if len(found.rows) < found.total:
        notes.append(
            f"{found.total - len(found.rows):,} more rows of the month have other reasons."
        )
    return Listing(title, columns, rows, notes)
