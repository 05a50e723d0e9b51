"""Which offsets of a topic are read next.

Belongs here: the decision, from what the broker offers and what the lake has. Stays out: asking
either of them (`broker.py`, `seam.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.failures import RetentionLoss, TopicReplaced
from ecommerce_assets.lib.stream.seam import End


@dataclass(frozen=True)
class Watermarks:
    """What a broker offers of a partition: offsets from `low`, up to and without `high`."""

    low: int
    high: int


@dataclass(frozen=True)
class Lane:
    """One partition of a topic, as the broker and the lake see it.

    Attributes:
        topic: its name at the broker.
        partition: its number.
        offered: what the broker has.
        published: where the lake ends; None where the lake has nothing of it.
    """

    topic: str
    partition: int
    offered: Watermarks
    published: End | None

    @property
    def start(self) -> int:
        """The first offset to read: where the lake ends, else the oldest one that there is."""
        return self.offered.low if self.published is None else self.published.offset

    @property
    def lag(self) -> int:
        """How many offsets the lake is behind."""
        return max(0, self.offered.high - self.start)

    @property
    def name(self) -> str:
        """For people and commands, e.g. `orders/3`."""
        return f"{self.topic}/{self.partition}"


def next_range(lane: Lane, at_most: int) -> Offsets | None:
    """The offsets to read next of a partition; None where there are none.

    Args:
        lane: the partition.
        at_most: so many offsets.

    Raises:
        RetentionLoss: offsets that were never read are gone.
        TopicReplaced: the topic ends before what was already read of it.
    """
    low, high, start = lane.offered.low, lane.offered.high, lane.start
    if start > high:
        raise TopicReplaced(
            f"the lake has {lane.name} up to offset {start - 1}, but the topic ends at {high - 1}: "
            "it was deleted and made again",
            "read it into the lake under another name (ECOMMERCE_ORDERS_TOPIC_PREFIX), or move the "
            f"folder of {lane.name} in the lake away to begin again",
        )
    if start < low:
        gone = f"{start}-{low - 1}"
        raise RetentionLoss(
            f"{low - start} messages of {lane.name} (offsets {gone}) left the topic before "
            "they were read: its retention is shorter than the pause was",
            f"let the topic keep them longer; to go on without them: ecommerce stream accept-loss "
            f"{lane.name} {gone} --because REASON",
        )
    return (
        Offsets(lane.topic, lane.partition, start, min(high, start + at_most))
        if high > start
        else None
    )


def lag_of(lanes: Mapping[str, list[Lane]]) -> dict[str, int]:
    """How many offsets the lake is behind, by topic."""
    return {topic: sum(lane.lag for lane in found) for topic, found in lanes.items()}
