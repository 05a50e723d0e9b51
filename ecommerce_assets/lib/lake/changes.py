"""What a month that comes again changes: rows added, removed and altered, and its content's key.

Belongs here: comparing a new Parquet file with the published one, and writing the outcome into the
new file's footer before it is published. Stays out: when a month is loaded
(`lib/ingest/month_file.py`), and what is rebuilt because of it (`dbt/freshness.py`).

Rows are compared as multisets of 64-bit hashes over all columns of the contract. Two different rows
would have to share a hash to be taken for one: for two months of four million rows the odds are
below one in a million, and what they could hide is a single row of the figures.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract
from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.failures import ConservationBroken

if TYPE_CHECKING:
    import duckdb

#: The footer's entry that holds a `Changes` as JSON, padded with blanks.
ENTRY = "changes"
#: Bytes kept for it: the longest one has three numbers of 19 digits, and fits twice over.
ENTRY_BYTES = 320
#: Bytes at the end of a Parquet file: the footer's length in four, and the magic word `PAR1`.
TAIL_BYTES = 8

Kind = Literal["first", "same", "reordered", "columns", "changed"]
WORDS: dict[Kind, str] = {
    "first": "first load: every row is new",
    "same": "the same rows in the same order; nothing that depends on them is rebuilt",
    "reordered": "the same rows in another order; what depends on them is rebuilt",
    "columns": "the same rows under other columns; what depends on them is rebuilt",
    "changed": "other rows; what depends on them is rebuilt",
}


@dataclass(frozen=True)
class Changes:
    """What a load changed of its month: `old rows - removed + added = new rows`.

    Attributes:
        kind: `first` (nothing was published), `same`, `reordered`, `columns` or `changed`.
        added: rows without a counterpart in the old file; of a first load all rows.
        removed: rows of the old file without a counterpart.
        altered: pairs of an old and a new row with equal key columns and other values.
        content_key: the same for the same rows in the same order under the same columns.
    """

    kind: Kind
    added: int
    removed: int
    altered: int
    content_key: str

    @property
    def words(self) -> str:
        """The kind as a sentence."""
        return WORDS[self.kind]


def placeholder() -> str:
    """A text for the footer's entry `changes`; `fill_footer` puts the outcome in its place."""
    return uuid.uuid4().hex.ljust(ENTRY_BYTES, "~")


def read_changes(footer: dict[str, str]) -> Changes | None:
    """What a footer says its load changed; None where it was written before loads said so."""
    if ENTRY not in footer:
        return None
    known = Changes.__dataclass_fields__.keys()  # a later version may have written more
    return Changes(**{k: v for k, v in json.loads(footer[ENTRY]).items() if k in known})


def content_of(footer: dict[str, str]) -> str:
    """Names a published month's content: its content key.

    A footer without one (an older load's) answers with its load's key, which changes with the file
    even where the rows do not: such a month is rebuilt once too often rather than once too seldom.
    """
    changes = read_changes(footer)
    return changes.content_key if changes else f"load-{footer['load_key']}"


def compare(
    db: duckdb.DuckDBPyConnection,
    contract: TableContract,
    old: tuple[Path, dict[str, str], int] | None,
    new: Path,
    rows: int,
) -> Changes:
    """Compare a month's new Parquet file with its published one.

    Args:
        db: where to run it; its memory limit holds.
        contract: gives the columns and the key by which an altered row is known again.
        old: path, footer and rows of the published file; None where there is none.
        new: the finished file.
        rows: its rows.

    Raises:
        ConservationBroken: the rows before, the changes and the rows after do not add up.
    """
    key = content_key(db, contract, new, rows)
    if old is None:
        return Changes("first", rows, 0, 0, key)
    path, footer, old_rows = old
    known = read_changes(footer)
    if key == (known.content_key if known else content_key(db, contract, path, old_rows)):
        return Changes("same", 0, 0, 0, key)
    added, removed, altered = _difference(db, contract, path, new)
    if old_rows - removed + added != rows:
        raise ConservationBroken(
            f"{contract.dataset}: {old_rows:,} rows before, {removed:,} removed and {added:,} "
            f"added do not make the {rows:,} rows of the new file",
            "nothing was published; load the month again, and report it if it happens twice",
        )
    if added or removed or altered:
        return Changes("changed", added, removed, altered, key)
    alike = column_types(db, path) == column_types(db, new)
    return Changes("reordered" if alike else "columns", 0, 0, 0, key)


def content_key(
    db: duckdb.DuckDBPyConnection, contract: TableContract, path: Path, rows: int
) -> str:
    """Names the rows of a Parquet file, their order, and their columns with their types.

    The sum of one hash per row, over its place in the file and its values. It also changes when
    DuckDB hashes otherwise; months are then rebuilt once although they are the same.
    """
    types = column_types(db, path)
    columns = ", ".join(quote_name(name) for name in types)
    (total,) = _row(
        db,
        f"select coalesce(sum(hash(hash(file_row_number, {columns}))), 0)::varchar from "
        f"read_parquet({quote_text(str(path))}, file_row_number = true, hive_partitioning = false)",
    )
    schema = hashlib.sha256(json.dumps(types).encode()).hexdigest()[:8]
    return f"{schema}-{rows:x}-{int(str(total)):x}"


def fill_footer(path: Path, filler: str, changes: Changes) -> None:
    """Put what a load changed where its footer holds `filler`.

    The figures are known only when the file is written, and a Parquet file's footer cannot be
    appended to; texts in it may be overwritten by texts of the same length.

    Raises:
        ConservationBroken: the filler is not there exactly once.
    """
    text = json.dumps(asdict(changes)).ljust(ENTRY_BYTES)
    with path.open("r+b") as handle:
        handle.seek(-TAIL_BYTES, 2)
        length = int.from_bytes(handle.read(4), "little")
        start = handle.seek(-(length + TAIL_BYTES), 2)
        footer = handle.read(length)
        if footer.count(filler.encode()) != 1 or len(text) != len(filler):
            raise ConservationBroken(
                f"the footer of {path.name} has no place for what the load changed",
                "nothing was published; please report it as a defect",
            )
        handle.seek(start + footer.index(filler.encode()))
        handle.write(text.encode())


def _difference(
    db: duckdb.DuckDBPyConnection, contract: TableContract, old: Path, new: Path
) -> tuple[int, int, int]:
    """Rows added, removed and altered between two Parquet files.

    What is left when equal rows are taken off both sides is paired by the key; of `m` old and `n`
    new rows of one key the smaller number counts as altered, the rest as removed or added.
    """
    found = _row(
        db,
        f"""
        with
            sides as (
                {_side(db, contract, new, 1)}
                union all
                {_side(db, contract, old, -1)}
            ),
            left_over as (
                select any_value(key_hash) as key_hash, sum(side) as surplus
                from sides group by row_hash having sum(side) <> 0
            ),
            by_key as (
                select
                    coalesce(sum(surplus) filter (where surplus > 0), 0) as more,
                    coalesce(-sum(surplus) filter (where surplus < 0), 0) as fewer
                from left_over group by key_hash
            )
        select
            coalesce(sum(more - least(more, fewer)), 0),
            coalesce(sum(fewer - least(more, fewer)), 0),
            coalesce(sum(least(more, fewer)), 0)
        from by_key
        """,
    )
    added, removed, altered = (int(str(number)) for number in found)
    return added, removed, altered


def _side(db: duckdb.DuckDBPyConnection, contract: TableContract, path: Path, sign: int) -> str:
    """One file's rows as hashes of all columns and of the key, in the contract's types."""
    types = column_types(db, path)
    values = {
        column.name: quote_name(column.name)
        if types.get(column.name) == column.duckdb_type
        else f"try_cast({quote_name(column.name)} as {column.duckdb_type})"
        if column.name in types
        else f"cast(null as {column.duckdb_type})"
        for column in contract.columns
    }
    # Without a declared key no row is known again: all changes are rows added and removed.
    key = contract.change_key or contract.column_names
    return (
        f"select hash(hash({', '.join(values.values())})) as row_hash, "
        f"hash(hash({', '.join(values[name] for name in key)})) as key_hash, {sign} as side "
        f"from read_parquet({quote_text(str(path))}, hive_partitioning = false)"
    )


def column_types(db: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Names and types of a contract's columns in a Parquet file, as a contract writes them."""
    source = f"read_parquet({quote_text(str(path))}, hive_partitioning = false)"
    return {
        str(name): str(kind).replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
        for name, kind, *_ in db.execute(f"describe from {source}").fetchall()
        if name != ROW_NUMBER
    }


def _row(db: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    found = db.execute(sql).fetchone()
    if found is None:
        raise AssertionError("an aggregate has one row")
    return found
