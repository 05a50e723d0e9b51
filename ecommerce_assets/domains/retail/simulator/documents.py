"""What an invoice is: its lines, its customer and its minute, before it has a number.

What belongs here: the shapes that the other modules build and count.
What stays out: what any invoice holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

SALE: Final = ""
CANCELLATION: Final = "C"
BAD_DEBT: Final = "A"


class Line(NamedTuple):
    """One line: stock code, description (may be empty), quantity, price in tenths of a penny."""

    code: str
    description: str
    quantity: int
    mils: int


@dataclass
class Document:
    """One invoice.

    Attributes:
        kind: first letter of its number; empty for a sale or a stock adjustment.
        minute: wall-clock minute since the plan's first midnight.
        customer: customer id, empty where nobody knows.
        country: the customer's country.
        lines: its lines.
        split: whether the second half of its lines carries the next minute.
    """

    kind: str
    minute: int
    customer: str
    country: str
    lines: list[Line] = field(default_factory=list)
    split: bool = False


class Row(NamedTuple):
    """One row of the file."""

    invoice: str
    line: Line
    minute: int
    customer: str
    country: str

    @property
    def value(self) -> int:
        """Quantity times price, in tenths of a penny."""
        return self.line.quantity * self.line.mils


def numbered(documents: list[Document], first: int) -> list[Row]:
    """The rows of all documents in rising time; documents are numbered in that order."""
    rows = []
    for number, one in enumerate(sorted(documents, key=lambda one: one.minute), start=first):
        half = len(one.lines) // 2
        for place, line in enumerate(one.lines):
            minute = one.minute + (one.split and place >= half)
            rows.append(Row(f"{one.kind}{number}", line, minute, one.customer, one.country))
    rows.sort(key=lambda row: row.minute)
    return rows
