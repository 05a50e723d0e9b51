"""What a session holds: how many views, basket lines, purchases and removals.

What belongs here: counts per session, and fitting their sum to the rows that were ordered.
What stays out: when things happen and to which products.

The shares come from the original file: 3.45 % of sessions buy, 84.18 % of the sessions that
put something into the cart do not, and a buying session has a little over eight lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecommerce_assets.simulation.randomness import Bools, Ints, Stream, draw, geometric_mixture

_BUY: Final = 0.0345
_CART: Final = 0.1762
_REMOVE_ONLY: Final = 0.012
_BUY_WITHOUT_CART: Final = 0.04
_CART_WITHOUT_VIEW: Final = 0.08

_LINES_BOUGHT: Final = ((0.8, 8.2), (0.2, 28.5))
_LINES_LEFT: Final = ((0.85, 3.42), (0.15, 16.6))
_LINES_REMOVED: Final = ((1.0, 2.5),)
_VIEWS_ONLY: Final = ((0.8, 1.4), (0.2, 3.75))
_VIEWS_SHOPPING: Final = ((1.0, 3.5),)
_REMOVALS_PER_LINE: Final = 1.51


@dataclass(frozen=True)
class Baskets:
    """Counts of one group of sessions; every array has one entry per session.

    Attributes:
        views: view events.
        lines: basket lines, each with one product.
        carted: whether the lines were put into the cart in this session (one cart event
            each); an older cart can be bought or emptied without.
        bought: purchase events, for the first so many lines.
        removed: remove_from_cart events, each for one of the lines.
    """

    views: Ints
    lines: Ints
    carted: Bools
    bought: Ints
    removed: Ints

    @property
    def carts(self) -> Ints:
        """Cart events of each session."""
        return np.where(self.carted, self.lines, 0)

    @property
    def events(self) -> Ints:
        """All events of each session, duplicates not counted."""
        return self.views + self.carts + self.bought + self.removed

    def with_views(self, total: int, stream: Stream) -> Baskets:
        """The same sessions with `total` views in all.

        Sessions that have a view keep one. If that does not suffice, removals go too.

        Raises:
            RuntimeError: if the sessions are too full for so few rows.
        """
        views, removed = self.views, self.removed
        missing = total - int(views.sum())
        if missing > 0:
            viewers = np.flatnonzero(views)
            more = viewers[stream.below(np.full(missing, len(viewers)))]
            views = views + np.bincount(more, minlength=len(views))
        elif missing < 0:
            views, missing = _fewer(views, np.maximum(views - 1, 0), -missing, stream)
            empty_is_fine = np.where(self.events - removed > 0, removed, np.maximum(removed - 1, 0))
            removed, missing = _fewer(removed, empty_is_fine, missing, stream)
            if missing:
                raise RuntimeError(f"{missing} rows too many for the month: ask for more events")
        return replace(self, views=views, removed=removed)


def draw_baskets(count: int, stream: Stream, *, cap: int) -> Baskets:
    """Counts for `count` sessions, none of more than `cap` lines; each has an event."""
    kind = stream.spread(count)
    buys = np.flatnonzero(kind < _BUY)
    leaves = np.flatnonzero((kind >= _BUY) & (kind < _BUY + _CART))
    removes = np.flatnonzero((kind >= _BUY + _CART) & (kind < _BUY + _CART + _REMOVE_ONLY))
    shops = kind < _BUY + _CART

    lines = np.zeros(count, dtype=np.int64)
    for group, law in ((buys, _LINES_BOUGHT), (leaves, _LINES_LEFT), (removes, _LINES_REMOVED)):
        lines[group] = draw(geometric_mixture(law, cap=cap), stream.spread(len(group)))
    carted = shops.copy()
    carted[buys] = stream.spread(len(buys)) >= _BUY_WITHOUT_CART
    bought = np.zeros(count, dtype=np.int64)
    bought[buys] = np.ceil(lines[buys] * (0.5 + 0.5 * stream.spread(len(buys)))).astype(np.int64)

    urge = stream.spread(count)
    wish = urge * urge * lines * _REMOVALS_PER_LINE + stream.uniform(count)
    removed = np.where(shops, np.floor(wish).astype(np.int64), lines)

    views = draw(geometric_mixture(_VIEWS_ONLY, cap=40), stream.spread(count))
    shoppers = np.flatnonzero(shops)
    views[shoppers] = draw(
        geometric_mixture(_VIEWS_SHOPPING, cap=cap), stream.spread(len(shoppers))
    )
    views[shoppers[stream.spread(len(shoppers)) < _CART_WITHOUT_VIEW]] = 0
    views[removes] = 0
    return Baskets(views, lines, carted, bought, removed)


def _fewer(counts: Ints, spare: Ints, wanted: int, stream: Stream) -> tuple[Ints, int]:
    """Take up to `wanted` from the counts, never more than is spare; also what is left over."""
    owners = np.repeat(np.arange(len(counts)), spare)
    taken = owners[stream.shuffled(len(owners))[:wanted]]
    return counts - np.bincount(taken, minlength=len(counts)), wanted - len(taken)
