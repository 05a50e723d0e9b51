"""The truths of a month, counted on the generator's own numbers before a line is written.

What belongs here: turning the parts of a month into a `MonthTruth`.
What stays out: the definitions of the figures; they stand in `truth`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecommerce_assets.domains.cosmetics.simulator.catalogue import Catalogue
from ecommerce_assets.domains.cosmetics.simulator.plan import ShopPlan
from ecommerce_assets.domains.cosmetics.simulator.rhythm import Outage, outage_in
from ecommerce_assets.domains.cosmetics.simulator.rows import MonthRows
from ecommerce_assets.domains.cosmetics.simulator.sessions import CART, PURCHASE, VIEW, Events
from ecommerce_assets.domains.cosmetics.simulator.truth import (
    FunnelTruth,
    MonthTruth,
    OutageTruth,
    PairTruth,
)
from ecommerce_assets.simulation.randomness import Bools, Ints

_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class MonthParts:
    """A month's sessions and events; arrays have one entry per session of the file.

    The sessions are numbered through: those that stay in the month, those that leave it at
    its end, those that arrive from the month before.

    Attributes:
        users: number of the user in the population.
        ids: random words of the session id, shape (n, 2).
        anonymous: sessions without id.
        merged: number of the session whose id it carries.
        in_file: the distinct events of the month's file.
        afterwards: events of the sessions that leave, in the next month's file.
        started: how many sessions, from the first number on, count as started in the month.
        lost_orders: sessions that the outage kept from buying.
    """

    users: Ints
    ids: NDArray[np.uint64]
    anonymous: Bools
    merged: Ints
    in_file: Events
    afterwards: Events
    started: int
    lost_orders: int

    @property
    def slots(self) -> int:
        """Number of sessions, shared ones counted twice."""
        return len(self.users)


def count_truth(
    plan: ShopPlan, index: int, parts: MonthParts, rows: MonthRows, shop: Catalogue, prices: Ints
) -> MonthTruth:
    """All truths of a month.

    Args:
        plan: the data set.
        index: the month's position in the calendar.
        parts: its sessions and events.
        rows: its rows, with duplicates.
        shop: the catalogue.
        prices: the month's prices of all items, in cents.
    """
    month = plan.calendar[index]
    price, coded = prices[rows.item], np.array([bool(code) for code in shop.codes])
    paid = price[rows.kind == PURCHASE]
    users = len(np.unique(parts.users))
    new = users if index == 0 else plan.population.cohorts[index]
    outage = outage_in(month, plan.calendar)
    crossing = plan.crossing_sessions
    own = np.arange(parts.slots)
    return MonthTruth(
        month=month.isoformat(),
        seed=plan.seed,
        rows=len(rows.time),
        rows_by_type=rows.count(),
        duplicate_rows_by_type=rows.count(rows.repeated),
        rows_without_session=int(parts.anonymous[rows.slot].sum()),
        rows_without_brand=int((~shop.item_has_brand[rows.item]).sum()),
        rows_without_category_code=int((~coded[shop.item_products[rows.item]]).sum()),
        rows_with_zero_price=int((price == 0).sum()),
        rows_with_negative_price=int((price < 0).sum()),
        purchase_value_cents=int(paid.sum()),
        positive_purchase_value_cents=int(paid[paid > 0].sum()),
        users=users,
        new_users=new,
        returning_users=users - new,
        funnel=_funnel(parts),
        sessions_from_previous_month=0 if index == 0 else crossing,
        sessions_into_next_month=0 if index == len(plan.calendar) - 1 else crossing,
        sessions_shared_by_users=int((parts.merged != own).sum()),
        pairs=_pairs(parts, shop),
        outage=_outage(outage, rows, parts.lost_orders) if outage else None,
    )


def _counted(parts: MonthParts) -> Events:
    """Events of the sessions that started in the month and have an id, shared ids joined."""
    events = Events.joined([parts.in_file, parts.afterwards])
    events = events.where((events.slot < parts.started) & ~parts.anonymous[events.slot])
    return Events(parts.merged[events.slot], events.time, events.kind, events.item)


def _funnel(parts: MonthParts) -> FunnelTruth:
    events = _counted(parts)
    first = {}
    for kind in (VIEW, CART, PURCHASE):
        earliest = np.full(parts.slots, _NEVER, dtype=np.int64)
        mask = events.kind == kind
        np.minimum.at(earliest, events.slot[mask], events.time[mask])
        first[kind] = earliest
    viewed, carted, bought = (first[kind] < _NEVER for kind in (VIEW, CART, PURCHASE))
    to_cart = viewed & carted & (first[CART] >= first[VIEW])
    to_order = to_cart & bought & (first[PURCHASE] >= first[CART])
    return FunnelTruth(
        sessions=int((np.bincount(events.slot, minlength=parts.slots) > 0).sum()),
        with_view=int(viewed.sum()),
        with_cart=int(carted.sum()),
        with_purchase=int(bought.sum()),
        view_then_cart=int(to_cart.sum()),
        view_then_cart_then_purchase=int(to_order.sum()),
    )


def _pairs(parts: MonthParts, shop: Catalogue) -> tuple[PairTruth, ...]:
    events = _counted(parts)
    events = events.where(events.kind == PURCHASE)
    product = shop.item_products[events.item]
    truths = []
    for pair in shop.pairs:
        one, other = (np.unique(events.slot[product == wanted]) for wanted in pair)
        both = len(np.intersect1d(one, other, assume_unique=True))
        small, large = sorted(shop.ids[pair].tolist())
        truths.append(PairTruth(small, large, both))
    return tuple(truths)


def _outage(outage: Outage, rows: MonthRows, lost_orders: int) -> OutageTruth:
    start, end = outage.window
    hit = (rows.kind == PURCHASE) & (rows.time >= start) & (rows.time < end)
    day = outage.day.isoformat()
    return OutageTruth(day, outage.from_hour, outage.until_hour, int(hit.sum()), lost_orders)
