"""The reader of a delivery, by its contract and by what it is.

Belongs here: the choice. Stays out: any form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.spelling import as_delivered, with_quote
from ecommerce_assets.lib.ingest.readers.delimited import DelimitedRows
from ecommerce_assets.lib.ingest.readers.json_lines import JsonLineRows, MessageRows
from ecommerce_assets.lib.ingest.readers.protocol import Rows
from ecommerce_assets.lib.ingest.readers.typed import (
    TYPES,
    VALUE,
    Held,
    TypedRows,
    table_of,
    value_in,
)
from ecommerce_assets.lib.ingest.text import Progress, open_text
from ecommerce_assets.lib.sources.protocol import TYPED

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@contextmanager
def open_rows(
    contract: TableContract,
    data: Path | pa.Table,
    name: str,
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    max_bytes: int,
    progress: Progress | None = None,
) -> Iterator[Rows]:
    """The rows of a delivery, for the block.

    Args:
        contract: what is expected.
        data: the file as it was delivered, or columns in memory.
        name: of the delivery, for messages.
        db: reads what is not text.
        folder: a staging folder.
        max_bytes: a text that inflates to more is refused.
        progress: called with bytes inflated and bytes in all.

    Raises:
        NotADataFile: the file is not a data file.
        ContractBroken: its columns break the contract.
    """
    if not isinstance(data, Path):
        messages = contract.form == "json" and VALUE in data.column_names
        make = MessageRows if messages else _typed
        yield make(contract, name, data, db)
    elif data.suffix == TYPED:
        yield TypedRows(contract, name, Held(data), db)
    elif contract.form == "json":
        spelled = replace(contract.dialect, json=True)
        with open_text(
            data, folder, max_bytes=max_bytes, progress=progress, dialect=spelled
        ) as text:
            yield JsonLineRows(contract, text, db, folder)
    else:
        contract = as_delivered(contract, data)
        with open_text(
            data, folder, max_bytes=max_bytes, progress=progress, dialect=contract.dialect
        ) as text:
            yield DelimitedRows(contract, text, folder)


@contextmanager
def open_kept(
    contract: TableContract,
    texts: Sequence[str],
    footer: Mapping[str, str],
    db: duckdb.DuckDBPyConnection,
    folder: Path,
) -> Iterator[Rows]:
    """Rows out of the quarantine as their delivery had them, for the block.

    Args:
        contract: by which they are judged now.
        texts: as `Rows.texts` gave them; at least one.
        footer: of the slice that they belong to.
        db: reads what is not text.
        folder: a staging folder.
    """
    if TYPES in footer:
        table = table_of(texts, json.loads(footer[TYPES]), db)
        messages = contract.form == "json" and VALUE in table.column_names
        make = MessageRows if messages else _typed
        yield make(contract, "quarantine", table, db)
        return
    # Quarantined lines are kept in UTF-8, with the quotes of their file.
    if footer.get("quote"):  # whether the contract says so or not
        contract = with_quote(contract, footer["quote"])
    is_json = contract.form == "json"
    dialect = replace(contract.dialect, encoding="utf-8", json=is_json)
    contract = replace(contract, dialect=dialect, additional_columns="report")
    names = {column.name: column.source_name for column in contract.columns}
    found = [names.get(name, name) for name in json.loads(footer["header"])]
    header = dialect.written(contract.delimiter.join(found))
    path = folder / "quarantined.txt"
    lines = texts if is_json else [header, *texts]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    with open_text(path, folder, max_bytes=path.stat().st_size + 1, dialect=dialect) as text:
        if is_json:
            yield JsonLineRows(contract, text, db, folder)
        else:
            yield DelimitedRows(contract, text, folder)


def value_kept(
    contract: TableContract, footer: Mapping[str, str], text: str, column: str
) -> str | None:
    """One value of a row as the quarantine keeps it; None where it has none.

    Args:
        contract: the columns.
        footer: of the slice that the row belongs to.
        text: as `Rows.texts` gave it.
        column: by the contract's name.
    """
    if TYPES in footer or contract.form == "json":
        return value_in(contract, text, column)
    values, header = contract.dialect.plain_line(text).split(contract.delimiter), footer["header"]
    names = json.loads(header)
    return values[names.index(column)] if len(values) == len(names) else None


def _typed(
    contract: TableContract, name: str, table: pa.Table, db: duckdb.DuckDBPyConnection
) -> TypedRows:
    return TypedRows(contract, name, Held(table), db)
