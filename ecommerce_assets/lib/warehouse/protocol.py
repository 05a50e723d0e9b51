"""What every warehouse engine offers to the assets above it.

Belongs here: the protocol. Stays out: any engine's dialect or client.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.lake import Lake

if TYPE_CHECKING:
    import pyarrow as pa


class Warehouse(Protocol):
    """An engine that shows the lake's months as raw tables and answers queries."""

    kind: str

    def load_month(self, contract: TableContract, lake: Lake, month: date) -> int:
        """Make a published month visible in `<domain>_raw.<table>` in one atomic step.

        Returns:
            The rows that the raw table now has in that month.
        """
        ...

    def show_raw(self, contract: TableContract, lake: Lake) -> None:
        """Make sure that `<domain>_raw.<table>` is there, empty where no month is published."""
        ...

    def shows(self, contract: TableContract, lake: Lake) -> bool:
        """Whether `<domain>_raw.<table>` is there and looks at this lake."""
        ...

    def load_operations(self, contract: TableContract, lake: Lake) -> None:
        """Make `<domain>_raw.<table>_quarantine` and `ops.load_ledger` visible."""
        ...

    def show_truths(self, lake: Lake) -> None:
        """Make `ops.truths` visible."""
        ...

    def count_rows(self, table: str) -> int | None:
        """The rows of a table or view, named `schema.table`; None where asking would cost money."""
        ...

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query; values go in as parameters."""
        ...

    def read(self, sql: str, parameters: list[Any] | None = None) -> pa.Table:
        """The rows of a query as an Arrow table; values go in as parameters."""
        ...

    def query_named(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """The same, each row by the names of its columns."""
        ...
