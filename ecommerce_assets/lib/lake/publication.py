"""A finished slice's Parquet and quarantine into the lake, and what is published of a table.

Belongs here: comparing a slice with the one that it replaces, and the order of publication. Stays
out: making the Parquet (`lib/ingest/month_file.py`, `lib/ingest/whole_file.py`), what counts as a
change (`changes.py`) and as a worse file (`lib/ingest/redelivery.py`).
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.redelivery import refuse_worse
from ecommerce_assets.lib.lake import changes, seal
from ecommerce_assets.lib.lake.bucket import LostRace
from ecommerce_assets.lib.lake.changes import Changes
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import (
    KEY,
    KIND,
    Month,
    Slice,
    parse_key,
    published_slices,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb

    from ecommerce_assets.lib.ingest.month_file import IngestResult


def publish_slice(
    slice_: Slice,
    db: duckdb.DuckDBPyConnection,
    target: Path,
    bad_rows: Iterator[dict[str, list[Any]]],
    result: IngestResult,
    *,
    accept_worse: bool = False,
    before: Callable[[], None] | None = None,
) -> None:
    """Publish a slice's Parquet and quarantine, and write down what they change of the slice.

    Args:
        slice_: what is published.
        db: compares the new file with the published one.
        target: the finished Parquet in a staging folder, its footer made by `ingest.footer_of`.
        bad_rows: the rows for `Quarantine.publish`.
        result: the load's figures; `changes` and `lake_bytes` are filled in.
        accept_worse: whether a worse file may replace the slice.
        before: called when nothing refuses the slice any more, before it is published.

    Raises:
        WorseDelivery: the published slice is better.
        ConservationBroken: the rows before, the changes and the rows after do not add up.
        LostRace: another writer published the slice since the comparison began.
    """
    lake, quarantine = slice_.lake, Quarantine(slice_)
    # Alone: another file's load of this slice would take our quarantine for superseded, or put
    # another old file in the place of the one that is compared.
    with slice_.alone():
        replaces = lake.version(slice_.parquet)
        _refuse_other_slice(slice_)
        first = next(bad_rows, None)
        bad_rows = chain([first] if first else [], bad_rows)
        result.changes = _settle(slice_, db, target, first, accept_worse)
        if before:
            before()
        # Quarantine first: it is found by the load's key, which only the Parquet makes current.
        quarantine.publish(result.load_key, bad_rows, target.parent, result.null_words)
        lake.publish(target, slice_.parquet, replaces=replaces)
        quarantine.remove_superseded(result.load_key)
    result.lake_bytes = lake.size(slice_.parquet)


def _settle(
    slice_: Slice,
    db: duckdb.DuckDBPyConnection,
    target: Path,
    bad: dict[str, list[Any]] | None,
    accept_worse: bool,
) -> Changes:
    """Compare a finished Parquet with the published one and complete its footer.

    Raises:
        WorseDelivery: the published one is better; `bad` holds rows to show.
    """
    import pyarrow.parquet as pq

    pairs, rows = now = seal.footer_pairs(pq.read_metadata(target))
    with ExitStack() as stack:
        old = None
        if slice_.is_published:
            path = stack.enter_context(slice_.lake.local_copy(slice_.parquet))
            # A damaged file tells nothing of what changes; the new one takes its place.
            old = None if seal.fault(path) else (path, *slice_.footer())
        if old and not accept_worse and isinstance(slice_.key, Month):
            refuse_worse(slice_, old[1:], now, bad)
        found = changes.compare(db, slice_.contract, old, target, rows)
    changes.fill_footer(target, pairs[changes.ENTRY], found)
    seal.close(target)
    return found


def _refuse_other_slice(slice_: Slice) -> None:
    """Refuse a batch, or a range, that begins where another one that is published does.

    Raises:
        LostRace: another writer published the other one first.
    """
    if isinstance(slice_.key, Month) or not slice_.is_published:
        return
    pairs, _ = slice_.footer()
    if pairs[KEY] != slice_.key.text:
        other = parse_key(pairs[KIND], pairs[KEY]).words
        raise LostRace(
            f"{slice_} is not published: another writer was first with {other}",
            "begin where that one ends: nothing of this one is visible",
        )


def published_rows(lake: Lake, contract: TableContract) -> int:
    """The rows of all published slices of a table, as their footers say."""
    return sum(slice_.footer()[1] for slice_ in published_slices(lake, contract))
