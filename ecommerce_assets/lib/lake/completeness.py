"""Whether a published month has what a month has.

Belongs here: questions to a month's published Parquet that need no warehouse. Stays out: what
follows from the answer (the checks in `defs/`).
"""

from __future__ import annotations

from datetime import date

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.lake.lake import Lake


def days_with_rows(lake: Lake, contract: TableContract, month: date) -> set[date]:
    """The UTC days on which a published month has rows."""
    import duckdb

    key = lake.parquet_key(contract.domain, contract.table, month)
    with lake.local_copy(key) as path, duckdb.connect() as db:
        rows = db.execute(
            f"select distinct cast(make_timestamp(epoch_us({quote_name(contract.month_column)}))"
            f" as date) from read_parquet({quote_text(str(path))}, hive_partitioning = false)"
        ).fetchall()
    return {row[0] for row in rows}
