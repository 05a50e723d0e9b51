"""What may go from the lake's staging area, by age and generation, and why the rest stays.

Belongs here: the rule. Stays out: when it runs (`defs/ops/retention.py`), and the objects that
a bucket keeps as noncurrent versions (its lifecycle, `terraform/modules/storage`).

The staging area is the `files` layer. What a warehouse reads, the Parquet of the tables and of the
quarantine and the ledger's documents, lies outside of it and is never looked at. Of the files in it
the originals that `originals.py` keeps stay, too: a month is made from one again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecommerce_assets.lib.ingest.originals import GOOD, NOTE, SPLIT, kept_generations
from ecommerce_assets.lib.lake.lake import Entry, Lake

STAGING_AREA = "files"


@dataclass(frozen=True)
class Leftover:
    """A file that may go, with the reason."""

    entry: Entry
    why: str


def leftovers(lake: Lake, keep: timedelta, now: datetime) -> list[Leftover]:
    """The files of the staging area that may go, by key.

    Args:
        lake: whose staging area.
        keep: a younger file stays, whatever it is: a load may be at work on it.
        now: the time, with its zone.
    """
    entries = lake.entries_below(STAGING_AREA)
    kept = {home: kept_generations(lake, home) for home in {_home(e) for e in entries}}
    found = []
    for entry in entries:
        why = _why(entry, kept[_home(entry)])
        if why and now - entry.written > keep:
            found.append(Leftover(entry, why))
    return found


def clear(lake: Lake, found: Iterable[Leftover]) -> tuple[int, int]:
    """Remove what was found, unless it was written again since; gives files and bytes."""
    files = size = 0
    for leftover in found:
        lake.delete(leftover.entry.key, leftover.entry.version or None)
        files, size = files + 1, size + leftover.entry.size
    return files, size


def _home(entry: Entry) -> str:
    """`files/<domain>/<table>/<month or all_months>`."""
    return "/".join(entry.key.split("/")[:4])


def _why(entry: Entry, kept: set[str]) -> str | None:
    """Why a file may go; None where it stays."""
    generation, _, name = entry.key.removeprefix(f"{_home(entry)}/").partition("/")
    if generation in (NOTE, GOOD):
        return None
    if not kept:
        return "of a delivery that never ended"
    if generation not in kept:
        return "of an earlier delivery"
    return "read from a delivery that is still here" if name.endswith(SPLIT) else None
