"""When the gift shop is open, and when it sells: months, weekdays, holidays, hours.

What belongs here: turning dates and hours into minutes. What stays out: what is sold.
Times are minutes of wall-clock time of the United Kingdom since the plan's first midnight;
the shop is open by day alone, so that no minute is one that a change of clocks skips.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.simulation.calendar import days_from
from ecommerce_assets.simulation.randomness import Ints, Stream, scaled
from ecommerce_assets.simulation.weights import pick

MINUTES: Final = 1_440

# Invoices of an open day by month, January first, as in the original.
_BY_MONTH: Final = (61, 58, 73, 81, 86, 77, 74, 68, 90, 101, 133, 110)
# Monday first; never on a Saturday.
_BY_WEEKDAY: Final = (94, 100, 102, 118, 90, 0, 52)
_BY_HOUR: Final = {
    **{7: 31, 8: 624, 9: 1824, 10: 2961, 11: 3165, 12: 3961, 13: 3369, 14: 3137},
    **{15: 3069, 16: 1952, 17: 1205, 18: 333, 19: 219},
}
_SATURDAY: Final = 5


class OpenHours:
    """The days on which a plan's shop is open, and minutes drawn from them."""

    def __init__(self, plan: ShopPlan) -> None:
        self._plan = plan
        self._days = days_from(plan.first_day, plan.last_day)
        self.open_days = [place for place, day in enumerate(self._days) if is_open(day)]
        hours = list(_BY_HOUR)
        self._starts = np.array([d * MINUTES + h * 60 for d in self.open_days for h in hours])
        self._weights = np.array(
            [
                _BY_MONTH[day.month - 1] * _BY_WEEKDAY[day.weekday()] * weight
                for day in (self._days[place] for place in self.open_days)
                for weight in _BY_HOUR.values()
            ],
            dtype=np.int64,
        )

    def minutes(self, count: int, stream: Stream) -> list[int]:
        """Minutes at which `count` invoices are written, in random order."""
        hour: Ints = self._starts[pick(self._weights, stream.spread(count))]
        return [int(minute) for minute in hour + scaled(stream.uniform(count), 60)]

    def later(self, minute: int, days: int) -> int:
        """The same time at least so many days later, on an open day.

        Half an hour later if the file ends before.
        """
        day = minute // MINUTES + max(1, days)
        while day < len(self._days) and not is_open(self._days[day]):
            day += 1
        return minute + 30 if day >= len(self._days) else day * MINUTES + minute % MINUTES

    def opening(self, place: int) -> int:
        """Ten in the morning of an open day, counted from the first (or back from the last)."""
        return self.open_days[place] * MINUTES + 600

    def month_place(self, minute: int) -> int:
        """Position in the calendar of the month that a minute lies in."""
        day = self.date(minute)
        first = self._plan.calendar[0]
        return (day.year - first.year) * 12 + day.month - first.month

    def date(self, minute: int) -> date:
        """The date of a minute."""
        return self._plan.first_day + timedelta(days=minute // MINUTES)


def is_open(day: date) -> bool:
    """Closed on Saturdays, over Christmas, and on the bank holidays of spring and summer."""
    christmas = (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 3)
    monday = day.weekday() == 0
    early_may = monday and day.month == 5 and day.day <= 7
    late = monday and day.month in (5, 8) and day.day > 24
    return not (day.weekday() == _SATURDAY or christmas or early_may or late)
