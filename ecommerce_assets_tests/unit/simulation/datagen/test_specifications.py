"""A file is read as a whole; what is wrong in it is named before the first record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.simulation.datagen.refusal import SpecificationRefused
from ecommerce_assets.simulation.datagen.specification import read_specification, specification_of


def topic(name: str, *relations: dict[str, Any], key: str | None = None, **fields: Any) -> Any:
    meta: dict[str, Any] = {"topic": name, "relationships": list(relations)}
    return {"_meta": meta | ({"key": key} if key else {}), **fields}


def to(name: str, parent: str, child: str, **rest: Any) -> dict[str, Any]:
    return {"topic": name, "parent_field": parent, "child_field": child, **rest}


ID = "faker.string.uuid()"
LIST = "faker.helpers.multiple((_, i) => i)"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "it has no topic"),
        (["a"], "it, entry 1 is not a topic: 'a'"),
        ([{"id": ID}], "it, entry 1: _meta is None"),
        ([topic("a b")], "it, entry 1: _meta.topic is 'a b'"),
        ([topic("a", to("b", "id", "id", records_per=-1))], "_meta.relationships.0.records_per is"),
        ([topic("a", to("b", "id", "id", records_per="1"))], "records_per is '1'"),
        ([topic("a", {"topic": "b"})], "_meta.relationships.0.parent_field is"),
        ([topic("a", id=5)], "it, entry 1, topic a: the field id is 5, which is not a text"),
        ([topic("a", id=[ID])], "the field id is ['faker.string.uuid()'], which is not a text"),
        (
            [topic("a", id="faker.string.uid()")],
            "the field id is 'faker.string.uid()', and there is no call faker.string.uid",
        ),
        ([topic("a", at={"x": "here"})], "the field at.x is 'here', and 'here' stands where"),
        ([topic("a", id="anything")], "the field id is 'anything', and no relation sets it"),
        ([topic("a", key="ids", id=ID)], "the key of the topic a is ids, which is not a field"),
        ([topic("a", key="ids", ids=LIST)], "the key of the topic a is ids"),
        ([topic("a", id=ID), topic("a", id=ID)], "the topic a stands there twice"),
        ([topic("a", to("b", "id", "id", records_per=1), id=ID)], "to b, which is not in the file"),
        ([topic("a", to("a", "id", "id", records_per=1), id=ID)], "to a, which is itself"),
        (
            [topic("a", to("b", "no", "id", records_per=1), id=ID), topic("b")],
            "the topic a, relation to b: no is not a field with a value in every record",
        ),
        (
            [topic("a", to("b", "id", "id"), id=ID), topic("b")],
            "records_per is missing, and id is not a list",
        ),
        (
            [topic("b", id="from a"), topic("a", to("b", "id", "id", records_per=1), id=ID)],
            "the field id is 'from a', and no relation sets it in every record",
        ),
        (
            [
                topic("a", to("c", "id", "id", records_per=1), id=ID),
                topic("b", to("c", "id", "other", records_per=1), id=ID),
                topic("c", id="from a"),
            ],
            "topic c: the field id is 'from a', and no relation sets it in every record",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(document: Any, message: str) -> None:
    with pytest.raises(SpecificationRefused) as refused:
        specification_of(document, "it")
    assert message in refused.value.message
    assert refused.value.cure


def nested(levels: int) -> Any:
    return ID if not levels else {"x": nested(levels - 1)}


def test_objects_are_nested_to_a_limit() -> None:
    specification_of(topic("a", x=nested(8)), "it")
    with pytest.raises(SpecificationRefused, match="nested too deeply"):
        specification_of(topic("a", x=nested(12)), "it")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([ID, LIST]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["_meta", "topic", "key", "relationships", "parent_field", "child_field", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(anything)
def test_any_document_is_read_or_refused(document: Any) -> None:
    try:
        found = specification_of(document, "it")
    except SpecificationRefused as refused:
        assert refused.message and refused.cure
    else:
        assert found.topics and found.roots


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[", "is not JSON"), (b"\xff", "is not JSON"), (b"[" * 100_000, "is not JSON")],
)
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "it.json"
    path.write_bytes(content)
    with pytest.raises(SpecificationRefused, match=message):
        read_specification(path)
    with pytest.raises(SpecificationRefused, match="cannot be read"):
        read_specification(tmp_path / "none.json")


def test_layout_does_not_change_what_a_file_draws(tmp_path: Path) -> None:
    document = [topic("a", id=ID)]
    files = [tmp_path / "one.json", tmp_path / "two.json", tmp_path / "three.json"]
    files[0].write_text(json.dumps(document))
    files[1].write_text(json.dumps(document, indent=4))
    files[2].write_text(json.dumps([topic("b", id=ID)]))
    one, two, three = (read_specification(path).salt for path in files)
    assert one == two != three
