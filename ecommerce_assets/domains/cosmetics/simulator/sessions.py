"""What happens in a session, and when: from counts per session to single events.

What belongs here: the products and times of a session's views, carts, removals and order.
What stays out: who the session belongs to, and the duplicates of a month's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.domains.cosmetics.simulator.baskets import Baskets
from ecommerce_assets.domains.cosmetics.simulator.catalogue import PAIRS, Catalogue
from ecommerce_assets.domains.cosmetics.simulator.rhythm import DAY, HOUR
from ecommerce_assets.simulation.randomness import (
    Bools,
    Floats,
    Ints,
    Stream,
    lognormal_table,
    scaled,
)

VIEW: Final = 0
CART: Final = 1
REMOVE: Final = 2
PURCHASE: Final = 3
KINDS: Final = ("view", "cart", "remove_from_cart", "purchase")

_LONG_SESSIONS: Final = 0.0175
_LONGEST_DAYS: Final = 11
_VIEWED_FIRST: Final = 0.85
_VIEWED_FROM_BASKET: Final = 0.5
_EMPTIED_AT_ONCE: Final = 0.25
_WITH_PAIR: Final = 0.1


@dataclass(frozen=True)
class Events:
    """Single events; the arrays have one entry per event, in no order.

    Attributes:
        slot: number of the session within its group.
        time: seconds since the start of the group's month.
        kind: position in `KINDS`.
        item: number of the item in the catalogue.
    """

    slot: Ints
    time: Ints
    kind: Ints
    item: Ints

    def where(self, mask: Bools) -> Events:
        """The events for which the mask holds."""
        return Events(self.slot[mask], self.time[mask], self.kind[mask], self.item[mask])

    def moved(self, *, slots: int = 0, seconds: int = 0) -> Events:
        """The same events with numbers and times shifted."""
        return Events(self.slot + slots, self.time + seconds, self.kind, self.item)

    @property
    def by_kind(self) -> Ints:
        """Number of events of each kind, shape (4,)."""
        return np.bincount(self.kind, minlength=len(KINDS)).astype(np.int64)

    @classmethod
    def joined(cls, parts: Sequence[Events]) -> Events:
        """All events of the parts."""
        return cls(
            np.concatenate([part.slot for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.kind for part in parts]),
            np.concatenate([part.item for part in parts]),
        )


@dataclass(frozen=True)
class Spans:
    """When sessions take place; one entry per session.

    Attributes:
        start: seconds since the month's start.
        length: seconds from the start to the last moment events are placed at.
        anchored: whether the first and the last view (or order) fall exactly on the two
            ends, so that a session that should cross a border does.
    """

    start: Ints
    length: Ints
    anchored: bool = False


def draw_lengths(baskets: Baskets, stream: Stream) -> Ints:
    """Seconds a session lasts: a pace per event, and now and then a return days later."""
    steps = baskets.events - 1
    count = len(steps)
    pace = lognormal_table(35.0, 1.1)[scaled(stream.uniform(count), 1024)]
    lengths = np.minimum(np.minimum(pace, HOUR) * steps, 20 * HOUR)
    late = stream.uniform(count)
    days = late * late * (_LONGEST_DAYS * DAY)
    long = (stream.spread(count) < _LONG_SESSIONS) & (steps > 0)
    return np.where(long, DAY + days.astype(np.int64), lengths)


def lay_out(baskets: Baskets, spans: Spans, shop: Catalogue, stream: Stream) -> Events:
    """Every event of a group of sessions.

    The lines of an order share one second, except that a product bought twice follows a
    second later, so that no order has exact duplicates of its own.
    """
    lines = _Lines.drawn(baskets, shop, stream)
    parts = [
        _carts(baskets, lines, spans, stream),
        _orders(baskets, lines, spans, shop.items),
        _removals(baskets, lines, spans, stream),
        _views(baskets, lines, spans, shop, stream),
    ]
    return Events.joined(parts)


@dataclass(frozen=True)
class _Lines:
    """Basket lines: session, place in the basket, item, moment of the cart event (0 to 1)."""

    slot: Ints
    place: Ints
    item: Ints
    moment: Floats
    first: Ints

    @classmethod
    def drawn(cls, baskets: Baskets, shop: Catalogue, stream: Stream) -> _Lines:
        slot, place, first = _numbered(baskets.lines)
        product = shop.wanted(stream.uniform(len(slot)))
        _plant_pairs(product, baskets, first, shop, stream)
        item = shop.spelled(product, stream.uniform(len(slot)))
        moment = 0.05 + 0.9 * stream.uniform(len(slot))
        return cls(slot, place, item, moment, first)


def _plant_pairs(
    product: Ints, baskets: Baskets, first: Ints, shop: Catalogue, stream: Stream
) -> None:
    """Give some orders both products of a pair, the first pair ten times as often as the last."""
    orders = np.flatnonzero(baskets.bought >= 2)
    if not len(orders):
        return
    chosen = orders[stream.shuffled(len(orders))[: max(1, round(len(orders) * _WITH_PAIR))]]
    tickets = np.repeat(np.arange(PAIRS), np.arange(PAIRS, 0, -1))
    pair = tickets[scaled(stream.spread(len(chosen)), len(tickets))]
    product[first[chosen]] = shop.pairs[pair, 0]
    product[first[chosen] + 1] = shop.pairs[pair, 1]


def _carts(baskets: Baskets, lines: _Lines, spans: Spans, stream: Stream) -> Events:
    mask = baskets.carted[lines.slot]
    return _placed(lines.slot[mask], lines.moment[mask], spans, CART, lines.item[mask])


def _orders(baskets: Baskets, lines: _Lines, spans: Spans, items: int) -> Events:
    mask = lines.place < baskets.bought[lines.slot]
    slot, item = lines.slot[mask], lines.item[mask]
    events = _placed(slot, np.ones(len(slot)), spans, PURCHASE, item)
    late = _repeats(slot * items + item)
    return Events(slot, events.time + late, events.kind, item)


def _removals(baskets: Baskets, lines: _Lines, spans: Spans, stream: Stream) -> Events:
    slot, place, _ = _numbered(baskets.removed)
    turn = stream.below(baskets.lines)[slot]
    line = lines.first[slot] + (turn + place) % np.maximum(baskets.lines[slot], 1)
    at_once = (stream.uniform(len(baskets.lines)) < _EMPTIED_AT_ONCE) & (
        baskets.removed <= baskets.lines
    )
    carted = lines.moment[line] * baskets.carted[slot]
    moment = np.where(at_once[slot], 0.97, carted + (1.0 - carted) * stream.uniform(len(slot)))
    return _placed(slot, moment, spans, REMOVE, lines.item[line])


def _views(
    baskets: Baskets, lines: _Lines, spans: Spans, shop: Catalogue, stream: Stream
) -> Events:
    slot, place, _ = _numbered(baskets.views)
    # Visitors look at dearer products than they buy: the dearer of two wanted ones.
    one, other = shop.wanted(stream.uniform(len(slot))), shop.wanted(stream.uniform(len(slot)))
    product = np.where(shop.prices[one] >= shop.prices[other], one, other)
    item = shop.spelled(product, stream.uniform(len(slot)))
    shops = (baskets.lines[slot] > 0) & (stream.uniform(len(slot)) < _VIEWED_FROM_BASKET)
    line = (lines.first[slot] + stream.below(baskets.lines[slot]))[shops]
    item[shops] = lines.item[line]

    # Each view has a stretch of the session to itself: hardly two fall in one second.
    moment = (place + stream.uniform(len(slot))) / baskets.views[slot]
    starts = spans.anchored | (stream.uniform(len(baskets.views)) < _VIEWED_FIRST)
    moment[(place == 0) & starts[slot]] = 0.0
    if spans.anchored:
        moment[(place > 0) & (place == baskets.views[slot] - 1)] = 1.0
    return _placed(slot, moment, spans, VIEW, item)


def _numbered(counts: Ints) -> tuple[Ints, Ints, Ints]:
    """Session and place within it of each of `counts` things, and where a session begins."""
    slot = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return slot, np.arange(len(slot), dtype=np.int64) - first[slot], first


def _placed(slot: Ints, moment: Floats, spans: Spans, kind: int, item: Ints) -> Events:
    time = spans.start[slot] + (spans.length[slot] * moment).astype(np.int64)
    return Events(slot, time, np.full(len(slot), kind, dtype=np.int64), item)


def _repeats(keys: Ints) -> Ints:
    """For each key how many equal ones stand before it."""
    order = np.argsort(keys, kind="stable")
    place = np.arange(len(keys))
    changes = np.ones(len(keys), dtype=bool)
    changes[1:] = np.diff(keys[order]) != 0
    run = np.maximum.accumulate(np.where(changes, place, 0))
    result = np.empty_like(keys)
    result[order] = place - run
    return result
