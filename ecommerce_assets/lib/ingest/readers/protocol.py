"""What every reader offers to the judge.

Belongs here: the protocol. Stays out: any form of delivery.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import quote_name

if TYPE_CHECKING:
    import duckdb

Array = np.ndarray[Any, Any]
#: A column of `Rows.source` with the reason codes of what the reader refuses of a row, joined by
#: `|`; null where it refuses nothing. A code without a column refuses the whole row.
REFUSED_NAME = "#refused"
REFUSED = quote_name(REFUSED_NAME)


class Rows(Protocol):
    """The rows of one delivery, in the order in which they came.

    A row has a line: the number by which people find it. That is the line of a text, the place of a
    row that has none, or the offset of a message.

    Attributes:
        contract: as this delivery needs it, for instance with the types that it brings itself.
        name: of the delivery, for messages.
        header: its columns in its order, by the contract's names.
        unknown: columns or fields that the contract does not know.
        received: all its rows, blank lines included.
        blank: those that are blank lines.
        refuses_in_band: whether `source` has the column `REFUSED`.
        form: what a footer says of the form, for `opened.kept_rows`; empty of plain text.
    """

    contract: TableContract
    name: str
    header: list[str]
    unknown: list[str]
    received: int
    blank: int
    refuses_in_band: bool
    form: Mapping[str, str]

    def source(self, db: duckdb.DuckDBPyConnection) -> str:
        """What stands behind `from` to read the rows; columns go by the contract's names.

        May be read as often as it is asked for.
        """
        ...

    def refused(self, db: duckdb.DuckDBPyConnection) -> tuple[Array, Array]:
        """Lines and reasons of rows that `source` did not deliver when it was read to its end."""
        ...

    def lines_of(self, positions: Array) -> Array:
        """The lines of the rows that `source` delivered as first, second and so on."""
        ...

    def above(self, lines: Array) -> Array:
        """How many rows, delivered or not and blank ones not counted, stand above each line."""
        ...

    def texts(self, lines: Sequence[int]) -> Iterator[str]:
        """The rows of some ascending lines as the quarantine keeps them."""
        ...

    def value_in(self, text: str, column: str) -> str | None:
        """One value of such a text, for a message; None where the text has none."""
        ...
