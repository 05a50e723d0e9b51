"""Orders and their lines: who bought which products, and when.

What belongs here: the rows of the file as numbers, in the file's order.
What stays out: their text, and what is true of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.domains.electronics.simulator.catalogue import Catalogue
from ecommerce_assets.domains.electronics.simulator.plan import ShopPlan
from ecommerce_assets.domains.electronics.simulator.rhythm import order_times
from ecommerce_assets.simulation.calendar import month_starts
from ecommerce_assets.simulation.randomness import Bools, Ints, Stream
from ecommerce_assets.simulation.weights import distinct_within, pick, popularity

# An id holds the milliseconds since this instant (of 2011) in its upper bits.
_ID_EPOCH_MS: Final = 1_314_220_021_721
_ID_TAIL_BITS: Final = 23
_SCRAMBLE: Final = 2_654_435_761

_CROSSING_ORDERS: Final = 2
_BEFORE_MIDNIGHT: Final = (8, 3)
_AFTER_MIDNIGHT: Final = 12


@dataclass(frozen=True)
class Rows:
    """The rows of the file in its order, and the orders they belong to.

    Attributes:
        time: seconds since the plan's first midnight, rising, shape (rows,); of an undated
            row the time at which it took place, which the file does not show.
        order: number of the order, shape (rows,).
        product: number of the product in the catalogue, shape (rows,).
        month: position of the month in the calendar, shape (rows,).
        undated: rows without a date, shape (rows,).
        repeated: rows that equal the row before them, shape (rows,).
        order_ids: ids of the orders, shape (orders,).
        user: buyer of each order, from 1; 0 where nobody knows, shape (orders,).
        user_ids: ids of the buyers, shape (users,).
    """

    time: Ints
    order: Ints
    product: Ints
    month: Ints
    undated: Bools
    repeated: Bools
    order_ids: Ints
    user: Ints
    user_ids: Ints


def make_rows(plan: ShopPlan, shop: Catalogue) -> Rows:
    """All rows of a plan's file."""
    stream = Stream(plan.seed, "electronics orders")
    times = order_times(plan, stream)
    order, product = _lines(plan, shop, stream)
    undated = np.zeros(plan.orders, dtype=bool)
    # The last order keeps its date: the file's span ends with it.
    undated[stream.shuffled(plan.orders - 1)[: plan.undated_orders]] = True
    ids = _order_ids(plan, times, stream)
    user = np.zeros(plan.orders, dtype=np.int64)
    known = stream.shuffled(plan.orders)[: plan.known_orders]
    user[known] = 1 + pick(
        popularity(plan.users, flat=plan.users // 2), stream.spread(plan.known_orders)
    )
    delay = _across_months(plan, times, order, undated)
    time = times[order] + delay
    again = stream.below(np.full(plan.duplicates, plan.lines))
    time, order, product = (
        np.concatenate([column, column[again]]) for column in (time, order, product)
    )
    place = np.lexsort((product, order, time))
    time, order, product = time[place], order[place], product[place]
    repeated = np.zeros(len(time), dtype=bool)
    repeated[1:] = (time[1:] == time[:-1]) & (order[1:] == order[:-1])
    repeated[1:] &= product[1:] == product[:-1]
    starts = month_starts(plan.calendar, plan.first_day)
    return Rows(
        time=time,
        order=order,
        product=product,
        month=np.searchsorted(starts, time, side="right").astype(np.int64) - 1,
        undated=undated[order],
        repeated=repeated,
        order_ids=ids,
        user=user,
        user_ids=_user_ids(plan.users, stream),
    )


def _lines(plan: ShopPlan, shop: Catalogue, stream: Stream) -> tuple[Ints, Ints]:
    """Order and product of each different line, sorted by both; every product is sold."""
    begins = np.zeros(plan.lines, dtype=np.int64)
    # As many lines begin an order as there are orders: their numbers of lines fall off
    # geometrically, and all of them together are exactly the lines wanted.
    begins[1 + stream.shuffled(plan.lines - 1)[: plan.orders - 1]] = 1
    order = np.cumsum(begins)
    chosen = shop.wanted(stream.spread(plan.lines - shop.products))
    product = np.concatenate([np.arange(shop.products, dtype=np.int64), chosen])
    return distinct_within(order, product[stream.shuffled(plan.lines)], shop.products)


def _across_months(plan: ShopPlan, times: Ints, order: Ints, undated: Bools) -> Ints:
    """Seconds by which lines are later than their order began, shape (lines,).

    Moves the last orders of a month that have several lines to its last seconds, and their
    later lines over midnight; all other lines share the second of their order.
    """
    delay = np.zeros(len(order), dtype=np.int64)
    lines = np.bincount(order, minlength=len(times))
    first = np.cumsum(lines) - lines
    several = np.flatnonzero((lines > 1) & ~undated)
    for midnight in month_starts(plan.calendar, plan.first_day)[1:].tolist():
        before = several[times[several] < midnight][-_CROSSING_ORDERS:]
        for number, seconds in zip(before.tolist(), _BEFORE_MIDNIGHT, strict=False):
            times[number] = midnight - seconds
            delay[first[number] + 1 : first[number] + lines[number]] = _AFTER_MIDNIGHT
    return delay


def _order_ids(plan: ShopPlan, times: Ints, stream: Stream) -> Ints:
    """Different odd ids that rise with the time; no float holds an odd number of this size."""
    born = plan.first_day.toordinal() - 719_163  # days since 1970
    milliseconds = (born * 86_400 + times) * 1_000 + stream.below(np.full(len(times), 1_000))
    number = np.arange(len(times), dtype=np.int64) * _SCRAMBLE % (1 << (_ID_TAIL_BITS - 1))
    return ((milliseconds - _ID_EPOCH_MS) << _ID_TAIL_BITS) | (number << 1) | 1


def _user_ids(count: int, stream: Stream) -> Ints:
    """Different odd ids of 19 digits."""
    steps = 2 * (stream.below(np.full(count, 900_000)) + 1)
    return 1_515_915_625_439_952_129 + np.cumsum(steps)
