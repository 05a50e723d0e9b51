"""Which originals stay in the lake's `files` layer, and the one that a month was last made from.

Belongs here: what keeps an original. Stays out: fetching (`fetch.py`), and leftovers by their age
(`leftovers.py`).

A newer delivery may turn out to be broken, or worse, only when it is read. The original that a
published month was made from therefore stays beside it: until every month that is published from it
is published from another one. It is what a month is made from when it has to be made again, by
another contract or in an emptied lake, and the newest delivery cannot be read.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import ALL_MONTHS, Month, Slice, parquet_in, published_months

#: Tells of the newest delivery, whatever came of it.
NOTE = "source.json"
#: Tells of the delivery that was last published in the lake.
GOOD = "published.json"
#: Endings of what a file of all months was split into; it lies beside the file.
SPLIT = (".rows.parquet", ".bad.parquet")
#: Characters of the checksum in the name of an original's folder.
SHORT = 12


@dataclass(frozen=True)
class Fetched:
    """What lies in the `files` layer for a month: `key` is the file, the rest tells of it."""

    key: str
    name: str
    kind: str
    version: str
    sha256: str
    size: int
    location: str
    fetched_at: str


def read_note(lake: Lake, key: str) -> Fetched | None:
    """What a note tells, None where there is none."""
    return Fetched(**json.loads(lake.read_bytes(key))) if lake.exists(key) else None


def good_original(slice_: Slice) -> Fetched | None:
    """The original that a slice, or its neighbours in a shared file, was last published from.

    None where nothing was published or the file is gone.
    """
    lake, home = slice_.lake, slice_.files
    footer = _footer(lake, slice_.parquet)
    note = read_note(lake, f"{home}/{GOOD}")
    if footer and (note is None or footer["source_sha256"] != note.sha256):
        version = footer["source_version"]
        kind, name = version.partition(":")[0], footer["source_name"]
        note = Fetched("", name, kind, version, footer["source_sha256"], 0, "", "")
    if note is None:
        return None
    held = lake.keys_in(f"{home}/{note.sha256[:SHORT]}")
    key = next((key for key in held if not key.endswith(SPLIT)), None)
    return replace(note, key=key) if key else None


def note_published(slice_: Slice, sha256: str) -> None:
    """Write down that a slice is published from an original, and let go of the ones before.

    Args:
        slice_: has just been published.
        sha256: checksum of the original that it was made from.
    """
    lake, home = slice_.lake, slice_.files
    with lake.alone(home):
        before, newest = read_note(lake, f"{home}/{GOOD}"), read_note(lake, f"{home}/{NOTE}")
        if newest is None or newest.sha256 != sha256:
            return
        if before is None or before.sha256 != sha256:
            lake.publish_json(asdict(newest), f"{home}/{GOOD}")
        remove_unneeded(lake, home)


def kept_generations(lake: Lake, home: str) -> set[str]:
    """The folders in a home of originals that stay, however old they are.

    Of the newest delivery, of the one that was last published, and of those that a published month
    was made from.
    """
    notes = [f"{home}/{name}" for name in (NOTE, GOOD) if lake.exists(f"{home}/{name}")]
    keys = (str(json.loads(lake.read_bytes(note))["key"]) for note in notes)
    kept = {key.split("/")[-2] for key in keys}
    for key in _published_from(lake, home):
        if footer := _footer(lake, key):
            kept.add(footer["source_sha256"][:SHORT])
        elif lake.exists(key):  # damaged: it does not say what it was made from
            kept.update(_generations(lake, home))
    return kept


def remove_unneeded(lake: Lake, home: str) -> None:
    """Remove the originals that nothing keeps, a killed fetch's among them."""
    newest = read_note(lake, f"{home}/{NOTE}")
    if newest is None:
        return
    folder = newest.key.rpartition("/")[0]
    for key in lake.keys_in(folder):  # the same content under another name
        if key != newest.key and not key.endswith(SPLIT):
            lake.delete(key)
    others = set(_generations(lake, home)) - {folder.rpartition("/")[2]}
    for other in sorted(others - kept_generations(lake, home) if others else ()):
        for key in lake.keys_in(f"{home}/{other}"):
            lake.delete(key)


def _generations(lake: Lake, home: str) -> list[str]:
    names = (key.rpartition("/")[2] for key in lake.keys_in(home))
    return [name for name in names if not name.endswith(".json")]


def _published_from(lake: Lake, home: str) -> list[str]:
    """Keys of the published slices that a home of originals serves."""
    _, domain, table, held = home.split("/", 3)
    folders = [held]
    if held == ALL_MONTHS:
        folders = [Month(month).folder for month in published_months(lake, domain, table)]
    return [f"{domain}/{table}/{parquet_in(folder, table)}" for folder in folders]


def _footer(lake: Lake, key: str) -> dict[str, str] | None:
    """What a published Parquet says of its load; None where there is none, or it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not lake.exists(key):
        return None
    with contextlib.suppress(pa.ArrowInvalid, OSError), lake.open(key) as handle:
        found = {k.decode(): v.decode() for k, v in pq.read_metadata(handle).metadata.items()}
        return found if "source_sha256" in found else None
    return None
