"""A finished month's Parquet and quarantine into the lake, and what the footers there say.

Belongs here: comparing a month with the one that it replaces, the order of publication, and reading
published footers. Stays out: making the Parquet (`lib/ingest/month_file.py`,
`lib/ingest/whole_file.py`), what counts as a change (`changes.py`) and as a worse file
(`lib/ingest/redelivery.py`).
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.redelivery import refuse_worse
from ecommerce_assets.lib.lake import changes, seal
from ecommerce_assets.lib.lake.changes import Changes
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import Quarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb

    from ecommerce_assets.lib.ingest.month_file import IngestResult


def publish_month(
    contract: TableContract,
    month: date,
    lake: Lake,
    db: duckdb.DuckDBPyConnection,
    target: Path,
    bad_rows: Iterator[dict[str, list[Any]]],
    result: IngestResult,
    *,
    accept_worse: bool = False,
    before: Callable[[], None] | None = None,
) -> None:
    """Publish a month's Parquet and quarantine, and write down what they change of the month.

    Args:
        contract: gives the columns to compare.
        month: the partition.
        lake: where to publish.
        db: compares the new file with the published one.
        target: the finished Parquet in a staging folder, its footer made by `ingest.footer_of`.
        bad_rows: the rows for `Quarantine.publish`.
        result: the load's figures; `changes` and `lake_bytes` are filled in.
        accept_worse: whether a worse file may replace the month.
        before: called when nothing refuses the month any more, before it is published.

    Raises:
        WorseDelivery: the published month is better.
        ConservationBroken: the rows before, the changes and the rows after do not add up.
        LostRace: another writer published the month since the comparison began.
    """
    parquet_key = lake.parquet_key(contract.domain, contract.table, month)
    quarantine = Quarantine(lake, contract, month)
    # Alone: another file's load of this month would take our quarantine for superseded, or put
    # another old file in the place of the one that is compared.
    with lake.alone(quarantine.folder):
        replaces = lake.version(parquet_key)
        first = next(bad_rows, None)
        bad_rows = chain([first] if first else [], bad_rows)
        result.changes = _settle(contract, month, lake, db, target, first, accept_worse)
        if before:
            before()
        # Quarantine first: it is found by the load's key, which only the Parquet makes current.
        quarantine.publish(result.load_key, bad_rows, target.parent, result.null_words)
        lake.publish(target, parquet_key, replaces=replaces)
        quarantine.remove_superseded(result.load_key)
    result.lake_bytes = lake.size(parquet_key)


def _settle(
    contract: TableContract,
    month: date,
    lake: Lake,
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

    pairs, rows = now = footer_pairs(pq.read_metadata(target))
    parquet_key = lake.parquet_key(contract.domain, contract.table, month)
    with ExitStack() as stack:
        old = None
        if lake.exists(parquet_key):
            path = stack.enter_context(lake.local_copy(parquet_key))
            # A damaged file tells nothing of what changes; the new one takes its place.
            old = None if seal.fault(path) else (path, *read_footer(lake, contract, month))
        if old and not accept_worse:
            refuse_worse(contract, month, old[1:], now, bad)
        found = changes.compare(db, contract, old, target, rows)
    changes.fill_footer(target, pairs[changes.ENTRY], found)
    seal.close(target)
    return found


def read_footer(lake: Lake, contract: TableContract, month: date) -> tuple[dict[str, str], int]:
    """The key-value pairs and the number of rows in the footer of a month's published Parquet.

    Raises:
        FileNotFoundError: the month is not published.
        DamagedMonth: its file has no footer that can be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = lake.parquet_key(contract.domain, contract.table, month)
    try:
        with lake.open(key) as handle:
            return footer_pairs(pq.read_metadata(handle))
    except pa.ArrowInvalid as error:
        why = f"its footer cannot be read ({type(error).__name__})"
        found = seal.damaged(lake, contract, month, why)
        raise seal.DamagedMonth(found.why, found.cure) from error


def footer_pairs(metadata: Any) -> tuple[dict[str, str], int]:
    """The key-value pairs and the number of rows of what `pq.read_metadata` gives."""
    pairs = {k.decode(): v.decode() for k, v in (metadata.metadata or {}).items()}
    return pairs, int(metadata.num_rows)


def published_rows(lake: Lake, contract: TableContract) -> int:
    """The rows of all published months, as their footers say."""
    months = lake.months(contract.domain, contract.table)
    return sum(read_footer(lake, contract, month)[1] for month in months)
