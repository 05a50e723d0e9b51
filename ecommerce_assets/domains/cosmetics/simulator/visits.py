"""A month's sessions: those that stay within it, and those that cross its end.

What belongs here: whose session it is, its id, and its events; the few sessions that two
users share or that lost their id. What stays out: the order and the duplicates of rows.

The sessions that cross a month's end are a stream of their own. The next month draws the
same few thousand again and keeps their tails: months stay independent and need no order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecommerce_assets.domains.cosmetics.simulator.baskets import Baskets, draw_baskets
from ecommerce_assets.domains.cosmetics.simulator.catalogue import ADJUSTMENTS, Catalogue
from ecommerce_assets.domains.cosmetics.simulator.plan import ShopPlan
from ecommerce_assets.domains.cosmetics.simulator.rhythm import (
    DAY,
    HOUR,
    Outage,
    month_before,
    seconds_in,
    starts,
)
from ecommerce_assets.domains.cosmetics.simulator.sessions import (
    PURCHASE,
    VIEW,
    Events,
    Spans,
    draw_lengths,
    lay_out,
)
from ecommerce_assets.simulation.randomness import Bools, Ints, Stream, scaled

# Orders may run on for as many seconds as a basket has lines; nothing may leave the month.
_MARGIN: Final = 180
# A reader that attributes a session to the month it starts in has to look one day ahead.
LONGEST_TAIL: Final = DAY - HOUR
_LONGEST_HEAD: Final = 5 * DAY
# Half of the crossing sessions just happen to be open at midnight.
_BRIEF: Final = 0.5
_SHARED: Final = 0.00006
_ANONYMOUS: Final = 0.00039
_NEGATIVE: Final = 0.0001
# Buyers are more loyal than visitors: they come from so much of the ranking's front.
_BUYERS_FROM: Final = 0.44


@dataclass(frozen=True)
class Visits:
    """A group of sessions; arrays have one entry per session unless stated otherwise.

    Attributes:
        users: number of the user in the population.
        ids: random words of the session id, shape (n, 2).
        anonymous: sessions whose rows carry no session id.
        merged: number of the session whose id it carries: its own, or for a session id
            that two users share, the other's.
        events: all events of the group, times since the start of its month.
    """

    users: Ints
    ids: NDArray[np.uint64]
    anonymous: Bools
    merged: Ints
    events: Events


def crossing_visits(plan: ShopPlan, index: int, shop: Catalogue) -> Visits:
    """The sessions that begin in a month and end in the first day of the next one.

    Args:
        plan: the data set.
        index: the month's position; -1 for the month before the calendar.
        shop: the data set's catalogue.
    """
    month = plan.calendar[index] if index >= 0 else month_before(plan.calendar[0])
    stream = Stream(plan.seed, _number(plan, index), "crossing")
    count = plan.crossing_sessions
    active = _active(plan, index)
    baskets = draw_baskets(count, stream, cap=plan.longest_basket)
    baskets = replace(baskets, views=np.maximum(baskets.views, 2))
    brief = stream.spread(count) < _BRIEF
    head = np.where(brief, 15 * 60, _LONGEST_HEAD) * _squared(stream, count)
    tail = np.where(brief, 15 * 60, LONGEST_TAIL) * _squared(stream, count)
    begin = seconds_in(month) - 1 - head.astype(np.int64)
    length = seconds_in(month) + tail.astype(np.int64) - begin
    events = lay_out(baskets, Spans(begin, length, anchored=True), shop, stream)
    users = active[stream.below(np.full(count, len(active)))]
    return Visits(users, _ids(stream, count), np.zeros(count, bool), np.arange(count), events)


def staying_visits(
    plan: ShopPlan, index: int, shop: Catalogue, baskets: Baskets, stream: Stream
) -> Visits:
    """The sessions that begin and end within a month.

    Every active user has one, the rest fall mostly to a few.

    Args:
        plan: the data set.
        index: the month's position.
        shop: the data set's catalogue.
        baskets: what the sessions hold, `plan.sessions` of them.
        stream: the month's stream.
    """
    month, count = plan.calendar[index], plan.sessions
    active = _active(plan, index)
    more = _favoured(stream, baskets.bought[len(active) :] > 0, len(active))
    users = np.concatenate([active, active[more]])
    anonymous = _anonymous(baskets, len(active), stream)
    merged = _merged(users, len(active))
    ids = _ids(stream, count)[merged]

    lengths = draw_lengths(baskets, stream)
    begin = starts(month, count, stream)[merged]
    begin = np.minimum(begin, seconds_in(month) - _MARGIN - lengths)
    return Visits(
        users, ids, anonymous, merged, lay_out(baskets, Spans(begin, lengths), shop, stream)
    )


def with_outage(events: Events, outage: Outage) -> tuple[Events, int]:
    """Let nobody buy while checkout fails: those shoppers look at their products once more.

    Returns:
        the events, and how many sessions lost their order.
    """
    start, end = outage.window
    hit = (events.kind == PURCHASE) & (events.time >= start) & (events.time < end)
    lost = len(np.unique(events.slot[hit]))
    # A second apart, or the views of one product would be exact duplicates.
    order = np.argsort(events.slot[hit], kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    kind = np.where(hit, VIEW, events.kind)
    time = events.time.copy()
    time[hit] += place % 60
    return Events(events.slot, time, kind, events.item), lost


def with_adjustments(events: Events, shop: Catalogue, stream: Stream) -> Events:
    """Turn a few purchase rows into adjustments with a negative price."""
    bought = np.flatnonzero(events.kind == PURCHASE)
    count = max(1, round(len(bought) * _NEGATIVE)) if len(bought) >= 100 else 0
    item = events.item.copy()
    chosen = bought[stream.shuffled(len(bought))[:count]]
    item[chosen] = 2 * shop.products + stream.below(np.full(count, len(ADJUSTMENTS)))
    return Events(events.slot, events.time, events.kind, item)


def _favoured(stream: Stream, buys: Bools, users: int) -> Ints:
    """Places of users in the list of active ones: the most loyal have some 170 more sessions."""
    drawn = stream.uniform(len(buys)) * np.where(buys, _BUYERS_FROM, 1.0)
    shifted = 0.05 + 0.95 * drawn
    share = (shifted * shifted * shifted - 0.000125) / (1.0 - 0.000125)
    return scaled(np.maximum(share, 0.0), users)


def _anonymous(baskets: Baskets, users: int, stream: Stream) -> Bools:
    """Sessions without id: a few of ordinary size, no two of one user."""
    flags = np.zeros(len(baskets.lines), dtype=bool)
    ordinary = np.flatnonzero(baskets.events[:users] <= 12)
    flags[ordinary[stream.shuffled(len(ordinary))[: max(1, round(len(flags) * _ANONYMOUS))]]] = True
    return flags


def _merged(users: Ints, once: int) -> Ints:
    """Let a few neighbours beyond the first `once` sessions, of different users, share an id."""
    merged = np.arange(len(users))
    left = np.arange(once, len(users) - 1, 2)
    left = left[users[left] != users[left + 1]][: max(1, round(len(users) * _SHARED))]
    merged[left + 1] = left
    return merged


def _squared(stream: Stream, count: int) -> NDArray[np.float64]:
    drawn = stream.uniform(count)
    return np.asarray(drawn * drawn)


def _number(plan: ShopPlan, index: int) -> int:
    """A month's number for its streams, the same in every calendar that begins alike."""
    first = plan.calendar[0]
    return first.year * 12 + first.month + index


def _active(plan: ShopPlan, index: int) -> Ints:
    return plan.population.active(index, Stream(plan.seed, _number(plan, index), "active"))


def _ids(stream: Stream, count: int) -> NDArray[np.uint64]:
    return stream.raw(2 * count).reshape(count, 2)
