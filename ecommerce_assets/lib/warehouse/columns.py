"""Whether tables have the columns that a version of the models gives them.

Belongs here: comparing names and types as either engine spells them. Stays out: asking an engine
for its columns (`duckdb.py`, `bigquery.py`), and what follows from a difference (`defs/dbt/`).
"""

from __future__ import annotations

from collections.abc import Mapping

#: Names of one type, in lower case and without blanks.
_SAME = {
    "varchar": "string",
    "text": "string",
    "int64": "bigint",
    "bool": "boolean",
    "float64": "double",
    "timestampwithtimezone": "timestamptz",
    "numeric(18,4)": "decimal(18,4)",
}


def same_type(one: str, other: str) -> bool:
    """Whether two spellings name one type, e.g. `VARCHAR` and `string`."""
    return _plain(one) == _plain(other)


def difference(found: Mapping[str, str], wanted: Mapping[str, str | None]) -> str | None:
    """What of a table's columns is not as wanted, in words; None where all is.

    Args:
        found: the table's columns with their types.
        wanted: the columns of the model; a type of None is not compared.
    """
    said = []
    new = [name for name in wanted if name not in found]
    if new:
        said.append("lacks " + ", ".join(new))
    gone = [name for name in found if name not in wanted]
    if gone:
        said.append("still has " + ", ".join(gone))
    for name, kind in wanted.items():
        if name in found and kind is not None and not same_type(found[name], kind):
            said.append(f"has {name} as {found[name]}, not {kind}")
    return "; ".join(said) or None


def _plain(kind: str) -> str:
    text = kind.lower().replace(" ", "")
    return _SAME.get(text, text)
