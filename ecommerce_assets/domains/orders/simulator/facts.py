"""What happens in the simulated shop: products, customers, orders and shipments, each in its time.

Belongs here: messages as they would be if nothing went wrong on the way, except that clocks differ
and some come late. Stays out: what goes wrong on the way (`mishaps.py`), and counting.

Times are milliseconds since 1970. A message has two: its own, when it is sent, and the one that it
tells, when something happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from ecommerce_assets.domains.orders.simulator.plan import (
    COMPLETED,
    CREATED,
    DISPATCHED,
    OVERTAKEN,
    PRODUCTS,
    SWAPPED,
    Course,
    StreamPlan,
    course,
)
from ecommerce_assets.simulation.datagen.calls import instant
from ecommerce_assets.simulation.datagen.records import Record, Records
from ecommerce_assets.simulation.datagen.specification import Specification, read_specification
from ecommerce_assets.simulation.randomness import Stream

HOUR: Final = 3_600_000
_SPECIFICATIONS: Final = Path(__file__).parent / "specifications"
#: When the shop announces its products and customers: after the first orders, between others.
_ANNOUNCED: Final = ("2024-12-01T06:00:00Z", "2024-12-03T12:00:00Z", "2024-12-06T00:00:00Z")
#: Every so many orders: late by hours, before its own time, of a product that there is none of,
#: with a field that nobody knows, with its price as a number.
_LATE, _AHEAD, _UNKNOWN_PRODUCT, _UNKNOWN_FIELD, _NUMBER = 50, 400, 250, 150, 97


@dataclass(frozen=True)
class Fact:
    """A message as it was meant.

    Attributes:
        topic: its topic.
        key: its key.
        value: its fields.
        at_ms: when it is sent.
    """

    topic: str
    key: str
    value: dict[str, Any]
    at_ms: int

    @property
    def told_ms(self) -> int | None:
        """The time that it tells; None where it tells none."""
        told = self.value.get("created_at") or self.value.get("modified_at")
        return milliseconds(told) if told else None


@dataclass(frozen=True)
class Order:
    """An order with all that is sent of it.

    Attributes:
        id: of the order.
        messages: of the order itself, the newest last; none if it is not sent at all.
        course: what becomes of its shipment; None if it has none.
        steps: the messages of its shipment, by topic.
    """

    id: str
    messages: tuple[Fact, ...]
    course: Course | None
    steps: dict[str, Fact]


@dataclass(frozen=True)
class Facts:
    """All that happens.

    Attributes:
        announced: the messages of each announcement of the shop.
        orders: all orders, also those that are not sent themselves.
    """

    announced: tuple[tuple[Fact, ...], ...]
    orders: tuple[Order, ...]

    def messages(self) -> Iterator[Fact]:
        """Every message, in no order of time."""
        for announcement in self.announced:
            yield from announcement
        for order in self.orders:
            yield from order.messages
            yield from order.steps.values()


def happen(plan: StreamPlan) -> Facts:
    """All that happens in a plan's stream."""
    announced = tuple(
        tuple(announcement(plan, number, milliseconds(_ANNOUNCED[number])))
        for number in range(plan.announcements)
    )
    return Facts(announced, tuple(_orders(plan)))


@cache
def specification(name: str) -> Specification:
    """One of the shop's own specifications: `shop`, `orders` or `shipped_orders`."""
    return read_specification(_SPECIFICATIONS / f"{name}.json")


def records(plan: StreamPlan, name: str) -> Records:
    """The records of one of the specifications."""
    return Records(specification(name), seed=plan.seed, now=datetime(2024, 12, 1, tzinfo=UTC))


def announcement(plan: StreamPlan, number: int, at_ms: int) -> Iterator[Fact]:
    """The shop, its products and its customers, one message every ten milliseconds."""
    for place, record in enumerate(records(plan, "shop").of(number)):
        yield fact(record, at_ms + 10 * place)


def fact(record: Record, at_ms: int) -> Fact:
    """A record as a message that is sent at some time."""
    return Fact(record.topic, record.key or "", record.value, at_ms)


def milliseconds(told: str) -> int:
    """A time that a message tells, as milliseconds since 1970."""
    moment = datetime.fromisoformat(told)
    return int(moment.timestamp()) * 1_000 + moment.microsecond // 1_000


def _orders(plan: StreamPlan) -> Iterator[Order]:
    """The orders that are shipped, then the others."""
    count = plan.shipped + plan.plain
    chance = Stream(plan.seed, "orders", "times")
    # How long an order's messages wait: its own, those of its shipment, that of its change.
    waits = chance.uniform(5 * count).reshape(count, 5).tolist()
    shipped, plain = records(plan, "shipped_orders"), records(plan, "orders")
    ordered = [n for n in range(count) if n >= plan.shipped or course(n).ordered]
    changed = {ordered[n * len(ordered) // plan.changed] for n in range(plan.changed)}
    for number in range(count):
        way = course(number) if number < plan.shipped else None
        found = shipped.of(number) if way else plain.of(number)
        messages: tuple[Fact, ...] = ()
        if way is None or way.ordered:
            messages = (_ordered(found[0], number, waits[number][0]),)
        if number in changed:
            messages = (*messages, _changed(messages[0], waits[number][4]))
        steps = _steps(found[1:], way, waits[number][1:4]) if way else {}
        yield Order(str(found[0].key), messages, way, steps)


def _ordered(record: Record, number: int, wait: float) -> Fact:
    """The first message of an order."""
    value: dict[str, Any] = dict(record.value)
    told = milliseconds(str(value["created_at"]))
    if number % _UNKNOWN_PRODUCT == _UNKNOWN_PRODUCT // 2:
        value["product_id"] = PRODUCTS + 1 + number % 5
    if number % _UNKNOWN_FIELD == 3:
        value["coupon"] = "WELCOME"
    if number % _NUMBER == 5:
        value["total_price"] = float(str(value["total_price"]))
    at_ms = told + 50 + int(1_450 * wait)
    if number % _LATE == 7:
        at_ms = told + int(HOUR * (2 + 38 * wait))
    elif number % _AHEAD == 11:
        at_ms = told - int(HOUR * (2 + 3 * wait))
    return fact(replace(record, value=value), at_ms)


def _changed(before: Fact, wait: float) -> Fact:
    """The same order as it is some hours later: another product and another quantity."""
    value = dict(before.value)
    value["product_id"] = value["product_id"] % PRODUCTS + 1
    value["quantity"] = value["quantity"] % 10 + 1
    return replace(before, value=value, at_ms=before.at_ms + int(HOUR * (1.1 + 5 * wait)))


def _steps(found: list[Record], way: Course, waits: list[float]) -> dict[str, Fact]:
    """The messages of a shipment, by topic."""
    steps = {}
    for each, wait in zip(found, waits, strict=True):
        told = milliseconds(str(each.value["modified_at"]))
        steps[each.topic] = fact(each, told + 50 + int(1_450 * wait))
    left = steps[DISPATCHED]
    if way is SWAPPED:
        created = milliseconds(steps[CREATED].value["modified_at"])
        moment = datetime.fromtimestamp(created // 1_000 - int(3_600 * (1 + 10 * waits[1])), UTC)
        steps[DISPATCHED] = replace(left, value=left.value | {"modified_at": instant(moment)})
    if way is OVERTAKEN:
        after = steps[COMPLETED].at_ms + int(HOUR * (1 + 4 * waits[1]))
        steps[DISPATCHED] = replace(left, at_ms=after)
    return {topic: steps[topic] for topic in way.steps}
