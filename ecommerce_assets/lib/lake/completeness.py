"""Whether a published month has what a month has.

Belongs here: questions to a month's published Parquet that need no warehouse. Stays out: what
follows from the answer (the checks in `defs/`).
"""

from __future__ import annotations

from datetime import date

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.lake.slices import Slice


def days_with_rows(slice_: Slice) -> set[date]:
    """The UTC days on which a published month has rows."""
    import duckdb

    column = quote_name(slice_.contract.time_of_month)
    with slice_.lake.local_copy(slice_.parquet) as path, duckdb.connect() as db:
        rows = db.execute(
            f"select distinct cast(make_timestamp(epoch_us({column}))"
            f" as date) from read_parquet({quote_text(str(path))}, hive_partitioning = false)"
        ).fetchall()
    return {row[0] for row in rows}
