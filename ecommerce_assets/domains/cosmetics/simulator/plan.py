"""How large the simulated shop is: everything that follows from the rows wanted in a month.

What belongs here: shares taken from the published figures of the original file, and the
sizes derived from them. What stays out: drawing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ecommerce_assets.domains.cosmetics.simulator.population import Population

FEWEST_EVENTS: Final = 200
# One row's sort key must fit 64 bits; see `rows`.
MOST_EVENTS: Final = 40_000_000

# Original file: 4,535,941 sessions in 20,692,840 rows; 1,939,178 users month by month.
SESSIONS_PER_ROW: Final = 0.2192
USERS_PER_ROW: Final = 0.0945
CROSSING_SESSIONS: Final = 0.0016
PRODUCTS: Final = 54_571
# With fewer, chance alone would pair the best sellers more often than the planted pairs.
FEWEST_PRODUCTS: Final = 1_500


@dataclass(frozen=True)
class ShopPlan:
    """One data set of the cosmetics shop.

    Attributes:
        calendar: first days of all months of the data set, in order, without gaps.
        events: rows in every month's file.
        seed: zero or more; another seed is another shop.
    """

    calendar: tuple[date, ...]
    events: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse a plan that no month can be made from.

        Raises:
            ValueError: if the calendar has gaps or is empty, or the number of events is out
                of range, or the seed is negative.
        """
        if not FEWEST_EVENTS <= self.events <= MOST_EVENTS:
            raise ValueError(
                f"a month has {FEWEST_EVENTS} to {MOST_EVENTS} events, got {self.events}; "
                f"ask for at least {FEWEST_EVENTS}, or split a larger load into more months"
            )
        if self.seed < 0:
            raise ValueError(f"the seed must be 0 or more, got {self.seed}")
        numbers = [month.year * 12 + month.month for month in self.calendar]
        gapless = bool(numbers) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        if not gapless or any(month.day != 1 for month in self.calendar):
            raise ValueError(
                "the calendar must list the first day of every month from first to last, "
                f"got {[str(month) for month in self.calendar]}"
            )

    def index(self, month: date) -> int:
        """Position of the month in the calendar.

        Raises:
            ValueError: if it is not there.
        """
        if month not in self.calendar:
            raise ValueError(
                f"{month} is not in the calendar {self.calendar[0]} to {self.calendar[-1]}; "
                "pass the first day of one of its months, or a calendar that holds it"
            )
        return self.calendar.index(month)

    @property
    def crossing_sessions(self) -> int:
        """Sessions of a month that are still going on when it ends."""
        return max(2, round(self.events * SESSIONS_PER_ROW * CROSSING_SESSIONS))

    @property
    def sessions(self) -> int:
        """Sessions that begin and end within a month."""
        return round(self.events * SESSIONS_PER_ROW) - self.crossing_sessions

    @property
    def population(self) -> Population:
        """Who shops in which month."""
        return Population.of(active=round(self.events * USERS_PER_ROW), months=len(self.calendar))

    @property
    def products(self) -> int:
        """Products in the catalogue, the same in every month."""
        return min(PRODUCTS, max(FEWEST_PRODUCTS, self.events // 75))

    @property
    def longest_basket(self) -> int:
        """Most lines in one basket; a small shop has no basket that would fill its month."""
        return min(60, max(4, self.events // 25))
