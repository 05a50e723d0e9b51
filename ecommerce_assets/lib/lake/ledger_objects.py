"""How the ledger's rows lie in the lake: loose objects of one row, and merged ones of many.

Belongs here: reading all of them, and merging. Stays out: what a row means (`ledger.py`).

An attempt is one small object until it has ended. Opening one file a row takes a minute for 50,000
rows, so rows that will not change any more are merged: into `merged/small`, and many of these into
`merged/large`. All lie at the same depth and hold a row a line, so one pattern finds all of them.

A merged object is published before what it was made from is deleted, and is never replaced: a kill
in between, or two processes that merge at once, leave a row twice and never not at all. Whoever
reads takes each attempt once, and looks into loose, small and large objects in this order: what was
moved in the meantime is found further on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger_row import LedgerRow, row_of

FOLDER = "ops/load_ledger"
SMALL, LARGE = f"{FOLDER}/merged/small", f"{FOLDER}/merged/large"
#: So many objects of a kind are merged into one of the next.
MERGED_FROM = 256
LARGE_FROM = 32


@dataclass(frozen=True)
class Unreadable:
    """An object of the ledger, or a line of one, that is not a row: where it is, and why."""

    key: str
    why: str


@dataclass(frozen=True)
class Found:
    """A row as it was written, and the key of its object."""

    row: LedgerRow
    key: str


class LedgerObjects:
    """The objects of one lake's ledger.

    Args:
        lake: where they lie.
    """

    #: Merged objects do not change: each is read once a process. By lake and key.
    _read: dict[tuple[str, str], tuple[list[Found], list[Unreadable]]] = {}  # noqa: RUF012

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def read(
        self, dataset: str | None = None, within: str = ""
    ) -> tuple[list[Found], list[Unreadable]]:
        """All rows, loose ones first, an attempt as often as it lies there; and what is not a row.

        Args:
            dataset: only loose objects of this data set; merged ones hold all of them.
            within: only loose objects with this text in their key.
        """
        found, bad = self._read_loose(dataset, within)
        for folder in (SMALL, LARGE):
            for key in self._lake.keys_in(folder):
                rows, broken = self._read_merged(key)
                found += rows
                bad += broken
        return found, bad

    def merge(self, closed: Callable[[list[LedgerRow]], Iterable[LedgerRow]]) -> int:
        """Merge loose objects where there are many, and small ones likewise.

        Args:
            closed: of the loose rows, those that will not change any more, as they are to be kept.

        Returns:
            How many objects were merged.
        """
        merged = 0
        found, _ = self._read_loose(None, "")
        if len(found) >= MERGED_FROM:
            keys = {each.row.attempt_id: each.key for each in found}
            rows = list(closed([each.row for each in found]))
            if len(rows) >= MERGED_FROM:
                self._publish(SMALL, [_line(row) for row in rows])
                self._delete([keys[row.attempt_id] for row in rows])
                merged += len(rows)
        small = self._lake.keys_in(SMALL)
        if len(small) >= LARGE_FROM:
            contents = dict(zip(small, self._lake.read_those_there(small), strict=True))
            whole = {key: text for key, text in contents.items() if isinstance(text, bytes)}
            # Lines that are not rows come along: they are still named, wherever they lie.
            lines = {line for text in whole.values() for line in text.split(b"\n") if line}
            self._publish(LARGE, list(lines))
            self._delete(list(whole))
            merged += len(whole)
        return merged

    def _read_loose(self, dataset: str | None, within: str) -> tuple[list[Found], list[Unreadable]]:
        keys = [
            key
            for key in self._lake.keys_below(f"{FOLDER}/{dataset}" if dataset else FOLDER)
            if within in key and not key.startswith(f"{FOLDER}/merged/")
        ]
        found, bad = [], []
        for key, content in zip(keys, self._lake.read_those_there(keys), strict=True):
            if isinstance(content, OSError):
                bad.append(Unreadable(key, content.strerror or type(content).__name__))
            elif content is not None:
                rows, broken = self._parse(key, content)
                found += rows
                # It was meant to be one row: one word for it is enough.
                bad += broken[:1] or ([] if rows else [Unreadable(key, "it is empty")])
        return found, bad

    def _read_merged(self, key: str) -> tuple[list[Found], list[Unreadable]]:
        known = self._read.get((self._lake.uri, key))
        if known is None:
            (content,) = self._lake.read_those_there([key])
            if content is None:  # merged into a larger one since it was listed
                return [], []
            if isinstance(content, OSError):
                return [], [Unreadable(key, content.strerror or type(content).__name__)]
            known = self._parse(key, content)
            self._read[self._lake.uri, key] = known
        return known

    def _parse(self, key: str, content: bytes) -> tuple[list[Found], list[Unreadable]]:
        found, bad = [], []
        for number, line in enumerate(content.split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                document = json.loads(line)
                if not isinstance(document, dict):
                    raise TypeError("it is not a row")
                row = row_of(document)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                place = key if number == 1 else f"{key}, line {number}"
                bad.append(Unreadable(place, _why(error)))
            else:
                found.append(Found(row, key))
        return found, bad

    def _publish(self, folder: str, lines: list[bytes]) -> None:
        """Publish lines under a name that follows from them: twice the same is one object."""
        content = b"".join(line + b"\n" for line in sorted(lines))
        name = hashlib.sha256(content).hexdigest()[:32]
        with self._lake.staging() as home:
            path = home / "rows.json"
            path.write_bytes(content)
            self._lake.publish(path, f"{folder}/{name}.json")

    def _delete(self, keys: list[str]) -> None:
        for key in keys:
            self._lake.delete(key)


def _line(row: LedgerRow) -> bytes:
    """A row as a line, without what is not known of it: half of its columns."""
    known = {name: value for name, value in vars(row).items() if value is not None}
    return json.dumps(known, default=str).encode()


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not text"
    if isinstance(error, json.JSONDecodeError):
        return "it is not JSON, or only a part of it"
    if isinstance(error, RecursionError):
        return "it is not a row"
    return str(error.args[0]) if error.args else type(error).__name__
