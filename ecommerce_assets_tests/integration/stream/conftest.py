"""A real broker, and topics that are filled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.lib.lake.slices import published_slices
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import Drained, drain_topic
from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets.lib.stream.topics import make_topics
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import held_of, rows_of
from ecommerce_assets_tests.support.messages import contract_of, value
from ecommerce_assets_tests.support.servers.ports import free_port

_NAMES = (f"orders-{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """The broker of all tests that do not stop it."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker"), free_port()) as running:
        yield running


@dataclass
class Stream:
    """A topic of its own, and a lake of its own.

    Attributes:
        folder: of the lake and the contract.
        address: of the broker.
        topic: the topic's name.
    """

    folder: Path
    address: str
    topic: str

    @property
    def config(self) -> dict[str, Any]:
        """The settings of a client."""
        return {"bootstrap.servers": self.address}

    def make(self, partitions: int = 4) -> None:
        """Make the topic."""
        make_topics(self.config, [self.topic], partitions=partitions, retention_ms=-1)

    def send(
        self, values: Sequence[bytes | None], partition: int = 0, transaction: str | None = None
    ) -> None:
        """Send messages to a partition; `transaction` is `commit` or `abort`."""
        from confluent_kafka import Producer

        more = {"transactional.id": f"tests-{self.topic}"} if transaction else {}
        producer = Producer({**self.config, "enable.idempotence": True, "log_level": 0, **more})
        if transaction:
            producer.init_transactions(10)
            producer.begin_transaction()
        for number, each in enumerate(values):
            producer.produce(self.topic, each, str(number % 7), partition)
            producer.poll(0)
        assert producer.flush(20) == 0
        if transaction == "commit":
            producer.commit_transaction(10)
        if transaction == "abort":
            producer.abort_transaction(10)

    def fill(self, first: int, last: int, partition: int = 0) -> None:
        """Send the messages whose values are those of some numbers; some are broken."""
        self.send([value(number) for number in range(first, last)], partition)

    def drain(self, batch: int = 1_000, **how: Any) -> Drained:
        """Drain the topic; raises what stops a partition."""
        contract = contract_of(self.folder)
        with Broker(self.config, **how) as found:
            done = drain_topic(found, lake_at(self.folder), contract, self.topic, batch=batch)
        for _, error in done.failures:
            raise error
        return done

    def settled(self, partition: int = 0) -> list[int]:
        """The offsets of a partition that are accepted or in quarantine, in their order."""
        contract = contract_of(self.folder)
        found: list[int] = []
        for each in published_slices(lake_at(self.folder), contract):
            if each.key.partition == partition:  # type: ignore[union-attr]
                good = [row["message_offset"] for row in rows_of(self.folder, contract, each.key)]
                bad = [row["line"] for row in held_of(self.folder, contract, each.key)]
                found += sorted(good + bad)
        return found


@pytest.fixture
def stream(broker: EmbeddedBroker, tmp_path: Path) -> Stream:
    """A topic with four partitions, empty, and a lake without anything of it."""
    made = Stream(tmp_path, broker.address, next(_NAMES))
    made.make()
    return made
