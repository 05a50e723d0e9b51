"""How large the simulated gift shop is: everything that follows from rows and calendar.

What belongs here: counts of the original file, and the sizes derived from them.
What stays out: drawing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ecommerce_assets.simulation.calendar import gapless

FEWEST_ROWS: Final = 500
MOST_ROWS: Final = 2_000_000

ORIGINAL_ROWS: Final = 541_909
_KNOWN_SHARE: Final = 750_600
_KNOWN_INVOICES: Final = 18_400
_UNKNOWN_INVOICES: Final = 1_050
_CUSTOMERS: Final = 4_372
_ITEMS: Final = 3_900

_LAST_DAY: Final = 9


@dataclass(frozen=True)
class ShopPlan:
    """One file of the gift shop.

    Attributes:
        calendar: first days of all its months, in order, without gaps.
        rows: rows of the file.
        seed: zero or more; another seed is another shop.
    """

    calendar: tuple[date, ...]
    rows: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse a plan that no file can be made from.

        Raises:
            ValueError: if the calendar has gaps or is empty, or the number of rows is out of
                range, or the seed is negative.
        """
        if not FEWEST_ROWS <= self.rows <= MOST_ROWS:
            raise ValueError(
                f"the file has {FEWEST_ROWS} to {MOST_ROWS} rows, got {self.rows}; "
                "ask for a number in that range"
            )
        if self.seed < 0:
            raise ValueError(f"the seed must be 0 or more, got {self.seed}")
        gapless(self.calendar)

    def scaled(self, original: int) -> int:
        """What was counted in the original, for a file of this size; at least one."""
        return max(1, round(original * self.rows / ORIGINAL_ROWS))

    @property
    def first_day(self) -> date:
        """The origin of all minutes."""
        return self.calendar[0]

    @property
    def last_day(self) -> date:
        """The last month ends early, on its ninth day."""
        return self.calendar[-1].replace(day=_LAST_DAY)

    def known(self, rows: int) -> int:
        """How many of the ordinary rows have a customer."""
        return rows * _KNOWN_SHARE // 1_000_000

    @property
    def known_invoices(self) -> int:
        """Ordinary invoices of known customers."""
        return self.scaled(_KNOWN_INVOICES)

    @property
    def unknown_invoices(self) -> int:
        """Ordinary invoices without customer; they are long."""
        return self.scaled(_UNKNOWN_INVOICES)

    @property
    def customers(self) -> int:
        """Known customers."""
        return max(24, self.scaled(_CUSTOMERS))

    @property
    def items(self) -> int:
        """Items of the catalogue; each is sold."""
        return min(_ITEMS, max(200, self.rows // 40))
