"""What was read of each page of a shop, so that an unchanged page is neither sent nor read again.

Belongs here: keeping it in a small SQLite file over processes. Stays out: what is in a page.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from ecommerce_assets.lib.sources.catalogue.pages import Extract, Offer

_TABLE = """
create table if not exists page (
    url text primary key, etag text not null, modified text not null,
    offers text not null, faults text not null, day text not null
)
"""


@dataclass(frozen=True)
class Known:
    """A page as it was read last: its validators, what it said, and the day, `2026-11-22`."""

    etag: str
    modified: str
    extract: Extract
    day: str


class PageStore:
    """The pages of all shops by address, a context manager.

    Each page is kept at once, so that a reading that is killed goes on where it stopped.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file, made if need be; None keeps nothing beyond the block."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.execute(_TABLE)

    def __enter__(self) -> PageStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def get(self, url: str) -> Known | None:
        """What is known of a page."""
        row = self._database.execute(
            "select etag, modified, offers, faults, day from page where url = ?", [url]
        ).fetchone()
        if row is None:
            return None
        offers = [Offer(**offer) for offer in json.loads(row[2])]
        return Known(row[0], row[1], Extract(offers, json.loads(row[3])), row[4])

    def put(self, url: str, known: Known) -> None:
        """Keep what a page says now."""
        offers = json.dumps([asdict(offer) for offer in known.extract.offers])
        self._database.execute(
            "insert or replace into page values (?, ?, ?, ?, ?, ?)",
            [
                url,
                known.etag,
                known.modified,
                offers,
                json.dumps(known.extract.faults),
                known.day,
            ],
        )

    def forget(self, url: str) -> None:
        """Drop a page that is gone."""
        self._database.execute("delete from page where url = ?", [url])
