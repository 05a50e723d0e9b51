"""The pages' queries: those of a page lie beside it, in one file.

Belongs here: finding a query by its name. Stays out: asking it (`data.py`, `live.py`).

In `views/<domain>/<page>.sql` each query begins with a line `-- name: <query>`. Both engines
understand it, and values reach it as question marks alone.
"""

from __future__ import annotations

import re
from pathlib import Path

VIEWS = Path(__file__).parent / "views"
_BEGINNING = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def sql_of(domain: str, query: str) -> str:
    """The text of a query.

    Args:
        domain: whose page it is of; empty for the pages of none.
        query: `<page>.<query>`.

    Raises:
        KeyError: the page has no such query.
    """
    page, _, name = query.partition(".")
    return queries_in(VIEWS / domain / f"{page}.sql")[name]


def queries_in(file: Path) -> dict[str, str]:
    """The queries of a file by name.

    Raises:
        ValueError: two have the same name.
    """
    _, *parts = _BEGINNING.split(file.read_text(encoding="utf-8"))
    names, texts = parts[::2], parts[1::2]
    if len(set(names)) < len(names):
        raise ValueError(f"{file} has two queries of one name: {', '.join(names)}")
    return dict(zip(names, texts, strict=True))
