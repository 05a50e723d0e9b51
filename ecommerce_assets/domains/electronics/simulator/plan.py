"""How large the simulated electronics shop is: everything that follows from rows and calendar.

What belongs here: shares taken from the published figures of the original file, and the
sizes derived from them. What stays out: drawing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ecommerce_assets.simulation.calendar import DAY, gapless

FEWEST_ROWS: Final = 500
# An order's number takes 22 bits of its id; see `orders`.
MOST_ROWS: Final = 7_500_000
# The ids hold the milliseconds since then.
EARLIEST: Final = date(2012, 1, 1)

# Original file: 1,435,266 orders and 675 exact duplicates in 2,633,521 rows.
_ROWS: Final = 2_633_521
_ORDERS: Final = 1_435_266
_DUPLICATES: Final = 675
_PRODUCTS: Final = 25_113
# The original's number of rows without a date is not published.
_UNDATED_PER_MILLION: Final = 2_000
_KNOWN_PER_MILLION: Final = 256_258

_FIRST_DAY: Final = 5
_LAST_DAY: Final = 21
_LAST_SECOND: Final = 10 * 3_600 + 10 * 60 + 30


@dataclass(frozen=True)
class ShopPlan:
    """One file of the electronics shop.

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
            ValueError: if the calendar has gaps, is empty or too early, or the number of
                rows is out of range, or the seed is negative.
        """
        if not FEWEST_ROWS <= self.rows <= MOST_ROWS:
            raise ValueError(
                f"the file has {FEWEST_ROWS} to {MOST_ROWS} rows, got {self.rows}; "
                f"ask for a number in that range"
            )
        if self.seed < 0:
            raise ValueError(f"the seed must be 0 or more, got {self.seed}")
        if gapless(self.calendar)[0] < EARLIEST:
            raise ValueError(
                f"the shop opened on {EARLIEST}, got a calendar from {self.calendar[0]}; "
                "begin it later"
            )

    @property
    def first_day(self) -> date:
        """Date of the first rows; the origin of all times."""
        return self.calendar[0].replace(day=_FIRST_DAY)

    @property
    def last_day(self) -> date:
        """Date of the last rows."""
        return self.calendar[-1].replace(day=_LAST_DAY)

    @property
    def last_second(self) -> int:
        """Time of the last row, in seconds since the first day's midnight."""
        return (self.last_day - self.first_day) // timedelta(days=1) * DAY + _LAST_SECOND

    @property
    def duplicates(self) -> int:
        """Rows that repeat the row before them: further units of a product in an order."""
        return max(8, round(self.rows * _DUPLICATES / _ROWS))

    @property
    def lines(self) -> int:
        """Different rows."""
        return self.rows - self.duplicates

    @property
    def orders(self) -> int:
        """Orders of the file."""
        return round(self.rows * _ORDERS / _ROWS)

    @property
    def undated_orders(self) -> int:
        """Orders whose rows carry no date."""
        return max(3, self.orders * _UNDATED_PER_MILLION // 1_000_000)

    @property
    def known_orders(self) -> int:
        """Orders whose buyer is known."""
        return self.orders * _KNOWN_PER_MILLION // 1_000_000

    @property
    def users(self) -> int:
        """Buyers that are known."""
        return max(40, self.known_orders * 27 // 100)

    @property
    def products(self) -> int:
        """Products of the catalogue; each is sold."""
        return min(_PRODUCTS, max(300, self.rows // 100))
