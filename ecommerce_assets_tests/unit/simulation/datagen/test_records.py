"""The records of a specification are those of its seed and number, with every relation met."""

from __future__ import annotations

import io
import json
import os
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.simulation.datagen.avro import MARK, AvroMessages, schemas
from ecommerce_assets.simulation.datagen.records import ENDLESS, Record, Records
from ecommerce_assets.simulation.datagen.refusal import SpecificationRefused
from ecommerce_assets.simulation.datagen.specification import read_specification, specification_of

if not os.environ.get("CI"):
    pytest.importorskip("faker", reason="the generator is an extra: make install-dev")

HERE = Path(__file__).parent
GOLDEN = HERE / "library.golden.jsonl"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ID = "faker.string.uuid()"


def library(**options: Any) -> Records:
    specification = read_specification(HERE / "specifications" / "library.json")
    return Records(specification, **({"seed": 42, "now": NOW} | options))


def lines(records: list[Record]) -> list[str]:
    return [f"{each.topic}\t{each.key}\t{each.as_json().decode()}" for each in records]


def test_the_records_are_those_of_the_golden_file() -> None:
    text = "\n".join(lines([*library().upto(3)])) + "\n"
    if os.environ.get("ECOMMERCE_WRITE_DOCS") == "1":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_number_has_the_same_records_whatever_was_asked_before() -> None:
    records = library()
    in_order = [records.of(number) for number in range(20)]
    again = {number: library().of(number) for number in (19, 3, 0)}
    assert [again[number] for number in (0, 3, 19)] == [in_order[n] for n in (0, 3, 19)]
    assert [*records.upto(2, first=18)] == in_order[18] + in_order[19]
    assert [*islice(records.upto(ENDLESS), 40)] == [*records.upto(20)][:40]


def test_other_seeds_numbers_and_files_draw_other_records() -> None:
    def loans(records: Records, number: int) -> set[str]:
        return {each.key or "" for each in records.of(number) if each.topic.endswith("loans")}

    one = specification_of([{"_meta": {"topic": "loans", "key": "id"}, "id": ID}], "one")
    two = specification_of([{"_meta": {"topic": "p_loans", "key": "id"}, "id": ID}], "two")
    drawn = [loans(library(seed=seed), number) for seed in (0, 1, 2**70) for number in range(50)]
    drawn += [loans(Records(file, seed=0), number) for file in (one, two) for number in range(50)]
    assert sum(map(len, drawn)) == len(set().union(*drawn)) == 150 * 6 + 100


def test_each_element_of_a_list_makes_one_record_and_each_other_value_as_many_as_asked() -> None:
    records = library().of(4)
    assert Counter(each.topic for each in records) == {"branches": 1, "books": 3, "loans": 6}
    books = [each for each in records if each.topic == "books"]
    loans = [each for each in records if each.topic == "loans"]
    assert [each.value["number"] for each in books] == [5, 6, 7]
    assert [each.value["book"] for each in loans] == [5, 5, 6, 6, 7, 7]
    assert len({each.value["id"] for each in loans}) == 6
    assert [each.key for each in books] == ["5", "6", "7"]
    assert records[0].key == "5", "the key is the number of the record, in an object"


def test_a_set_field_wins_over_the_file() -> None:
    both = {"topic": "b", "parent_field": "id", "child_field": "id", "records_per": 2}
    document = [
        {"_meta": {"topic": "a", "relationships": [both]}, "id": "faker.number.int(0)"},
        {"_meta": {"topic": "b", "key": "id"}, "id": ID, "n": "iteration.index"},
    ]
    parent, *children = Records(specification_of(document, "it")).of(0)
    assert (parent.key, parent.value) == (None, {"id": 0})
    assert [(each.key, each.value) for each in children] == [(None, {"id": 0, "n": 1})] * 2


def test_relations_in_a_circle_end_and_leave_no_field_open() -> None:
    there = {"topic": "b", "parent_field": "x", "child_field": "x", "records_per": 2}
    back = {"topic": "a", "parent_field": "x", "child_field": "x", "records_per": 1}
    document = [
        {"_meta": {"topic": "a", "relationships": [there]}, "x": ID, "y": "iteration.index"},
        {"_meta": {"topic": "b", "relationships": [back]}, "y": "iteration.index"},
    ]
    records = Records(specification_of(document, "it")).of(0)
    assert Counter(each.topic for each in records) == {"a": 3, "b": 2}
    assert len({each.value["x"] for each in records}) == 1
    assert all(each.value["y"] == 1 for each in records)


def test_numbers_stay_as_the_source_gives_them() -> None:
    book = next(each for each in library().of(0) if each.topic == "books")
    text = json.loads(book.as_json())
    assert isinstance(text["price"], str) and isinstance(text["number"], int)
    assert b'": ' not in book.as_json() and b'", ' not in book.as_json()


def test_prefix_and_size_are_those_asked_for() -> None:
    records = library(prefix="test", record_size=100)
    assert records.topics == ("test_branches", "test_books", "test_loans")
    found = records.of(0)
    assert {each.topic for each in found} == set(records.topics)
    assert {len(str(each.value["recordSizePayload"])) for each in found} == {100}
    plain = library().of(0)
    assert [each.value | {"recordSizePayload": 0} for each in plain] == [
        each.value | {"recordSizePayload": 0} for each in found
    ]
    with pytest.raises(ValueError, match="must not be negative"):
        library(seed=-1)


def test_twenty_thousand_records_take_seconds() -> None:
    began = time.process_time()
    made = sum(len(each.as_json()) > 0 for each in library().upto(2000))
    assert made == 20_000
    assert time.process_time() - began < 10


def test_an_avro_message_gives_its_record_back() -> None:
    fastavro = pytest.importorskip("fastavro")
    records = library(prefix="p-1", record_size=8)
    found = schemas(records.specification, prefix="p-1", record_size=8)
    messages = AvroMessages(found)
    for record in records.upto(5):
        message = messages.encode(record)
        assert message[:2] == MARK
        body = io.BytesIO(message[10:])
        assert fastavro.schemaless_reader(body, found[record.topic]) == record.value
        assert not body.read()
    assert len({messages.encode(each)[2:10] for each in records.of(0)}) == 3


def test_the_head_of_an_avro_message_is_that_of_the_standard() -> None:
    pytest.importorskip("fastavro")
    document = {"_meta": {"topic": "a"}, "n": "iteration.index"}
    records = Records(specification_of(document, "it"))
    message = AvroMessages(schemas(records.specification)).encode(records.of(0)[0])
    text = b'{"name":"a","type":"record","fields":[{"name":"n","type":"long"}]}'
    assert message == MARK + rabin(text).to_bytes(8, "little") + b"\x02"


def rabin(canonical: bytes) -> int:
    """The fingerprint as Avro's specification defines it."""
    empty = 0xC15D213AA4D7A795
    table = []
    for each in range(256):
        for _ in range(8):
            each = (each >> 1) ^ (empty & -(each & 1))
        table.append(each)
    found = empty
    for byte in canonical:
        found = (found >> 8) ^ table[(found ^ byte) & 0xFF]
    return found


@pytest.mark.parametrize(
    ("fields", "relation", "message"),
    [
        ({"a-b": ID}, None, "the field 'a-b' has a name that Avro does not take"),
        ({"id": "iteration.index"}, "id", "the field id has values of several types: long, string"),
        ({"id": ID}, "other", "the field other differs from record to record"),
    ],
)
def test_what_avro_cannot_say_is_refused(
    fields: dict[str, str], relation: str | None, message: str
) -> None:
    document = [{"_meta": {"topic": "a"}, **fields}]
    if relation:
        leads = {"topic": "a", "parent_field": "x", "child_field": relation, "records_per": 1}
        document.append({"_meta": {"topic": "b", "relationships": [leads]}, "x": ID})
    with pytest.raises(SpecificationRefused) as refused:
        schemas(specification_of(document, "it"))
    assert message in refused.value.message
