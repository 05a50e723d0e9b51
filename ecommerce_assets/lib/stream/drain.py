"""A topic into the lake: plan, read, judge, publish, until nothing is left.

Belongs here: the order of these steps for one partition after the other. Stays out: each step
(`plan.py`, `broker.py`, `lib/ingest/month_file.py`), which topics there are, and when it runs.

Publishing a segment is the commit: its file is named by its first offset, and only one writer can
create it. A run that is killed before has published nothing, and the next one plans the same range
again; of two runs at once, one publishes and the other one goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.ingest.month_file import Delivery, IngestResult, ingest_slice
from ecommerce_assets.lib.ingest.readers.typed import LINE, VALUE
from ecommerce_assets.lib.lake.bucket import LostRace
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Offsets, Slice
from ecommerce_assets.lib.stream.broker import (
    MESSAGE_KEY,
    TIMESTAMP,
    Broker,
    Messages,
    messages_of,
)
from ecommerce_assets.lib.stream.failures import RetentionLoss, TopicReplaced
from ecommerce_assets.lib.stream.plan import Lane, next_range
from ecommerce_assets.lib.stream.seam import LOST, Mark, end_of


@dataclass
class Drained:
    """What was published of a topic: `received = accepted + quarantined`.

    Attributes:
        segments: what was published, in its order.
        received: messages that were read.
        accepted: messages whose rows are published.
        quarantined: messages that are in quarantine.
        reasons: how many are in quarantine, by reason.
        unknown_fields: fields of the messages that the contract does not know.
        lag: offsets that were left.
        failures: the partitions that cannot be read on, each with the offsets that it has left.
    """

    segments: list[Offsets] = field(default_factory=list)
    received: int = 0
    accepted: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    unknown_fields: set[str] = field(default_factory=set)
    lag: int = 0
    failures: list[tuple[Offsets, PermanentFailure]] = field(default_factory=list)

    def add(self, key: Offsets, result: IngestResult) -> None:
        """Count a segment."""
        self.segments.append(key)
        self.received += result.rows_received
        self.accepted += result.rows_accepted
        self.quarantined += result.rows_quarantined
        for reason, count in result.reasons.items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        self.unknown_fields |= set(result.unknown_columns)


def lanes_of(broker: Broker, lake: Lake, contract: TableContract, topic: str) -> list[Lane]:
    """The partitions of a topic; empty where the broker has no such topic.

    New partitions are found here: they are read from their first offset on.
    """
    return [
        Lane(topic, number, offered, end_of(lake, contract, topic, number))
        for number, offered in broker.partitions(topic).items()
    ]


def drain_topic(
    broker: Broker,
    lake: Lake,
    contract: TableContract,
    topic: str,
    *,
    batch: int,
    run_id: str | None = None,
    memory_limit: str = "1000MB",
    said: Callable[[Offsets, IngestResult], None] | None = None,
) -> Drained:
    """Bring a topic's messages that are there now into the lake.

    Args:
        broker: where the messages are.
        lake: where they go.
        contract: of the topic's table.
        topic: its name at the broker.
        batch: offsets of a segment at most.
        run_id: kept with quarantined messages.
        memory_limit: DuckDB's.
        said: called with each segment that was published.

    A partition whose messages are gone (`RetentionLoss`), or that is another one (`TopicReplaced`),
    is among the failures of what is returned; the other partitions are read.

    Raises:
        TransientFailure: the broker is gone; what was published before is kept.
    """
    done = Drained()
    for lane in lanes_of(broker, lake, contract, topic):
        try:
            _refuse_other_topic(broker, lane)
            for key, result in _drain_lane(
                broker, lake, contract, lane, batch, run_id, memory_limit
            ):
                done.add(key, result)
                if said:
                    said(key, result)
        except (RetentionLoss, TopicReplaced) as error:
            left = Offsets(
                topic, lane.partition, lane.start, max(lane.offered.high, lane.start + 1)
            )
            done.failures.append((left, error))
    done.lag = sum(lane.lag for lane in lanes_of(broker, lake, contract, topic))
    return done


def _drain_lane(
    broker: Broker,
    lake: Lake,
    contract: TableContract,
    lane: Lane,
    batch: int,
    run_id: str | None,
    memory_limit: str,
) -> Iterator[tuple[Offsets, IngestResult]]:
    """Publish what there is of a partition, segment by segment."""
    while wanted := next_range(lane, batch):
        messages = broker.read(wanted)
        slice_ = Slice(lake, contract, messages.key)
        delivery = delivery_of(messages, lane.published.mark if lane.published else None)
        try:
            result = ingest_slice(slice_, delivery, run_id=run_id, memory_limit=memory_limit)
        except LostRace:
            result = None  # another run was first; go on from where it ended
        lane = Lane(
            lane.topic,
            lane.partition,
            lane.offered,
            end_of(lake, contract, lane.topic, lane.partition),
        )
        if result and not result.unchanged:
            yield messages.key, result


def delivery_of(messages: Messages, before: Mark | None) -> Delivery:
    """Messages as a delivery, whose version is the mark of its last message.

    Args:
        messages: what was read.
        before: the mark of the segment before, which a range without a message goes on with.
    """
    found, digest = messages.mark or before, hashlib.sha256()
    for name in (LINE, TIMESTAMP, MESSAGE_KEY, VALUE):
        for chunk in messages.table[name].chunks:
            for buffer in chunk.buffers():
                digest.update(buffer if buffer is not None else b"-")
    key = messages.key
    version = str(found) if found else "no message"
    return Delivery(messages.table, f"{key.topic}/{key.partition}", version, digest.hexdigest())


def _refuse_other_topic(broker: Broker, lane: Lane) -> None:
    """Refuse a topic that was made again under the name of the one that was read.

    Raises:
        TopicReplaced: the last message that was read is another one now.
    """
    known = lane.published.mark if lane.published else None
    if known is None or not lane.offered.low <= known.offset < lane.offered.high:
        return
    try:
        found = broker.mark_at(lane.topic, lane.partition, known.offset)
    except RetentionLoss:  # it expired just now
        return
    if found is not None and found != known:
        raise TopicReplaced(
            f"the lake has {lane.name} up to offset {known.offset}, but the topic has another "
            f"message there: it was deleted and made again, or this is another broker",
            "read it into the lake under another name (ECOMMERCE_ORDERS_TOPIC_PREFIX), or move the "
            f"folder of {lane.name} in the lake away to begin again",
        )


def accept_loss(
    lake: Lake, contract: TableContract, lane: Lane, gone: Offsets, because: str
) -> None:
    """Publish a segment without messages in the place of those that are gone.

    Args:
        lake: where it goes.
        contract: of the topic's table.
        lane: the partition.
        gone: the offsets that are given up.
        because: why, for people.

    Raises:
        RetentionLoss: these are not the offsets that are missing.
    """
    wanted = (lane.start, lane.offered.low)
    if (gone.start, gone.end) != wanted:
        missing = f"{wanted[0]}-{wanted[1] - 1}" if wanted[1] > wanted[0] else "none"
        raise RetentionLoss(
            f"offsets {gone.start}-{gone.end - 1} are not those that are missing of {lane.name} "
            f"({missing})",
            "name the missing offsets, or drain where none are missing",
        )
    empty = Messages(gone, messages_of(gone.partition, [], [], [], []), None)
    made = delivery_of(empty, None)
    digest = hashlib.sha256(because.encode()).hexdigest()
    ingest_slice(
        Slice(lake, contract, gone), Delivery(made.data, made.name, f"{LOST}{because}", digest)
    )
