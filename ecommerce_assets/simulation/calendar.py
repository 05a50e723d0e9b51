"""Months of a data set: the calendar that a generator accepts, and where its months begin.

What belongs here: dates and seconds. What stays out: what happens in a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from ecommerce_assets.simulation.randomness import Ints

DAY: Final = 86_400
HOUR: Final = 3_600


def gapless(calendar: Sequence[date]) -> tuple[date, ...]:
    """The calendar, if it lists the first day of every month from first to last.

    Raises:
        ValueError: if it is empty, has a gap, or names another day.
    """
    numbers = [month.year * 12 + month.month for month in calendar]
    complete = bool(numbers) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if not complete or any(month.day != 1 for month in calendar):
        raise ValueError(
            "the calendar must list the first day of every month from first to last, "
            f"got {[str(month) for month in calendar]}"
        )
    return tuple(calendar)


def days_from(first: date, last: date) -> list[date]:
    """Every date from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def month_starts(calendar: Sequence[date], origin: date) -> Ints:
    """Seconds from the origin's midnight to the first midnight of each month."""
    return np.array([(month - origin).days * DAY for month in calendar], dtype=np.int64)
