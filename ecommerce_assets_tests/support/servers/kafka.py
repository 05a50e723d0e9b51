"""A Kafka broker for tests, from the binary of a Python package.

Belongs here: starting, stopping and killing one broker in a folder of its own, and reading what is
in its topics. Stays out: who writes to it.

It is one node that speaks Kafka's protocol without being Kafka: idempotent and transactional
producers, exact watermarks, look-ups by time, `delete_records`, new partitions and retention are
those of the original. It cannot do TLS or SASL, has no access lists, no schema registry and no
replicas, and gives every topic the id 0, so that a topic which was made again looks like the old
one. It makes a topic that is written to and is not there. It keeps its records in memory and writes
them to its folder within a second and when it stops: after `kill` the newest may be gone.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets_tests.support.servers.ports import free_port


@dataclass(frozen=True)
class Received:
    """A message as a topic has it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at_ms: int


class KafkaServer(EmbeddedBroker):
    """The broker, a context manager on a free port of the loopback interface.

    Attributes:
        config: What a client needs to find it.
    """

    def __init__(self, folder: Path) -> None:
        """Describe the broker.

        Args:
            folder: Where it keeps its topics.
        """
        if not os.environ.get("CI"):
            for package in ("noida_db", "confluent_kafka"):
                pytest.importorskip(package, reason="the broker is an extra: make install-dev")
        super().__init__(folder, free_port())
        self.config: dict[str, Any] = {"bootstrap.servers": self.address}

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def messages(self, topic: str) -> list[Received]:
        """All messages of a topic, partition by partition; none if there is no such topic."""
        from confluent_kafka import Consumer, TopicPartition

        client = Consumer(
            {
                **self.config,
                "group.id": "tests",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )
        found: list[Received] = []
        try:
            listed = client.list_topics(timeout=20).topics
            partitions = listed[topic].partitions if topic in listed else {}
            for partition in sorted(partitions):
                client.assign([TopicPartition(topic, partition, 0)])
                # A message without a value counts as false.
                while (message := client.poll(20)) is not None:
                    if message.error():
                        break  # the end of the partition
                    at_ms = message.timestamp()[1]
                    place = (partition, message.offset() or 0)
                    found.append(Received(*place, message.key(), message.value(), at_ms))
        finally:
            client.close()
        return found
