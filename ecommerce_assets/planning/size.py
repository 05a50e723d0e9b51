"""How large a month's load will be, before it runs: rows and bytes, and who says so.

Belongs here: the order in which sources of the figures are asked. Stays out: what the size costs
(`cost.py`). The first that knows wins: the source's listing, the published footer, the ledger of
other months, the shipped figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ecommerce_assets.lib.ingest.originals import Fetched
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.sources.protocol import SPELLINGS, TYPED, SourceFile

#: Kaggle lists the bytes of the unpacked file, whatever it delivers.
UNPACKED_KIND, UNPACKED = "kaggle", ".csv"


@dataclass(frozen=True)
class Footprint:
    """Rows and bytes of a month's file as far as they are known, each with its origin in words."""

    rows: int
    bytes: int
    rows_from: str
    bytes_from: str


def footprint(
    kind: str,
    offered: SourceFile | None,
    note: Fetched | None,
    published_rows: int | None,
    loads: Sequence[LedgerRow],
    shipped_bytes_per_row: Mapping[str, float],
    shipped_rows: int,
) -> Footprint:
    """The size of a month's next load.

    Args:
        kind: the source's kind.
        offered: the file as its source lists it; None where it could not be asked.
        note: what was fetched of the month before.
        published_rows: rows received by the month's published load.
        loads: ledger rows of loads of all months, with figures.
        shipped_bytes_per_row: by ending of the file's name.
        shipped_rows: of a month of which nothing is known.
    """
    same = bool(note and offered and note.version == f"{kind}:{offered.version}")
    name = offered.name if offered else note.name if note else ".csv"
    density, density_from = _density(name, loads, shipped_bytes_per_row)
    if note and published_rows and _ending(note.name) == _ending(name):
        density, density_from = note.size / published_rows, "its published month"
    listed = offered.size if offered else None
    rows_by_size, size_from = None, ""
    if listed is not None and kind == UNPACKED_KIND:
        rows_by_size = round(listed / shipped_bytes_per_row[UNPACKED])
        listed, size_from = None, "size of the unpacked file"
    elif listed is not None and density:
        # A file of a few bytes has no row, which is an answer: the figures below are not asked.
        rows_by_size = round(listed / density)
        size_from = f"listed size and bytes per row of {density_from}"
    if offered and offered.rows is not None:
        rows, rows_from = offered.rows, "source"
    elif same and published_rows:
        rows, rows_from = published_rows, "published footer"
    elif rows_by_size is not None:
        rows, rows_from = rows_by_size, size_from
    elif published_rows:
        rows, rows_from = published_rows, "published footer"
    elif loads:
        rows = round(median(row.rows_received or 0 for row in loads))
        rows_from = "median of loaded months"
    else:
        rows, rows_from = shipped_rows, "shipped defaults"
    if listed is not None:
        return Footprint(rows, listed, rows_from, "source")
    if same and note:
        return Footprint(rows, note.size, rows_from, "fetched file")
    return Footprint(rows, round(rows * density), rows_from, f"bytes per row of {density_from}")


def _density(
    name: str, loads: Sequence[LedgerRow], shipped: Mapping[str, float]
) -> tuple[float, str]:
    """Bytes per row of files with the same ending, and whose."""
    ending = _ending(name)
    alike = [
        row.source_bytes / row.rows_received
        for row in loads
        if row.source_bytes and row.rows_received and _ending(row.source_name or "") == ending
    ]
    if alike:
        return median(alike), "loaded months"
    return shipped[ending], "shipped defaults"


def _ending(name: str) -> str:
    """The spelling of a file's name; the longest that fits."""
    fitting = [ending for ending in (*SPELLINGS, TYPED) if name.endswith(ending)]
    return max(fitting, key=len, default=".csv")
