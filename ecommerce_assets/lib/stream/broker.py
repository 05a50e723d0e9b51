"""A Kafka broker, asked for offsets and for ranges of messages.

Belongs here: the one place that speaks to the client of Kafka, and what its errors mean for the
user. Stays out: which range is read (`plan.py`), and what is done with it (`drain.py`).

Nothing is committed to the broker and no group is joined: the lake says what was read, so nothing
has to be kept in step with it, and no rebalance can interrupt a range.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.failures import PermanentFailure, SettingMissing, TransientFailure
from ecommerce_assets.lib.ingest.readers.typed import LINE, VALUE
from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.failures import RetentionLoss
from ecommerce_assets.lib.stream.plan import Watermarks
from ecommerce_assets.lib.stream.seam import Mark

if TYPE_CHECKING:
    import confluent_kafka
    import pyarrow as pa

#: Columns of messages beside `LINE` and `VALUE`.
PARTITION, TIMESTAMP, MESSAGE_KEY = "$partition", "$timestamp", "$key"
#: Seconds that one question to the broker may take.
ANSWERS_WITHIN_S = 10.0
#: Seconds without a message after which a range that should have some is given up.
SILENT_S = 60.0
#: Messages that are taken from the client at a time.
_AT_A_TIME = 20_000
#: Bytes of values after which a range ends early, so that memory stays bounded.
MOST_BYTES = 96 * 1024 * 1024


@dataclass(frozen=True)
class Messages:
    """The messages of a range.

    Attributes:
        key: the range that was read; it ends before the range that was asked for where the
            messages are large.
        table: the columns `LINE`, `PARTITION`, `TIMESTAMP`, `MESSAGE_KEY` and `VALUE`.
        mark: of the last message; None where the range has none.
    """

    key: Offsets
    table: pa.Table
    mark: Mark | None


class Broker:
    """A connection; close it with `close`, or use it as a context manager."""

    def __init__(self, config: Mapping[str, Any], *, most_bytes: int = MOST_BYTES) -> None:
        """Prepare; the broker is asked only by the methods.

        Args:
            config: the client's settings that say where the broker is and who asks.
            most_bytes: see `MOST_BYTES`.

        Raises:
            SettingMissing: the client of Kafka is not installed.
        """
        try:
            from confluent_kafka import Consumer
        except ImportError as error:
            raise SettingMissing(
                "the client of Kafka is not installed",
                "install the project with its extra `stream`",
            ) from error
        self._address, self._most_bytes = str(config["bootstrap.servers"]), most_bytes
        self._errors: list[str] = []
        self._client = Consumer(
            {
                "group.id": "never-joined",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "queued.max.messages.kbytes": 65_536,
                "fetch.wait.max.ms": 50,
                "error_cb": lambda error: self._errors.append(str(error)),
                "logger": None,
                "log_level": 0,
                **config,
            }
        )

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def partitions(self, topic: str) -> dict[int, Watermarks]:
        """What the broker has of each partition of a topic; empty where there is no such topic.

        Raises:
            TransientFailure: the broker does not answer.
            PermanentFailure: it refuses.
        """
        from confluent_kafka import KafkaError, TopicPartition

        with self._explained():
            found = self._client.list_topics(topic, timeout=ANSWERS_WITHIN_S).topics[topic]
            if found.error:
                if found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                    return {}
                raise _raised(found.error)
            marks = {}
            for number in sorted(found.partitions):
                place = TopicPartition(topic, number)
                marks[number] = Watermarks(
                    *self._client.get_watermark_offsets(place, timeout=ANSWERS_WITHIN_S)
                )
            return marks

    def mark_at(self, topic: str, partition: int, offset: int) -> Mark | None:
        """The mark of the message at an offset; None where no message is there any more."""
        found = self.read(Offsets(topic, partition, offset, offset + 1))
        return found.mark

    def read(self, wanted: Offsets) -> Messages:
        """The messages of a range, in their order.

        The range ends by its position, not by a count: markers of transactions and compaction
        leave offsets without a message.

        Raises:
            RetentionLoss: its first offset is gone.
            TransientFailure: the broker is gone, or stays silent.
        """
        from confluent_kafka import TopicPartition

        offsets: list[int] = []
        times: list[int] = []
        keys: list[bytes | None] = []
        values: list[bytes | None] = []
        held, seen, ended = 0, wanted.start, False
        with self._explained():
            self._client.assign([TopicPartition(wanted.topic, wanted.partition, wanted.start)])
            try:
                heard = time.monotonic()
                while seen < wanted.end and held < self._most_bytes and not ended:
                    for message in self._client.consume(_AT_A_TIME, timeout=0.2):
                        heard = time.monotonic()
                        error = message.error()
                        if error is not None:
                            seen = max(seen, self._end_or_raise(message, error, wanted))
                            ended = True
                            break
                        at = int(message.offset() or 0)
                        if at >= wanted.end or held >= self._most_bytes:
                            seen = max(seen, min(at, wanted.end))
                            break
                        value = message.value()
                        offsets.append(at)
                        times.append(message.timestamp()[1])
                        keys.append(message.key())
                        values.append(value)
                        held += len(value or b"") + len(message.key() or b"")
                        seen = at + 1
                    if not ended and seen < wanted.end and time.monotonic() - heard > SILENT_S:
                        raise self._silent(f"{wanted.words} do not arrive")
            finally:
                self._client.unassign()
        if seen == wanted.start:  # for instance the messages of a transaction that is still open
            raise self._silent(f"{wanted.words} cannot be read yet")
        key = Offsets(wanted.topic, wanted.partition, wanted.start, min(seen, wanted.end))
        mark = Mark.of(offsets[-1], times[-1], keys[-1], values[-1]) if offsets else None
        return Messages(key, messages_of(wanted.partition, offsets, times, keys, values), mark)

    def _end_or_raise(
        self, message: confluent_kafka.Message, error: confluent_kafka.KafkaError, wanted: Offsets
    ) -> int:
        """The position that an end of a partition tells."""
        from confluent_kafka import KafkaError

        code = error.code()
        if code == KafkaError._PARTITION_EOF:
            return int(message.offset() or 0)
        if code in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            raise RetentionLoss(
                f"offset {wanted.start} of {wanted.topic}, partition {wanted.partition}, is gone "
                "from the topic",
                "drain again: what is missing is then named",
            )
        raise _raised(error)

    def _silent(self, what: str) -> TransientFailure:
        said = f" ({self._errors[-1]})" if self._errors else ""
        return TransientFailure(
            f"the broker {self._address} does not answer{said}: {what}",
            "start it, or correct KAFKA_BOOTSTRAP_SERVERS; what was read before is kept",
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the client's errors into this project's."""
        from confluent_kafka import KafkaError, KafkaException

        try:
            yield
        except KafkaException as failed:
            error = failed.args[0]
            refused = (
                KafkaError.SASL_AUTHENTICATION_FAILED,
                KafkaError._AUTHENTICATION,
                KafkaError.TOPIC_AUTHORIZATION_FAILED,
                KafkaError.CLUSTER_AUTHORIZATION_FAILED,
            )
            if error.code() in refused:
                raise PermanentFailure(
                    f"the broker {self._address} refuses this account: {error.str()}",
                    "correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or what it may read",
                ) from failed
            raise self._silent(error.str()) from failed


def _raised(error: confluent_kafka.KafkaError) -> Exception:
    from confluent_kafka import KafkaException

    made: Exception = KafkaException(error)
    return made


def messages_of(
    partition: int,
    offsets: list[int],
    times: list[int],
    keys: list[bytes | None],
    values: list[bytes | None],
) -> pa.Table:
    """Messages of a partition as columns; a key that is not text is spelled out."""
    import pyarrow as pa

    number = pa.array([partition], pa.int64()).take(pa.array([0] * len(offsets), pa.int64()))
    return pa.table(
        {
            LINE: pa.array(offsets, pa.int64()),
            PARTITION: number,
            TIMESTAMP: pa.array(times, pa.int64()).cast(pa.timestamp("ms", "UTC")),
            MESSAGE_KEY: _text(pa.array(keys, pa.binary())),
            VALUE: pa.array(values, pa.binary()),
        }
    )


def _text(keys: pa.Array) -> pa.Array:
    import pyarrow as pa

    try:
        return keys.cast(pa.string())
    except pa.ArrowInvalid:
        spelled = [
            None if k is None else k.decode(errors="backslashreplace") for k in keys.to_pylist()
        ]
        return pa.array(spelled, pa.string())
