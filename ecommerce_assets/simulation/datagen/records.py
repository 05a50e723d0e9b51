"""The records of a specification, a seed and a number.

Belongs here: making records, their keys, and their texts in JSON. Stays out: sending them.

A number stands for one record of each topic that has records of its own, and for all that follow
from it by relations. Equal specification, seed, number and clock give equal records, whatever
numbers were asked for before: a run that was broken off goes on where it ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, Final

from ecommerce_assets.simulation.datagen.calls import Drawn, Json, Luck
from ecommerce_assets.simulation.datagen.specification import Fields, Specification, Topic

#: The field that makes records as large as is asked for.
PAYLOAD: Final = "recordSizePayload"
ENDLESS: Final = -1

_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        topic: with the prefix.
        key: of the message; None if the topic has none, or if the field is 0 or empty.
        value: its fields.
    """

    topic: str
    key: str | None
    value: dict[str, Json]

    def as_json(self) -> bytes:
        """The value in compact JSON, as JavaScript writes it."""
        return json.dumps(self.value, separators=(",", ":"), ensure_ascii=False).encode()


class Records:
    """All records of a specification and a seed; needs the library Faker.

    Args:
        specification: what they are made from.
        seed: 0 or more.
        now: what the clock shows, for fields that count from it; default: this moment.
        prefix: stands before the names of topics, with an underscore between.
        record_size: bytes of a text that is added to every record; 0 adds none.

    Raises:
        ValueError: the seed or the size is negative.
        ImportError: Faker is not installed.
    """

    def __init__(
        self,
        specification: Specification,
        *,
        seed: int = 0,
        now: datetime | None = None,
        prefix: str = "",
        record_size: int = 0,
    ) -> None:
        from faker.factory import Factory

        if min(seed, record_size) < 0:
            raise ValueError(
                f"the seed {seed} and the size {record_size} must not be negative; pass 0 or more"
            )
        self.specification = specification
        self._seed = ((seed << 32) | specification.salt) << 64
        self._random = Random()  # noqa: S311
        # Without weights, names come ten times as fast; nothing counts on their frequency.
        words = Factory.create("en_US", use_weighting=False)
        words.random = self._random
        self._luck = Luck(self._random, words, 0, now or datetime.now(UTC))
        self._prefix = f"{prefix}_" if prefix else ""
        self._random.seed(self._seed | 0xFFFF_FFFF_FFFF_FFFF)
        self._payload = "".join(self._random.choices(_BASE64, k=record_size))

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics, with the prefix."""
        return tuple(self._prefix + topic.name for topic in self.specification.topics)

    def upto(self, number: int, first: int = 0) -> Iterator[Record]:
        """The records of the numbers from `first` on.

        Args:
            number: how many numbers; `ENDLESS` for all of them.
            first: the first one.
        """
        numbers = count(first) if number == ENDLESS else range(first, first + number)
        for each in numbers:
            yield from self.of(each)

    def of(self, number: int) -> list[Record]:
        """The records of one number, topic by topic in the order in which they came up.

        Args:
            number: 0 or more, below 2**64 - 1.
        """
        self._random.seed(self._seed | number)
        self._luck.number = number
        by_topic: dict[str, list[dict[str, Json]]] = {}
        for topic in self.specification.topics:
            values = by_topic.setdefault(topic.name, [])
            if topic.name in self.specification.roots:
                values.append({})
            for value in values:
                self._fill(topic.fields, value)
            for relation in topic.relations:
                children = by_topic.setdefault(relation.topic, [])
                for value in values:
                    above = value[relation.parent_field]
                    each = above if isinstance(above, list) else [above] * _times(relation)
                    children += ({relation.child_field: one} for one in each)
        topics = {topic.name: topic for topic in self.specification.topics}
        return [
            self._record(topics[name], value)
            for name, values in by_topic.items()
            for value in values
        ]

    def _fill(self, fields: Fields, value: dict[str, Any]) -> None:
        """Draw the fields that are not set."""
        for name, field in fields.items():
            if name in value:
                continue
            if isinstance(field, Drawn):
                value[name] = field.draw(self._luck)
            elif isinstance(field, Mapping):
                value[name] = {}
                self._fill(field, value[name])

    def _record(self, topic: Topic, value: dict[str, Any]) -> Record:
        # Relations in a circle lead back to topics that were filled before.
        self._fill(topic.fields, value)
        key: Any = value if topic.key else None
        for name in topic.key:
            key = key[name]
        if self._payload:
            value[PAYLOAD] = self._payload
        return Record(self._prefix + topic.name, _key(key), value)


def _times(relation: Any) -> int:
    return relation.records_per or 0


def _key(value: Any) -> str | None:
    """A key's text: `datagen` sends no key for 0 and an empty text."""
    if not value:
        return None
    return "true" if value is True else str(value)
