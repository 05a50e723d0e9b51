"""What goes wrong on the way: messages sent twice, sent out of order, and poison.

Belongs here: the mishaps, each in numbers that the plan fixes. Stays out: what happened in the shop
(`facts.py`), and what a reader should make of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ecommerce_assets.domains.orders.simulator.facts import (
    Fact,
    announcement,
    fact,
    milliseconds,
    records,
)
from ecommerce_assets.domains.orders.simulator.plan import (
    COMPLETED,
    CREATED,
    DISPATCHED,
    GOODS,
    ORDERS,
    PEOPLE,
    StreamPlan,
)
from ecommerce_assets.simulation.randomness import Stream

#: One message in so many is held up, and by how many places at most.
_HELD_UP, _PLACES = 100, 500


@dataclass(frozen=True)
class Parts:
    """The fields of a topic that damage goes to; None where it has no such field."""

    whole: str
    money: str | None
    time: str | None


_SHIPMENT: Final = Parts("revision_number", "cost", "modified_at")
_PARTS: Final[Mapping[str, Parts]] = {
    ORDERS: Parts("quantity", "total_price", "created_at"),
    CREATED: _SHIPMENT,
    DISPATCHED: _SHIPMENT,
    COMPLETED: _SHIPMENT,
    GOODS: Parts("id", "price", None),
    PEOPLE: Parts("id", None, None),
}
#: Where poison goes: half of it to the orders.
_POISONED: Final = (ORDERS, CREATED, ORDERS, DISPATCHED, ORDERS, GOODS, COMPLETED, ORDERS, PEOPLE)

Value = dict[str, Any]
Damage = Callable[[Value, Parts], bytes | None]


@dataclass(frozen=True)
class Poison:
    """A message that no reader can take.

    Attributes:
        topic: its topic.
        key: its key.
        kind: what is wrong with it: a name of `DAMAGES`.
        value: as it is sent; None for a message without one.
        at_ms: when it is sent.
    """

    topic: str
    key: str
    kind: str
    value: bytes | None
    at_ms: int


def as_json(value: Value) -> bytes:
    """A value in compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _twice(value: Value, parts: Parts) -> bytes:
    """A field that stands there twice, with different values."""
    more = as_json({parts.whole: 9_999})
    return as_json(value)[:-1] + b"," + more[1:]


def _not_utf8(value: Value, _: Parts) -> bytes:
    """A letter of another encoding."""
    return as_json(value | {"note": "caf"}).replace(b'"caf"', b'"caf\xe9"')


def _without(value: Value, parts: Parts) -> bytes:
    """A field that must be there is not."""
    return as_json({name: each for name, each in value.items() if name != parts.whole})


#: By name, what is done to a message. A field that a topic lacks is None.
DAMAGES: Final[Mapping[str, Damage]] = {
    "no_value": lambda value, parts: None,
    "cut_short": lambda value, parts: as_json(value)[: -len(as_json(value)) // 3],
    "not_utf8": _not_utf8,
    "not_an_object": lambda value, parts: b"[" + as_json(value) + b"]",
    "field_twice": _twice,
    "field_missing": _without,
    "fraction": lambda value, parts: as_json(value | {parts.whole: 1.5}),
    "padded_number": lambda value, parts: as_json(value | {parts.whole: "007"}),
    "below_minimum": lambda value, parts: as_json(value | {parts.whole: 0}),
    "too_exact": lambda value, parts: as_json(value | {str(parts.money): "12.345"}),
    "no_time": lambda value, parts: as_json(value | {str(parts.time): "2024-12-45T00:00:00.000Z"}),
}


def poison(plan: StreamPlan) -> Iterator[Poison]:
    """The plan's poison: damaged messages of orders, products and customers that nothing else has.

    A reader that took one would show it: as an order too many, or as another product.
    """
    kinds, beyond = tuple(DAMAGES), plan.shipped + plan.plain
    shop = list(announcement(plan, plan.announcements, milliseconds("2024-12-04T00:00:00Z")))
    things = {topic: [each for each in shop if each.topic == topic] for topic in (GOODS, PEOPLE)}
    shipped = records(plan, "shipped_orders")
    for number in range(plan.poisoned):
        topic = _POISONED[number % len(_POISONED)]
        if topic in things:
            whole = things[topic][number % len(things[topic])]
        else:
            found = next(r for r in shipped.of(beyond + number) if r.topic == topic)
            told = found.value.get("created_at") or found.value.get("modified_at")
            whole = fact(found, milliseconds(str(told)) + 100)
        kind = next(
            each
            for each in (kinds[(number + n) % len(kinds)] for n in range(len(kinds)))
            if _fits(each, _PARTS[topic])
        )
        damaged = DAMAGES[kind](whole.value, _PARTS[topic])
        yield Poison(topic, whole.key, kind, damaged, whole.at_ms)


def _fits(kind: str, parts: Parts) -> bool:
    lacks_money = kind == "too_exact" and parts.money is None
    lacks_time = kind == "no_time" and parts.time is None
    return not lacks_money and not lacks_time


def doubled(plan: StreamPlan, facts: list[Fact]) -> list[Fact]:
    """Messages that a producer sends again though they arrived: the same in every part."""
    return [facts[number * len(facts) // plan.doubled] for number in range(plan.doubled)]


def places(plan: StreamPlan, count: int) -> list[int]:
    """The order in which messages, sorted by time, are sent: some are held up by many places."""
    chance = Stream(plan.seed, "orders", "places")
    held = (chance.uniform(count) * _PLACES).astype(int).tolist()
    late = [n + 10 + held[n] if n % _HELD_UP == _HELD_UP // 2 else n for n in range(count)]
    return sorted(range(count), key=lambda n: (late[n], n))
