"""When people shop: months, weekdays, hours, Black Friday, and the day checkout failed.

What belongs here: everything that turns a date into a weight or a window.
What stays out: who shops and for what. All times are seconds since the month's start, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from ecommerce_assets.simulation.randomness import Ints, Stream, scaled

DAY: Final = 86_400
HOUR: Final = 3_600

_MONTH_NAMES: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_BY_HOUR: Final = (
    *(14, 12, 15, 22, 34, 46, 57, 66, 73, 78, 80, 80),
    *(78, 75, 72, 71, 74, 83, 90, 88, 72, 50, 31, 19),
)
_BY_WEEKDAY: Final = (104, 106, 105, 103, 97, 90, 95)
_NEW_YEAR: Final = {(12, 31): 45, (1, 1): 50, (1, 2): 70}
_BLACK_FRIDAY: Final = {-1: 125, 0: 190, 1: 135}

_OUTAGE_DAY: Final = 17
_OUTAGE_HOURS: Final = (9, 16)


@dataclass(frozen=True)
class Outage:
    """Hours of one day in which checkout failed and nobody could buy.

    Attributes:
        day: the date, UTC.
        from_hour: first hour without purchases.
        until_hour: first hour with purchases again (the window is half open).
    """

    day: date
    from_hour: int
    until_hour: int

    @property
    def window(self) -> tuple[int, int]:
        """Half-open window in seconds since the month's start."""
        start = (self.day.day - 1) * DAY
        return start + self.from_hour * HOUR, start + self.until_hour * HOUR


def file_name(month: date) -> str:
    """Name of a month's file as the source spells it, whatever the locale: `2019-Oct.csv`."""
    return f"{month.year}-{_MONTH_NAMES[month.month - 1]}.csv"


def seconds_in(month: date) -> int:
    """Length of a month in seconds."""
    return (_next(month) - month).days * DAY


def month_before(month: date) -> date:
    """First day of the previous month."""
    return (month - timedelta(days=1)).replace(day=1)


def outage_in(month: date, calendar: Sequence[date]) -> Outage | None:
    """The planted outage if it falls into this month.

    It lies in the third month of the calendar (or the last of a shorter one): a position
    counted from the start stays where it is when months are added at the end.
    """
    if month != calendar[min(2, len(calendar) - 1)]:
        return None
    return Outage(month.replace(day=_OUTAGE_DAY), *_OUTAGE_HOURS)


def starts(month: date, count: int, stream: Stream) -> Ints:
    """Seconds since the month's start at which `count` sessions begin, in random order."""
    days = [month + timedelta(days=n) for n in range(seconds_in(month) // DAY)]
    mood = scaled(stream.uniform(len(days)), 9) + 96
    weights = np.array(
        [
            [_BY_WEEKDAY[day.weekday()] * _special(day) * int(luck) * hour for hour in _BY_HOUR]
            for day, luck in zip(days, mood, strict=True)
        ],
        dtype=np.int64,
    )
    cumulative = np.cumsum(weights.ravel())
    point = scaled(stream.spread(count), int(cumulative[-1]))
    hour = np.searchsorted(cumulative, point, side="right").astype(np.int64)
    return hour * HOUR + scaled(stream.uniform(count), HOUR)


def _special(day: date) -> int:
    """Weight of a date in per cent of an ordinary one."""
    november = date(day.year, 11, 1)
    fourth_thursday = november + timedelta(days=(3 - november.weekday()) % 7 + 21)
    distance = (day - fourth_thursday).days - 1
    return _BLACK_FRIDAY.get(distance) or _NEW_YEAR.get((day.month, day.day), 100)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
