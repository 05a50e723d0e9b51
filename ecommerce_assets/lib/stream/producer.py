"""Messages to a broker: each arrives once, and those of a partition in the order they were given.

Belongs here: the idempotent producer, and what its errors mean for the user. Stays out: what the
messages say, and reading (`broker.py`).

The promise holds while one producer lives. A program that was killed does not know what arrived:
it sends again, and readers have to expect doubles.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Final

from ecommerce_assets.lib.failures import (
    LakehouseError,
    PermanentFailure,
    SettingMissing,
    TransientFailure,
)

#: Seconds after which a message that the broker has not taken is given up.
GIVES_UP_AFTER_S: Final = 30.0
#: Messages between two looks at what the broker answered.
_LOOK_EVERY: Final = 1_000
#: The broker says what is too large for it, not the client.
_LARGEST: Final = 256 * 1024 * 1024


class Producer:
    """A connection that sends; a context manager whose end waits for the broker.

    Attributes:
        delivered: messages that the broker has taken, by topic.
    """

    def __init__(
        self, config: Mapping[str, Any], *, gives_up_after_s: float = GIVES_UP_AFTER_S
    ) -> None:
        """Prepare; the broker is looked for when the first message is sent.

        Args:
            config: the client's settings that say where the broker is and who sends.
            gives_up_after_s: see `GIVES_UP_AFTER_S`.

        Raises:
            SettingMissing: the client of Kafka is not installed.
        """
        try:
            from confluent_kafka import Producer as Client
        except ImportError as error:
            raise SettingMissing(
                "the client of Kafka is not installed",
                "install the project with its extra `stream`",
            ) from error
        self.delivered: Counter[str] = Counter()
        self._address, self._gives_up_s = str(config["bootstrap.servers"]), gives_up_after_s
        self._given, self._said = 0, ""
        self._failure: LakehouseError | None = None
        self._client = Client(
            {
                "enable.idempotence": True,
                # As clients in Java choose a key's partition, so that all programs agree on it.
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                "compression.type": "lz4",
                "message.max.bytes": _LARGEST,
                "delivery.timeout.ms": int(gives_up_after_s * 1_000),
                "error_cb": self._note,
                "log_level": 0,
                **config,
            }
        )

    def __enter__(self) -> Producer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A person who ends the command wants what was sent to arrive; after a failure, nothing may.
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.flush()

    def send(
        self,
        topic: str,
        key: str | None,
        value: bytes | None,
        *,
        at_ms: int | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes]] = (),
    ) -> None:
        """Give a message to the connection, which sends it soon.

        Args:
            topic: where it goes.
            key: of the message; it chooses the partition.
            value: of the message; None for a message without one.
            at_ms: its time, in milliseconds since 1970; default: now.
            partition: the partition, where it is not that of the key.
            headers: of the message.

        Raises:
            PermanentFailure: the broker refused an earlier message.
            TransientFailure: the broker did not take an earlier message in time.
        """
        from confluent_kafka import KafkaException

        more: dict[str, Any] = {} if partition is None else {"partition": partition}
        if at_ms is not None:
            more["timestamp"] = at_ms
        while True:
            try:
                self._client.produce(
                    topic, value, key, on_delivery=self._answered, headers=list(headers), **more
                )
                break
            except BufferError:  # the broker is slower than this program
                self._client.poll(0.1)
                self._raise()
            except KafkaException as failed:
                raise self._explained(topic, failed.args[0]) from failed
        self._given += 1
        if self._given % _LOOK_EVERY == 0:
            self._client.poll(0)
            self._raise()

    def pause(self, seconds: float) -> None:
        """Wait, and hear meanwhile what the broker answers.

        Raises:
            PermanentFailure: as `send`.
            TransientFailure: as `send`.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._client.poll(min(left, 0.2))
            self._raise()

    def flush(self) -> None:
        """Wait until the broker has taken everything.

        Raises:
            PermanentFailure: it refused a message.
            TransientFailure: it did not take all of them in time.
        """
        left = self._client.flush(self._gives_up_s + 5)
        self._raise()
        if left:
            raise self._silent(f"{left:,} messages wait")

    def _answered(self, error: Any, message: Any) -> None:
        """Count a message that arrived; keep the first failure, which explains those after it."""
        if error is None:
            self.delivered[message.topic()] += 1
        elif self._failure is None:
            self._failure = self._explained(message.topic(), error)

    def _note(self, error: Any) -> None:
        self._said = str(error.str())

    def _raise(self) -> None:
        if self._failure:
            raise self._failure

    def _explained(self, topic: str, error: Any) -> LakehouseError:
        """What an error of the client means for the user."""
        from confluent_kafka import KafkaError

        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return PermanentFailure(
                f"a message is larger than the broker {self._address} takes for the topic {topic}",
                "send smaller ones, or raise max.message.bytes of the topic",
            )
        if error.code() in (KafkaError._UNKNOWN_TOPIC, KafkaError.UNKNOWN_TOPIC_OR_PART):
            return PermanentFailure(
                f"the broker {self._address} has no topic {topic}",
                "make it: ecommerce stream topics --create",
            )
        refused = (
            KafkaError.SASL_AUTHENTICATION_FAILED,
            KafkaError._AUTHENTICATION,
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        )
        if error.code() in refused:
            return PermanentFailure(
                f"the broker {self._address} refuses this account: {error.str()}",
                "correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or what it may write",
            )
        return self._silent(error.str())

    def _silent(self, what: str) -> TransientFailure:
        said = f" ({self._said})" if self._said else ""
        return TransientFailure(
            f"the broker {self._address} did not take all messages{said}: {what}",
            "start it, or correct KAFKA_BOOTSTRAP_SERVERS; then send them again",
        )


def hosts_elsewhere(servers: str) -> list[str]:
    """The hosts of a broker's address that are not this machine's loopback interface.

    Args:
        servers: `host:port`, several by comma, each perhaps behind `PROTOCOL://`.
    """
    hosts = [each.strip().rpartition("://")[2].rpartition(":")[0] for each in servers.split(",")]
    return [host for host in hosts if not _is_loopback(host.strip("[]"))]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
