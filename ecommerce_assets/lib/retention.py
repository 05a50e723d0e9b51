"""What may go from the lake's staging area, by age and generation, and why the rest stays.

Belongs here: the rule. Stays out: when it runs (`defs/platform/retention.py`), and the objects that
a bucket keeps as noncurrent versions (its lifecycle, `terraform/modules/storage`).

The staging area is the `files` layer. What a warehouse reads, the Parquet of the tables and of the
quarantine and the ledger's documents, lies outside of it and is never looked at. Of the files in it
the delivery that a source's note names stays, too: a month is loaded again from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecommerce_assets.lib.fetch import NOTE
from ecommerce_assets.lib.lake import Entry, Lake

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
    notes = _notes(lake, entries)
    found = []
    for entry in entries:
        why = _why(entry, notes)
        if why and now - entry.written > keep:
            found.append(Leftover(entry, why))
    return found


def clear(lake: Lake, found: Iterable[Leftover]) -> tuple[int, int]:
    """Remove what was found, unless it was written anew since; gives files and bytes."""
    files = size = 0
    for leftover in found:
        lake.delete(leftover.entry.key, leftover.entry.version or None)
        files, size = files + 1, size + leftover.entry.size
    return files, size


def _notes(lake: Lake, entries: list[Entry]) -> dict[str, str]:
    """The key of the delivery that each folder's note names, by folder."""
    keys = [entry.key for entry in entries if entry.key.endswith(f"/{NOTE}")]
    contents = lake.read_many(keys)
    return {
        key.removesuffix(f"/{NOTE}"): str(json.loads(content)["key"])
        for key, content in zip(keys, contents, strict=True)
    }


def _why(entry: Entry, notes: dict[str, str]) -> str | None:
    """Why a file may go; None where it stays."""
    if entry.key.endswith(f"/{NOTE}"):
        return None
    home = "/".join(entry.key.split("/")[:4])  # files/<domain>/<table>/<month or all_months>
    named = notes.get(home)
    if named is None:
        return "of a delivery that never ended"
    if entry.key == named:
        return None
    generation = named.rpartition("/")[0]
    if not entry.key.startswith(f"{generation}/"):
        return "of an earlier delivery"
    return "read from a delivery that is still here"
