"""When people buy: the slump of March and April, the peak of June, weekdays and hours.

What belongs here: turning dates and hours into weights. What stays out: who buys what.
Times are seconds since the plan's first midnight, UTC; the shop's customers live six hours
ahead of it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from ecommerce_assets.domains.electronics.simulator.plan import ShopPlan
from ecommerce_assets.simulation.calendar import DAY, HOUR, days_from
from ecommerce_assets.simulation.randomness import Ints, Stream, scaled
from ecommerce_assets.simulation.weights import pick

# The rush that is planted: every Saturday at 9 in the morning.
RUSH_WEEKDAY: Final = 5
RUSH_HOUR: Final = 9
_RUSH: Final = 190

# Rows a day by month, January first, as if in the original.
_BY_MONTH: Final = (75, 83, 72, 19, 68, 138, 114, 106, 87, 82, 91, 95)
_SLUMP: Final = 18
_SLUMP_FROM_DAY: Final = 16
_BY_WEEKDAY: Final = (101, 99, 98, 99, 102, 104, 97)
_BY_HOUR: Final = (
    *(20, 32, 48, 66, 82, 94, 100, 104, 106, 104, 100, 92),
    *(84, 76, 66, 52, 36, 22, 12, 7, 5, 5, 7, 12),
)


def order_times(plan: ShopPlan, stream: Stream) -> Ints:
    """When the orders are placed, rising, shape (orders,); the last at the plan's end."""
    days = days_from(plan.first_day, plan.last_day)
    mood = 92 + scaled(stream.uniform(len(days)), 17)
    weights = np.array(
        [
            [_weight(day) * int(luck) * _hour(day, hour) for hour in range(24)]
            for day, luck in zip(days, mood, strict=True)
        ],
        dtype=np.int64,
    ).ravel()
    hours = np.arange(len(weights), dtype=np.int64) * HOUR
    weights[hours + HOUR > plan.last_second] = 0
    hour = pick(weights, stream.spread(plan.orders))
    times = np.sort(hour * HOUR + scaled(stream.uniform(plan.orders), HOUR))
    times[-1] = plan.last_second
    return times


def weekday_and_hour(times: Ints, plan: ShopPlan) -> tuple[Ints, Ints]:
    """Weekday (Monday is 0) and hour of instants, UTC."""
    day, second = np.divmod(times, DAY)
    return (day + plan.first_day.weekday()) % 7, second // HOUR


def _weight(day: date) -> int:
    """Weight of a date."""
    slump = day.month == 3 and day.day >= _SLUMP_FROM_DAY
    return (_SLUMP if slump else _BY_MONTH[day.month - 1]) * _BY_WEEKDAY[day.weekday()]


def _hour(day: date, hour: int) -> int:
    """Weight of an hour of that date."""
    rush = day.weekday() == RUSH_WEEKDAY and hour == RUSH_HOUR
    return _RUSH if rush else _BY_HOUR[hour]
