"""Records in Avro.

Belongs here: the schema of a topic, and its messages. Stays out: a schema registry, which is not
asked: messages are in Avro's single-object encoding, whose head is a mark and the fingerprint of
the schema, so a reader needs the schema as a file. Readers that expect the head of Confluent's
registry (a zero and a number) cannot read them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Final

from ecommerce_assets.simulation.datagen.calls import Drawn
from ecommerce_assets.simulation.datagen.records import PAYLOAD, Record
from ecommerce_assets.simulation.datagen.refusal import SpecificationRefused
from ecommerce_assets.simulation.datagen.specification import Fields, Specification, Topic

#: The first bytes of a message in the single-object encoding.
MARK: Final = b"\xc3\x01"

Schema = dict[str, Any]


def schemas(
    specification: Specification, *, prefix: str = "", record_size: int = 0
) -> dict[str, Schema]:
    """The schema of each topic, by its name with the prefix.

    Args:
        specification: the topics.
        prefix: as of `Records`.
        record_size: as of `Records`.

    Raises:
        SpecificationRefused: a name is none in Avro, or a field has values of several types.
    """
    found: dict[str, Schema] = {}
    for topic in specification.topics:
        name = f"{prefix}_{topic.name}" if prefix else topic.name
        # Names of topics may have dots and hyphens, those of records may not.
        record = _record(specification, topic, topic.fields, re.sub(r"\W", "_", name))
        if record_size:
            record["fields"].append({"name": PAYLOAD, "type": "string"})
        found[name] = record
    return found


class AvroMessages:
    """Encodes records by their topic's schema; needs the library fastavro.

    Args:
        schemas_of_topics: what `schemas` gives.

    Raises:
        ImportError: fastavro is not installed.
    """

    def __init__(self, schemas_of_topics: Mapping[str, Schema]) -> None:
        from fastavro import parse_schema
        from fastavro.schema import fingerprint, to_parsing_canonical_form

        self._known = {}
        for topic, schema in schemas_of_topics.items():
            digits = fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
            self._known[topic] = MARK + bytes.fromhex(digits), parse_schema(schema)

    def encode(self, record: Record) -> bytes:
        """A record's value as a message."""
        from fastavro import schemaless_writer

        head, schema = self._known[record.topic]
        buffer = io.BytesIO()
        buffer.write(head)
        schemaless_writer(buffer, schema, record.value)
        return buffer.getvalue()


def _record(specification: Specification, topic: Topic, fields: Fields, name: str) -> Schema:
    top = fields is topic.fields
    given = {relation.child_field for _, relation in specification.incoming[topic.name] if top}
    # Fields that relations alone set come first, as in the records.
    names = [each for each in sorted(given) if each not in fields] + list(fields)
    members = []
    for each in names:
        there = each in fields or specification.always_set(topic, each)
        if not there or (each in given and isinstance(fields.get(each), Mapping)):
            raise SpecificationRefused(
                f"topic {topic.name}: the field {each} differs from record to record",
                "let every relation to the topic set the same field, or write JSON",
            )
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", each):
            raise SpecificationRefused(
                f"topic {topic.name}: the field {each!r} has a name that Avro does not take",
                "use letters, digits and underscores, or write JSON",
            )
        members.append({"name": each, "type": _type(specification, topic, fields, each, top, name)})
    return {"type": "record", "name": name, "fields": members}


def _type(
    specification: Specification, topic: Topic, fields: Fields, name: str, top: bool, record: str
) -> Any:
    field = fields.get(name)
    if isinstance(field, Mapping):
        return _record(specification, topic, field, f"{record}_{name}")
    types = specification.types(topic, name) if top else set()
    if isinstance(field, Drawn) and not types:
        types = {field.type}
    if len(types) != 1:
        raise SpecificationRefused(
            f"topic {topic.name}: the field {name} has values of several types: "
            f"{', '.join(sorted(types))}",
            "let it have one, or write JSON",
        )
    only = types.pop()
    listed = only.removeprefix("list of ")
    return {"type": "array", "items": listed} if listed != only else only
