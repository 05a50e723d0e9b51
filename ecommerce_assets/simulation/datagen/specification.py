"""A file of the language: its topics, keys, fields and relations, checked as a whole.

Belongs here: reading a file, and every fault that can be found before the first record. Stays out:
the text of one field (`calls.py`), making records (`records.py`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecommerce_assets.simulation.datagen.calls import Drawn, compiled
from ecommerce_assets.simulation.datagen.refusal import NotAllowed, SpecificationRefused

_DEEPEST: Final = 8
_SHOWN: Final = 80
_META: Final = (
    'write "_meta": {"topic": "a-name", "key": "a_field", "relationships": [{"topic": …, '
    '"parent_field": …, "child_field": …, "records_per": 1}]}'
)

_Text = Annotated[str, Field(min_length=1)]


class Relation(BaseModel):
    """A relation: each record of a topic makes records of another one.

    Attributes:
        topic: the other topic.
        parent_field: a field of this topic; of a list, each element makes one record.
        child_field: the field of the other topic that the value goes to.
        records_per: records for each value that is not a list.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    topic: _Text
    parent_field: _Text
    child_field: _Text
    records_per: Annotated[int | None, Field(ge=0, le=1_000_000)] = None


class _Meta(BaseModel):
    model_config = ConfigDict(strict=True)

    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
    key: _Text | None = None
    relationships: list[Relation] = []


@dataclass(frozen=True)
class Given:
    """A field that the file does not draw: it is always set by a relation.

    Attributes:
        text: what stands there.
        fault: why it is not drawn.
    """

    text: str
    fault: NotAllowed


Fields = Mapping[str, "Drawn | Given | Fields"]


@dataclass(frozen=True)
class Topic:
    """One topic of a file.

    Attributes:
        name: as the file has it.
        key: the path of the field that is the message's key; empty if there is none.
        relations: in their order.
        fields: in their order.
    """

    name: str
    key: tuple[str, ...]
    relations: tuple[Relation, ...]
    fields: Fields


@dataclass(frozen=True)
class Specification:
    """A file that is in the language.

    Attributes:
        name: of the file, for messages.
        topics: in their order.
        salt: tells files apart, so that equal seeds draw other records in each.
    """

    name: str
    topics: tuple[Topic, ...]
    salt: int

    @cached_property
    def incoming(self) -> dict[str, list[tuple[Topic, Relation]]]:
        """The relations that lead to each topic, with the topic that each comes from."""
        found: dict[str, list[tuple[Topic, Relation]]] = {each.name: [] for each in self.topics}
        for topic in self.topics:
            for relation in topic.relations:
                found[relation.topic].append((topic, relation))
        return found

    @cached_property
    def roots(self) -> frozenset[str]:
        """The topics that have a record of their own: no topic before them leads there."""
        reached: set[str] = set()
        roots = set()
        for topic in self.topics:
            if topic.name not in reached:
                roots.add(topic.name)
            reached |= {relation.topic for relation in topic.relations}
        return frozenset(roots)

    def always_set(self, topic: Topic, name: str) -> bool:
        """Whether a relation sets a field in every record of a topic."""
        setters = [relation.child_field for _, relation in self.incoming[topic.name]]
        return topic.name not in self.roots and set(setters) == {name}

    def types(self, topic: Topic, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """The types that a field's value can have, as `Drawn.type` names them."""
        here = f"{topic.name} {name}"
        if here in seen:
            return set()
        field = topic.fields.get(name)
        found = {field.type} if isinstance(field, Drawn) else set()
        if self.always_set(topic, name):
            found = set()
        for parent, relation in self.incoming[topic.name]:
            if relation.child_field == name:
                above = self.types(parent, relation.parent_field, seen | {here})
                found |= {each.removeprefix("list of ") for each in above}
        return found


def read_specification(path: Path) -> Specification:
    """Read a file of the language.

    Raises:
        SpecificationRefused: it cannot be read or is not in the language.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecificationRefused(
            f"{path} cannot be read ({error.strerror})", "name a file that exists"
        ) from error
    except (ValueError, RecursionError) as error:
        raise SpecificationRefused(
            f"{path} is not JSON ({error})", "write it as JSON in UTF-8"
        ) from error
    return specification_of(document, path.name)


def specification_of(document: Any, name: str) -> Specification:
    """The specification of a JSON document.

    Args:
        document: what JSON holds: one topic, or a list of topics.
        name: for messages.

    Raises:
        SpecificationRefused: it is not in the language.
    """
    entries = document if isinstance(document, list) else [document]
    if not entries:
        raise SpecificationRefused(f"{name} has no topic", "write at least one")
    topics = tuple(_topic(entry, f"{name}, entry {n}") for n, entry in enumerate(entries, 1))
    salt = zlib.crc32(json.dumps(document).encode())
    for fault in _faults_of_relations(topics):
        raise SpecificationRefused(f"{name}: {fault.why}", fault.allowed)
    found = Specification(name, topics, salt)
    for fault in _faults_of_fields(found):
        raise SpecificationRefused(f"{name}: {fault.why}", fault.allowed)
    return found


def _topic(entry: Any, where: str) -> Topic:
    if not isinstance(entry, dict):
        raise SpecificationRefused(f"{where} is not a topic: {_shown(entry)}", _META)
    try:
        meta = _Meta.model_validate(entry.get("_meta"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["_meta", *map(str, first["loc"])])
        raise SpecificationRefused(
            f"{where}: {place} is {_shown(first['input'])} ({first['msg']})", _META
        ) from error
    fields = {name: value for name, value in entry.items() if name != "_meta"}
    key = tuple(meta.key.split(".")) if meta.key else ()
    read = _fields(fields, f"{where}, topic {meta.topic}", "")
    return Topic(meta.topic, key, tuple(meta.relationships), read)


def _fields(fields: Mapping[str, Any], where: str, path: str) -> Fields:
    """The fields of a topic, or of an object in it, whose path ends in a dot."""
    if path.count(".") > _DEEPEST:
        raise SpecificationRefused(f"{where}: {path} is nested too deeply", "nest 8 levels at most")
    read: dict[str, Drawn | Given | Fields] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            read[name] = _fields(value, where, f"{path}{name}.")
        elif not isinstance(value, str):
            raise SpecificationRefused(
                f"{where}: the field {path}{name} is {_shown(value)}, which is not a text",
                'write a call as a text, such as "faker.number.int(9)"',
            )
        else:
            try:
                read[name] = compiled(value)
            except NotAllowed as error:
                if path or value.lstrip().startswith("faker"):
                    raise _of_field(where, f"{path}{name}", value, error) from error
                read[name] = Given(value, error)  # free where a relation always sets the field
    return read


def _of_field(where: str, name: str, text: str, fault: NotAllowed) -> SpecificationRefused:
    return SpecificationRefused(
        f"{where}: the field {name} is {_shown(text)}, and {fault.why}", fault.allowed
    )


def _faults_of_relations(topics: tuple[Topic, ...]) -> Iterator[NotAllowed]:
    names = [topic.name for topic in topics]
    for name in names:
        if names.count(name) > 1:
            yield NotAllowed(f"the topic {name} stands there twice", "write one entry for a topic")
    for topic in topics:
        for relation in topic.relations:
            lead = f"the topic {topic.name} has a relation to {relation.topic}"
            if relation.topic == topic.name:
                yield NotAllowed(f"{lead}, which is itself", "name another topic")
            elif relation.topic not in names:
                yield NotAllowed(
                    f"{lead}, which is not in the file", f"name one of {', '.join(names)}"
                )


def _faults_of_fields(found: Specification) -> Iterator[NotAllowed]:
    for topic in found.topics:
        for name, field in topic.fields.items():
            if isinstance(field, Given) and not found.always_set(topic, name):
                yield NotAllowed(
                    f"topic {topic.name}: the field {name} is {_shown(field.text)}, and no "
                    f"relation sets it in every record; {field.fault.why}",
                    field.fault.allowed,
                )
        if topic.key:
            yield from _faults_of_key(found, topic)
        for relation in topic.relations:
            yield from _faults_of_parent(found, topic, relation)


def _faults_of_key(found: Specification, topic: Topic) -> Iterator[NotAllowed]:
    first, *rest = topic.key
    field: Any = topic.fields.get(first)
    for name in rest:
        field = field.get(name) if isinstance(field, Mapping) else None
    is_set = not rest and found.always_set(topic, first)
    if not is_set and (not isinstance(field, Drawn) or field.is_list):
        yield NotAllowed(
            f"the key of the topic {topic.name} is {'.'.join(topic.key)}, which is not a field "
            "with one value in every record",
            f"name one of its fields: {', '.join(topic.fields)}",
        )


def _faults_of_parent(
    found: Specification, topic: Topic, relation: Relation
) -> Iterator[NotAllowed]:
    types = found.types(topic, relation.parent_field)
    lead = f"the topic {topic.name}, relation to {relation.topic}"
    is_field = relation.parent_field in topic.fields or found.always_set(
        topic, relation.parent_field
    )
    if not is_field or not types:
        yield NotAllowed(
            f"{lead}: {relation.parent_field} is not a field with a value in every record",
            f"name one of its fields: {', '.join(topic.fields)}",
        )
    elif relation.records_per is None and not all(each.startswith("list of ") for each in types):
        yield NotAllowed(
            f"{lead}: records_per is missing, and {relation.parent_field} is not a list",
            'write "records_per": 1',
        )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
