"""The messages of the simulated stream, in the order in which they are sent.

Belongs here: putting what happened and what went wrong together. Stays out: both of them
(`facts.py`, `mishaps.py`), and a broker.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecommerce_assets.domains.orders.simulator.counting import count
from ecommerce_assets.domains.orders.simulator.facts import Fact, happen
from ecommerce_assets.domains.orders.simulator.mishaps import (
    Poison,
    as_json,
    doubled,
    places,
    poison,
)
from ecommerce_assets.domains.orders.simulator.plan import TOPICS, StreamPlan
from ecommerce_assets.domains.orders.simulator.truth import StreamTruth
from ecommerce_assets.simulation.messages import Message

__all__ = ["TOPICS", "SimulatedStream", "StreamPlan", "simulate_stream"]


@dataclass(frozen=True)
class SimulatedStream:
    """All messages, in the order in which they are sent, and what is true of them."""

    messages: tuple[Message, ...]
    truth: StreamTruth


def simulate_stream(plan: StreamPlan) -> SimulatedStream:
    """The stream of a plan; needs the library Faker.

    Equal plans give equal messages. Two messages of a topic that have the same key and the same
    time are doubles of each other.

    Raises:
        ImportError: Faker is not installed.
    """
    facts = happen(plan)
    meant = sorted(facts.messages(), key=_when)
    again, bad = doubled(plan, meant), list(poison(plan))
    all_of_them: list[Fact | Poison] = [*meant, *again, *bad]
    sent = sorted(all_of_them, key=_when)
    order = places(plan, len(sent))
    truth = count(plan, facts, again, bad)
    return SimulatedStream(tuple(_message(sent[place]) for place in order), truth)


def _when(message: Fact | Poison) -> tuple[int, str, str]:
    return message.at_ms, message.topic, message.key


def _message(sent: Fact | Poison) -> Message:
    value = as_json(sent.value) if isinstance(sent, Fact) else sent.value
    return Message(sent.topic, sent.key, value, sent.at_ms)
