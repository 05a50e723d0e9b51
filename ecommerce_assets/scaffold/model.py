"""A new source as it was answered and found: what the files are written from.

Belongs here: the facts, and what follows from them alone. Stays out: texts (`render.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.scaffold.columns import MONEY_SCALE, PRECISION, FoundColumn


@dataclass(frozen=True)
class NewSource:
    """A source that is to be added.

    Attributes:
        domain: e.g. `returns`.
        table: e.g. `claims`.
        shared: one file holds all months; else there is a file a month.
        dialect: how its files are spelled.
        columns: in the file's order.
        month_column: the name of the column that says a row's month.
        months: the first and the last.
    """

    domain: str
    table: str
    shared: bool
    dialect: Dialect
    columns: tuple[FoundColumn, ...]
    month_column: str
    months: tuple[date, date]

    @property
    def staging(self) -> str:
        """The staging model's name."""
        return f"stg_{self.domain}__{self.table}"

    @property
    def mart(self) -> str:
        """The mart's name."""
        return f"agg_{self.domain}_{self.table}_monthly"

    @property
    def total(self) -> str:
        """The name of the mart over all months."""
        return f"agg_{self.domain}_{self.table}_total"

    @property
    def span(self) -> str:
        """The months as the setting has them, e.g. `2024-01:2024-06`."""
        first, last = self.months
        return f"{first:%Y-%m}:{last:%Y-%m}"

    @property
    def month_count(self) -> int:
        """How many months there are."""
        first, last = self.months
        return (last.year - first.year) * 12 + last.month - first.month + 1

    @property
    def amounts(self) -> list[FoundColumn]:
        """The columns that the mart adds up: numbers with decimals that money's type holds."""
        return [
            found
            for found in self.columns
            if found.decimal_comma
            or (
                (found.column.kind == "decimal" and found.column.scale <= MONEY_SCALE)
                and found.column.precision <= PRECISION
                and not found.whole_as_decimals
            )
        ]

    def text_of(self, found: FoundColumn) -> str:
        """What staging calls the text of a number with a decimal comma."""
        name, taken = f"{found.column.name}_text", {c.column.name for c in self.columns}
        while name in taken:
            name += "_delivered"
        return name

    def is_required(self, found: FoundColumn) -> bool:
        """Whether a row without this value goes to quarantine; one without a month always does."""
        return found.column.required or found.column.name == self.month_column
