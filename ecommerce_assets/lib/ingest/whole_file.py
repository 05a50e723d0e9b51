"""A month out of a file that holds all months, to typed Parquet in the lake.

Belongs here: the order of the steps. Stays out: reading and judging the file (`split.py`), files of
one month (`month_file.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.ingest.month_file import (
    Delivery,
    IngestResult,
    as_published,
    connect,
    footer_of,
    load_key,
)
from ecommerce_assets.lib.ingest.split import Months, Split, publish_undated, split_file, take_month
from ecommerce_assets.lib.ingest.text import Progress
from ecommerce_assets.lib.lake.publication import publish_slice
from ecommerce_assets.lib.lake.slices import Slice

if TYPE_CHECKING:
    import duckdb


def ingest_part(
    slice_: Slice,
    months: Months,
    delivery: Delivery,
    *,
    run_id: str | None = None,
    memory_limit: str = "1000MB",
    max_bytes: int = 20_000_000_000,
    force: bool = False,
    accept_worse: bool = False,
    progress: Progress | None = None,
) -> IngestResult:
    """Load one month out of a shared file into the lake.

    The file is read by the first month that is loaded from it; the others take their rows from what
    was read. A month without rows is published empty.

    Args:
        slice_: the month.
        months: all that the file may hold.
        delivery: the file.
        run_id: kept with quarantined rows.
        memory_limit: DuckDB's.
        max_bytes: a file that inflates to more is refused.
        force: load even when the same file is published under the same contract.
        accept_worse: let a file replace the month that is worse than what is published.
        progress: called with bytes inflated and bytes in all.

    Raises:
        NotADataFile: the file is not a data file, another data set's, or too much of it is
            unreadable.
        WorseDelivery: the published month is better.
        ContractBroken: its header lacks columns or, where the contract says so, has unknown ones.
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    key = load_key(slice_.contract, slice_.key, delivery.sha256)
    published = None if force else as_published(slice_, key)
    if published:
        return published
    with slice_.lake.staging() as folder, connect(memory_limit, folder) as db:
        split = split_file(
            slice_.contract,
            months,
            delivery.path,
            delivery.name,
            delivery.sha256,
            slice_.lake,
            db,
            folder,
            run_id=run_id or "",
            max_bytes=max_bytes,
            progress=progress,
        )
        return _publish_part(slice_, delivery, db, folder, split, key, accept_worse=accept_worse)


def _publish_part(
    slice_: Slice,
    delivery: Delivery,
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    split: Split,
    key: str,
    *,
    accept_worse: bool,
) -> IngestResult:
    """Take the month's rows from the split and publish them; gives the load's figures."""
    whole, contract = split.figures, slice_.contract
    footer = footer_of(slice_, delivery, key, whole)
    footer |= {f"file_{name}": whole[name] for name in ("rows_received", "blank_lines")}
    target = folder / "accepted.parquet"
    part = take_month(slice_, split, db, target, footer)
    quarantined = sum(len(batch["line"]) for batch in part.bad)
    result = IngestResult(
        load_key=key,
        unchanged=False,
        rows_received=part.rows + quarantined,
        rows_accepted=part.rows,
        rows_quarantined=quarantined,
        blank_lines=0,
        reasons=part.reasons,
        unknown_columns=json.loads(whole["unknown_columns"]),
        null_words=part.null_words,
    )
    publish_slice(
        slice_,
        db,
        target,
        iter(part.bad),
        result,
        accept_worse=accept_worse,
        before=lambda: publish_undated(contract, split, slice_.lake, folder),
    )
    return result
