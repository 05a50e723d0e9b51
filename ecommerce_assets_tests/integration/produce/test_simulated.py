"""The simulated stream arrives as it is planned, and a drain finds exactly what was planted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecommerce_assets.domains.orders.simulator.plan import StreamPlan
from ecommerce_assets.domains.orders.simulator.stream import SimulatedStream, simulate_stream
from ecommerce_assets.domains.registry import STREAMS
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import drain_topic
from ecommerce_assets_tests.integration.produce.conftest import Command
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.servers.kafka import KafkaServer

PLAN = StreamPlan(42, 20_000)
#: The reason that a contract gives for each damage; the field is one of the damaged topic's.
REASONS = {
    "no_value": "tombstone",
    "cut_short": "not_json",
    "not_utf8": "wrong_encoding",
    "not_an_object": "not_an_object",
    "field_twice": "field_twice",
    "field_missing": "missing",
    "fraction": "not_an_integer",
    "padded_number": "not_an_integer",
    "below_minimum": "below_minimum",
    "too_exact": "not_a_decimal",
    "no_time": "not_a_time",
}


@pytest.fixture(scope="module")
def sent(
    server: KafkaServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Command, SimulatedStream]:
    """The stream, sent by the command to topics of its own."""
    command = Command(server, tmp_path_factory.mktemp("home"), "simulated")
    code, output, _ = command.run(
        "orders", "-n", PLAN.messages, ECOMMERCE_ORDERS_TOPIC_PREFIX="simulated_", verb="simulate"
    )
    assert code == 0 and "20,000 messages arrived" in output
    return command, simulate_stream(PLAN)


def test_every_message_arrives_once_with_its_time(sent: tuple[Command, SimulatedStream]) -> None:
    command, stream = sent
    for topic in stream.truth.topics:
        found = Counter(
            (each.key, each.value, each.at_ms)
            for each in command.server.messages(command.topic(topic))
        )
        meant = Counter(
            (m.key.encode(), m.value, m.at_ms) for m in stream.messages if m.topic == topic
        )
        assert found == meant


@pytest.mark.parametrize("topic", STREAMS["orders"].topics, ids=lambda topic: topic.name)
def test_a_drain_finds_what_was_planted(
    topic: object, sent: tuple[Command, SimulatedStream], tmp_path: Path
) -> None:
    command, stream = sent
    known = next(each for each in STREAMS["orders"].topics if each == topic)
    planted = stream.truth.topics[known.name]
    with Broker(command.server.config) as found:
        name = command.topic(known.name)
        drained = drain_topic(found, lake_at(tmp_path), known.contract, name, batch=5_000)
    assert (drained.received, drained.accepted) == (planted.messages, planted.accepted)
    reasons: Counter[str] = Counter()
    for reason, count in drained.reasons.items():
        reasons[reason.partition(":")[0]] += count
    expected: Counter[str] = Counter()
    for kind, count in planted.poisoned.items():
        expected[REASONS[kind]] += count
    assert reasons == expected
    assert ("coupon" in drained.unknown_fields) == (planted.with_unknown_field > 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("orders", "-n", 5), "a stream has 1,000 to 5,000,000 messages"),
        (("nothing",), "'nothing' is not a domain with a simulated stream"),
    ],
)
def test_a_wrong_call_is_refused(words: tuple[object, ...], said: str, command: Command) -> None:
    code, output, _ = command.run(*words, verb="simulate")
    assert code == 2 and said in output and "What to do:" in output
