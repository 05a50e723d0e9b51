"""The SELECTs of a DuckDB warehouse's views over files of the lake.

Belongs here: what a view reads, and with which types. Stays out: making views (`duckdb.py`). A view
names files as its `place` says: by their keys, where connections know the lake's folder, so that
nothing of where the lake lies is written down.
"""

from __future__ import annotations

from collections.abc import Callable

from ecommerce_assets.lib import truths
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import FOLDER, each_attempt_once, ledger_columns
from ecommerce_assets.lib.lake.quarantine import quarantine_columns
from ecommerce_assets.lib.lake.slices import FOLDERS, parquet_in, quarantine_home, table_home

#: Gives the address of a key of the lake, or of a pattern of keys, as a view names it.
Place = Callable[[str], str]


def raw_view(contract: TableContract, lake: Lake, place: Place) -> str:
    """The SELECT of a raw table: every published slice, with each row's place in its file.

    A table of which none is published has no rows: a glob that finds no file would be an error.
    """
    if not any(key.endswith(".parquet") for key in lake.keys_below(table_home(contract))):
        typed = [f"cast(null as {c.duckdb_type}) as {quote_name(c.name)}" for c in contract.columns]
        listed = ", ".join([*typed, "cast(null as bigint) as source_row_no"])
        return f"select {listed} where false"
    glob = place(raw_files(contract))
    columns = ", ".join(quote_name(name) for name in contract.column_names)
    return (
        f"select {columns}, file_row_number as source_row_no "
        f"from read_parquet({quote_text(glob)}, file_row_number = true, hive_partitioning = false)"
    )


def raw_files(contract: TableContract) -> str:
    """The pattern of the keys of a table's published slices."""
    return f"{table_home(contract)}/{parquet_in(FOLDERS[contract.slices], contract.table)}"


def quarantine_view(contract: TableContract, lake: Lake, place: Place) -> str:
    """The SELECT over a table's quarantined rows; none where no month was ever loaded."""
    folder, columns = quarantine_home(contract), quarantine_columns(contract)
    if not any(key.endswith(".parquet") for key in lake.keys_below(folder)):
        typed = [f"cast(null as {kind}) as {name}" for name, kind in columns.items()]
        return f"select {', '.join(typed)} where false"
    files = quote_text(place(f"{folder}/{FOLDERS[contract.slices]}/*.parquet"))
    return f"select {', '.join(columns)} from read_parquet({files}, hive_partitioning = false)"


def truths_view(place: Place) -> str:
    """The SELECT over the verdicts on all truths."""
    return json_view(place(f"{truths.FOLDER}/*/*.json"), truths.COLUMNS)


def ledger_view(place: Place) -> str:
    """The SELECT over the ledger's objects: each attempt once, as `ledger.Ledger.rows` takes it."""
    documents = place(f"{FOLDER}/*/*/*.json")
    lines = json_view(documents, ledger_columns(), ignore_errors=True)
    return each_attempt_once(f"({lines})")


def json_view(glob: str, columns: dict[str, str], *, ignore_errors: bool = False) -> str:
    """The SELECT over JSON documents of the lake, a line a row, with declared types."""
    tolerant = "ignore_errors = true, " if ignore_errors else ""
    listed = ", ".join(f"{name}: {quote_text(kind)}" for name, kind in columns.items())
    return (
        f"select * from read_json({quote_text(glob)}, format = 'newline_delimited', "
        f"{tolerant}hive_partitioning = false, columns = {{{listed}}})"
    )
