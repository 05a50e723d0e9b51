"""One month of the simulated cosmetics shop, as a file and as truths.

What belongs here: putting a month's parts together, and writing it.
What stays out: how any part is drawn, and how it is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from ecommerce_assets.domains.cosmetics.simulator.baskets import draw_baskets
from ecommerce_assets.domains.cosmetics.simulator.catalogue import Catalogue, make_catalogue
from ecommerce_assets.domains.cosmetics.simulator.counting import MonthParts, count_truth
from ecommerce_assets.domains.cosmetics.simulator.plan import ShopPlan
from ecommerce_assets.domains.cosmetics.simulator.population import user_ids
from ecommerce_assets.domains.cosmetics.simulator.rhythm import (
    file_name,
    month_before,
    outage_in,
    seconds_in,
)
from ecommerce_assets.domains.cosmetics.simulator.rows import (
    arrange,
    as_csv,
    item_texts,
    planned_excess,
    session_texts,
)
from ecommerce_assets.domains.cosmetics.simulator.sessions import (
    CART,
    PURCHASE,
    REMOVE,
    VIEW,
    Events,
)
from ecommerce_assets.domains.cosmetics.simulator.truth import MonthTruth
from ecommerce_assets.domains.cosmetics.simulator.visits import (
    Visits,
    crossing_visits,
    staying_visits,
    with_adjustments,
    with_outage,
)
from ecommerce_assets.simulation.delivery import deliver
from ecommerce_assets.simulation.randomness import Ints, Stream


def simulate_cosmetics_month(
    month: date, target: Path, *, events: int, seed: int, calendar: Sequence[date]
) -> MonthTruth:
    """Write one month's file as the source delivers it, and say what is true of it.

    The file has the columns `event_time,event_type,product_id,category_id,category_code,
    brand,price,user_id,user_session`, UTF-8, LF, no quoting, times like
    `2019-10-01 00:00:00 UTC` in rising order, prices in dollars with two decimals. The same
    arguments give the same bytes, whichever months were written before.

    Months of one data set must be made with the same `events` and `seed`. A calendar may
    be prolonged at its end: only the last month's truth changes, since the sessions that
    cross its end then have a next file.

    Args:
        month: first day of the month.
        target: the file; a name ending in `.zip` gives an archive with one deflated member
            named like `2019-Oct.csv`. It is replaced in one step.
        events: rows of the file, exactly; 200 to 40 million.
        seed: zero or more.
        calendar: first days of all months of the data set, in order, without gaps.

    Returns:
        the planted truths; keep them with `truth.write_month_truth`.

    Raises:
        ValueError: if the number of events, the seed or the calendar is refused, or the
            month is not in the calendar.
        OSError: if the target can't be written.
    """
    plan = ShopPlan(tuple(calendar), events, seed)
    index = plan.index(month)
    stream = Stream(seed, month.year * 12 + month.month, "month")
    shop = make_catalogue(plan.products, seed)
    parts, excess = _parts(plan, index, shop, stream)
    rows = arrange(parts.in_file, excess, slots=parts.slots, items=shop.items, stream=stream)
    prices = shop.monthly_prices(stream)
    content = as_csv(
        rows,
        month,
        items=item_texts(shop, prices),
        sessions=session_texts(user_ids(parts.users, seed), parts.ids, parts.anonymous),
    )
    truth = count_truth(plan, index, parts, rows, shop, prices)
    del parts
    deliver(content, target, member=file_name(month))
    return truth


def archive_name(month: date) -> str:
    """Name under which the source delivers a month: `2019-Oct.csv.zip`."""
    return f"{file_name(month)}.zip"


def _parts(plan: ShopPlan, index: int, shop: Catalogue, stream: Stream) -> tuple[MonthParts, Ints]:
    """The month's sessions and events, and the excess rows that fill it up."""
    month = plan.calendar[index]
    leaving = crossing_visits(plan, index, shop)
    heads = leaving.events.where(leaving.events.time < seconds_in(month))
    arriving = crossing_visits(plan, index - 1, shop)
    tails = arriving.events.moved(seconds=-seconds_in(month_before(month)))
    tails = tails.where(tails.time >= 0)

    baskets = draw_baskets(plan.sessions, stream, cap=plan.longest_basket)
    distinct = heads.by_kind + tails.by_kind
    crossing_views = int(distinct[VIEW])
    distinct[[CART, PURCHASE]] += [int(baskets.carts.sum()), int(baskets.bought.sum())]
    distinct[REMOVE] += int(baskets.removed.sum())
    views, excess = planned_excess(plan.events, distinct)
    staying = staying_visits(
        plan, index, shop, baskets.with_views(views - crossing_views, stream), stream
    )
    happened, lost_orders = staying.events, 0
    if outage := outage_in(month, plan.calendar):
        happened, lost_orders = with_outage(happened, outage)
    happened = with_adjustments(happened, shop, stream)
    parts = _joined(
        plan, index, (staying, leaving, arriving), (happened, heads, tails), lost_orders
    )
    return parts, excess


def _joined(
    plan: ShopPlan,
    index: int,
    groups: tuple[Visits, Visits, Visits],
    events: tuple[Events, Events, Events],
    lost_orders: int,
) -> MonthParts:
    """Number the sessions of the three groups through: staying, leaving, arriving."""
    staying, leaving, arriving = groups
    happened, heads, tails = events
    leaves, arrives = plan.sessions, plan.sessions + plan.crossing_sessions
    tails = tails.moved(slots=arrives)
    is_first, is_last = index == 0, index == len(plan.calendar) - 1
    later = leaving.events.where(leaving.events.time >= seconds_in(plan.calendar[index]))
    nothing = later.where(np.zeros(len(later.slot), dtype=bool))
    return MonthParts(
        users=np.concatenate([group.users for group in groups]),
        ids=np.concatenate([group.ids for group in groups]),
        anonymous=np.concatenate([group.anonymous for group in groups]),
        merged=np.concatenate([staying.merged, leaving.merged + leaves, arriving.merged + arrives]),
        in_file=Events.joined([happened, heads.moved(slots=leaves), tails]),
        afterwards=(nothing if is_last else later).moved(slots=leaves),
        started=arrives + (plan.crossing_sessions if is_first else 0),
        lost_orders=lost_orders,
    )
