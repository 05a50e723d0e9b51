"""What every warehouse engine offers to the assets above it.

Belongs here: the protocol. Stays out: any engine's dialect or client.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Slice
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    import pyarrow as pa


class Warehouse(Protocol):
    """An engine that shows the lake's slices as raw tables and answers queries.

    Attributes:
        kind: `duckdb` or `bigquery`.
        copies_raw: whether raw rows are copied into it, slice by slice; else it looks at the lake.
    """

    kind: str
    copies_raw: bool

    def load_slice(self, slice_: Slice) -> int:
        """Make a published slice visible in `<domain>_raw.<table>` in one atomic step.

        Returns:
            The rows that the raw table now has of it.
        """
        ...

    def show_raw(self, contract: TableContract, lake: Lake) -> None:
        """Make sure that `<domain>_raw.<table>` is there, empty where no slice is published."""
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

    def await_turn(self) -> None:
        """Wait until another process may write, as a model's build does, with a word on it.

        Raises:
            TransientFailure: it did not become free in time.
        """
        ...

    def held_open(self) -> AbstractContextManager[None]:
        """While the block lasts, many small queries do not each open the warehouse; no writes."""
        ...

    def count_rows(self, table: str) -> int | None:
        """The rows of a table or view, named `schema.table`; None where asking would cost money."""
        ...

    def columns_of(self, tables: list[str]) -> dict[str, dict[str, str]]:
        """The columns of tables named `schema.table`, with their types; only of those there are."""
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

    def builds(self, schemas: Collection[str]) -> Builds:
        """What the warehouse says that it holds, and the tables that are there.

        Args:
            schemas: whose tables are listed.
        """
        ...

    def forget_builds(
        self, dataset: str, forgotten: Mapping[str, Collection[date] | None]
    ) -> Builds:
        """Take back what was noted, before the tables are touched.

        Args:
            dataset: whose builds.
            forgotten: months by step; None for all months.

        Returns:
            What the warehouse says afterwards, without its tables.
        """
        ...

    def note_builds(
        self, dataset: str, step: str, built: Mapping[date, str], tables: Collection[str]
    ) -> Builds:
        """Note what was built, when all of it is there.

        Args:
            dataset: whose builds.
            step: the ledger's name for them.
            built: fingerprints by month.
            tables: `schema.table` of the tables that the build made or changed.

        Returns:
            What the warehouse says afterwards, without its tables.
        """
        ...
