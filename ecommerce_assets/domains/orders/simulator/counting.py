"""The truths of the stream, counted on what happened, before a message is written.

Belongs here: every figure of `truth.py`. Stays out: the messages as bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from ecommerce_assets.domains.orders.simulator.facts import HOUR, Fact, Facts, Order
from ecommerce_assets.domains.orders.simulator.mishaps import Poison
from ecommerce_assets.domains.orders.simulator.plan import (
    COMPLETED,
    CREATED,
    DISPATCHED,
    GOODS,
    PEOPLE,
    TOPICS,
    StreamPlan,
)
from ecommerce_assets.domains.orders.simulator.truth import (
    FulfilmentTruth,
    OrdersTruth,
    StreamTruth,
    TopicTruth,
)

_WINDOW: Final = HOUR // 2


def count(
    plan: StreamPlan, facts: Facts, doubles: Iterable[Fact], poison: Iterable[Poison]
) -> StreamTruth:
    """The truths.

    Args:
        plan: of the stream.
        facts: what happens.
        doubles: the messages that are sent a second time.
        poison: the messages that no reader can take.
    """
    versions = _versions(facts, GOODS)
    return StreamTruth(
        seed=plan.seed,
        messages=plan.messages,
        topics=_topics(facts, list(doubles), list(poison)),
        orders=_orders(facts, versions),
        fulfilment=_fulfilment(facts),
        product_versions=sum(map(len, versions.values())),
        customer_versions=sum(map(len, _versions(facts, PEOPLE).values())),
    )


def _topics(facts: Facts, doubles: list[Fact], poison: list[Poison]) -> dict[str, TopicTruth]:
    """The figures of each topic."""
    meant, again = defaultdict(list), defaultdict(list)
    for fact in facts.messages():
        meant[fact.topic].append(fact)
    for fact in doubles:
        again[fact.topic].append(fact)
    found = {}
    for topic in TOPICS:
        accepted = meant[topic] + again[topic]
        lags = [each.at_ms - told for each in accepted if (told := each.told_ms) is not None]
        kinds = Counter(each.kind for each in poison if each.topic == topic)
        found[topic] = TopicTruth(
            messages=len(accepted) + kinds.total(),
            accepted=len(accepted),
            poisoned=dict(sorted(kinds.items())),
            doubles=len(again[topic]),
            keys=len({each.key for each in accepted}),
            late=sum(lag > HOUR for lag in lags),
            ahead=sum(lag < -HOUR for lag in lags),
            with_unknown_field=sum("coupon" in each.value for each in accepted),
        )
    return found


def _versions(facts: Facts, topic: str) -> dict[int, list[Fact]]:
    """The versions of each thing of a topic, oldest first; equal neighbours are one."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for announcement in facts.announced:
        for fact in announcement:
            if fact.topic == topic:
                known = found[fact.value["id"]]
                if not known or known[-1].value != fact.value:
                    known.append(fact)
    return found


def _orders(facts: Facts, versions: dict[int, list[Fact]]) -> OrdersTruth:
    """The figures of the orders that have a message."""
    figures: Counter[str] = Counter()
    windows = set()
    for order in facts.orders:
        if not order.messages:
            continue
        newest = order.messages[-1]
        quantity, product = newest.value["quantity"], newest.value["product_id"]
        figures["orders"] += 1
        figures["changed"] += len(order.messages) > 1
        figures["quantity"] += quantity
        figures["total_cents"] += _cents(newest.value["total_price"])
        figures["without_shipment"] += not order.steps
        known = versions.get(product)
        if known is None:
            figures["without_product"] += 1
            continue
        place = bisect_right([each.at_ms for each in known], newest.at_ms)
        met = known[max(place - 1, 0)]
        revenue = quantity * _cents(met.value["price"])
        near = abs(newest.at_ms - met.at_ms) <= 24 * HOUR
        figures["within_24h" if near else "outside_24h"] += 1
        figures["before_product"] += place == 0
        figures["revenue_cents"] += revenue
        figures["revenue_within_24h_cents"] += revenue * near
        windows.add((product, newest.at_ms // _WINDOW))
    return OrdersTruth(
        orders=figures["orders"],
        changed=figures["changed"],
        quantity=figures["quantity"],
        total_cents=figures["total_cents"],
        within_24h=figures["within_24h"],
        outside_24h=figures["outside_24h"],
        without_product=figures["without_product"],
        before_product=figures["before_product"],
        revenue_cents=figures["revenue_cents"],
        revenue_within_24h_cents=figures["revenue_within_24h_cents"],
        revenue_windows=len(windows),
        without_shipment=figures["without_shipment"],
    )


def _fulfilment(facts: Facts) -> FulfilmentTruth:
    """The figures of the shipments."""
    shipped = [order for order in facts.orders if order.steps]
    completed = [order for order in shipped if COMPLETED in order.steps]
    both = [order for order in completed if DISPATCHED in order.steps]
    return FulfilmentTruth(
        shipments=len(shipped),
        created_only=sum(set(order.steps) == {CREATED} for order in shipped),
        dispatched=sum(
            DISPATCHED in order.steps and COMPLETED not in order.steps for order in shipped
        ),
        completed=len(completed),
        not_dispatched=len(completed) - len(both),
        not_ordered=sum(not order.messages for order in shipped),
        overtaken=sum(
            order.steps[DISPATCHED].at_ms > order.steps[COMPLETED].at_ms for order in both
        ),
        swapped=sum(
            _told(order, DISPATCHED) < _told(order, CREATED)
            for order in shipped
            if DISPATCHED in order.steps
        ),
        delay_ms=sum(
            _told(order, COMPLETED) - (order.messages[-1].told_ms or 0)
            for order in completed
            if order.messages
        ),
    )


def _told(order: Order, topic: str) -> int:
    return order.steps[topic].told_ms or 0


def _cents(price: Any) -> int:
    return int(Decimal(str(price)) * 100)
