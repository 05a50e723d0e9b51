"""A JSON object a line goes through the judge of delimited lines, and loses nothing on the way."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.failures import NotADataFile, WorseDelivery
from ecommerce_assets.lib.ingest.month_file import published_info
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.slices import Slice
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import (
    JANUARY,
    held_of,
    json_lines,
    load_file,
    order,
    orders,
    rows_of,
)

GOOD = [order(number) for number in range(40)]


def text_of(**changes: str) -> str:
    """A good order as text, some of its values spelled by hand."""
    values = {name: json.dumps(value) for name, value in order(7).items()} | changes
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def test_objects_become_typed_rows_in_their_order(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    rows = [
        GOOD[0],
        order(1, note="", customer=""),
        order(2, note="two\nlines, \\n, ünï"),
        *GOOD[3:],
    ]
    result = load_file(tmp_path, json_lines(rows), contract)
    assert (result.rows_received, result.rows_accepted, result.reasons) == (40, 40, {})
    found = rows_of(tmp_path, contract)
    assert [row["order_id"] for row in found] == list(range(1, 41))
    assert found[0] == {
        "order_id": 1,
        "customer": "c0",
        "note": "note 0",
        "total": Decimal("0.2500"),
        "pieces": 0,
        "placed_at": datetime(2024, 1, 1, 10, tzinfo=UTC),
    }
    assert (found[1]["note"], found[1]["customer"]) == ("", ""), "an empty text is not null"
    assert found[2]["note"] == "two\nlines, \\n, ünï"
    assert load_file(tmp_path, json_lines(rows), contract).unchanged


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", "not_json"),
        ('{"id": 1', "not_json"),
        (text_of() + " " + text_of(), "not_json"),
        (text_of()[:-1] + ",}", "not_json"),
        (text_of(total="NaN"), "not_json"),
        (text_of(pieces="07"), "not_json"),
        (text_of(note="'x'"), "not_json"),
        (text_of(note='"\\ud800"'), "not_json"),
        ("[" * 5_000, "not_json"),
        ("[1, 2]", "not_an_object"),
        ('"text"', "not_an_object"),
        ("null", "not_an_object"),
        (text_of()[:-1] + ', "id": 9}', "field_twice"),
        (text_of(note='"a\\u0000b"'), "nul_byte"),
    ],
)
def test_a_line_that_is_not_an_object_goes_to_quarantine_with_its_text(
    tmp_path: Path, line: str, reason: str
) -> None:
    contract = orders(tmp_path)
    result = load_file(tmp_path, json_lines([*GOOD[:5], line, *GOOD[5:]]), contract)
    assert result.reasons == {reason: 1}
    (held,) = held_of(tmp_path, contract)
    assert (held["line"], held["accepted_before"], held["raw_line"]) == (6, 5, line)
    assert len(rows_of(tmp_path, contract)) == 40


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"note": "null"}, ["missing:note"]),
        ({"note": "5"}, ["not_a_text:note"]),
        ({"note": "true"}, ["not_a_text:note"]),
        ({"note": '{"a": 1}'}, ["not_a_text:note"]),
        ({"customer": "17850"}, ["not_a_text:customer"]),
        ({"id": "null"}, ["missing:order_id"]),
        ({"id": "0"}, ["below_minimum:order_id"]),
        ({"id": "1.0"}, ["not_an_integer:order_id"]),
        ({"id": "1e3"}, ["not_an_integer:order_id"]),
        ({"id": "1.5"}, ["not_an_integer:order_id"]),
        ({"id": '"007"'}, ["not_an_integer:order_id"]),
        ({"id": "true"}, ["not_an_integer:order_id"]),
        ({"id": "9223372036854775808"}, ["not_an_integer:order_id"]),
        ({"id": "1" * 3_000}, ["not_an_integer:order_id"]),
        ({"pieces": "[1]"}, ["not_an_integer:pieces"]),
        ({"total": "12.34567"}, ["not_a_decimal:total"]),
        ({"total": "1e2"}, ["not_a_decimal:total"]),
        ({"total": "0.1000000000000000055"}, ["not_a_decimal:total"]),
        ({"total": "123456789"}, ["not_a_decimal:total"]),
        ({"total": '"12,50"'}, ["not_a_decimal:total"]),
        ({"placed_at": "1704103200"}, ["not_a_time:placed_at"]),
        ({"placed_at": '"2024-01-01 10:00:00"'}, ["not_a_time:placed_at"]),
        ({"placed_at": '"2024-02-01T10:00:00"'}, ["outside_month:placed_at"]),
        ({"id": '"x"', "note": "1"}, ["not_a_text:note", "not_an_integer:order_id"]),
    ],
)
def test_a_value_is_not_turned_into_what_the_contract_wants(
    tmp_path: Path, changes: dict[str, str], reasons: list[str]
) -> None:
    contract = orders(tmp_path)
    line = text_of(**changes)
    load_file(tmp_path, json_lines([*GOOD, line]), contract)
    (held,) = held_of(tmp_path, contract)
    assert (sorted(held["reasons"]), held["raw_line"]) == (reasons, line)


@pytest.mark.parametrize(
    ("spelled", "column", "value"),
    [
        ("12345678.1234", "total", Decimal("12345678.1234")),
        ("0.0001", "total", Decimal("0.0001")),
        ('"12.50"', "total", Decimal("12.5000")),
        ("-5", "total", Decimal("-5.0000")),
        ("9223372036854775807", "pieces", 2**63 - 1),
        ("-9223372036854775808", "pieces", -(2**63)),
        ('"12"', "pieces", 12),
        ("null", "pieces", None),
        ('"NaN"', "customer", None),
    ],
)
def test_a_number_keeps_its_digits(tmp_path: Path, spelled: str, column: str, value: Any) -> None:
    contract = orders(tmp_path)
    load_file(tmp_path, json_lines([*GOOD, text_of(**{column: spelled})]), contract)
    assert held_of(tmp_path, contract) == []
    assert rows_of(tmp_path, contract)[-1][column] == value


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)


@settings(
    deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(numbers, min_size=50, max_size=150))
def test_a_number_is_accepted_exactly_where_the_decimal_holds_it(
    tmp_path: Path, spelled: list[str]
) -> None:
    tolerant = "value: report}\n      - {property: maxShareUnreadable, value: 1.0}"
    contract = orders(tmp_path, changes=[("value: report}", tolerant)])
    lines = [*GOOD, *(text_of(id=str(n), total=s) for n, s in enumerate(spelled, 100))]
    load_file(tmp_path, json_lines(lines), contract, force=True, accept_worse=True)
    found = {row["order_id"]: row["total"] for row in rows_of(tmp_path, contract)}
    for number, text in enumerate(spelled, 100):
        whole, _, decimals = text.lstrip("-").partition(".")
        fits = "e" not in text.lower() and len(whole) <= 8 and len(decimals) <= 4
        assert found.get(number) == (Decimal(text) if fits else None), text


def test_fields_may_be_missing_or_unknown_in_any_row(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    without = {
        name: value for name, value in order(1).items() if name not in ("customer", "pieces")
    }
    rows = [GOOD[0], without, order(2, colour="red", **{"a|b": 1}), *GOOD[3:]]
    result = load_file(tmp_path, json_lines(rows), contract)
    assert (result.rows_accepted, result.unknown_columns) == (40, ["a|b", "colour"])
    assert rows_of(tmp_path, contract)[1]["customer"] is None
    again = published_info(Slice(lake_at(tmp_path), contract, JANUARY))
    assert again.unknown_columns == ["a|b", "colour"]

    strict = orders(tmp_path, changes=[("value: report", "value: refuse")])
    result = load_file(tmp_path, json_lines(rows), strict)
    assert (result.rows_accepted, result.reasons) == (39, {"unknown_fields": 1})


def test_lines_are_numbered_as_people_count_them(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    body = json_lines([*GOOD[:2], "", "junk", "", *GOOD[2:], "[]"])
    data = b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    result = load_file(tmp_path, data, contract)
    assert (result.rows_received, result.blank_lines, result.rows_accepted) == (44, 2, 40)
    held = [(h["line"], h["accepted_before"], h["raw_line"]) for h in held_of(tmp_path, contract)]
    assert held == [(4, 2, "junk"), (44, 40, "[]")]


def test_damaged_lines_cost_themselves_alone(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    data = json_lines(GOOD[:20]) + b'{"id": "\xff"}\n{"id": "a\0b"}\n' + json_lines(GOOD[20:])
    result = load_file(tmp_path, data, contract)
    assert result.reasons == {"nul_byte": 1, "wrong_encoding": 1}
    assert [row["order_id"] for row in rows_of(tmp_path, contract)] == list(range(1, 41))


def test_a_packed_file_is_read_as_well(tmp_path: Path) -> None:
    contract, data = orders(tmp_path), json_lines(GOOD)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders.ndjson", data)
    for name, content in (("a.jsonl.gz", gzip.compress(data)), ("a.zip", packed.getvalue())):
        result = load_file(tmp_path, content, contract, name=name, force=True)
        assert result.rows_accepted == 40


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"  \n\n", "it is empty"),
        (b"<!doctype html><title>Log in</title>", "it is a web page"),
        (b"id,note\n1,x\n" * 20, "cannot be read"),
        (
            json_lines([order(n, placed_at="2024-02-01T00:00:00") for n in range(9)]),
            "another month",
        ),
    ],
)
def test_what_is_not_the_file_is_refused_as_a_whole(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(NotADataFile, match=said):
        load_file(tmp_path, data, orders(tmp_path))


def test_a_worse_file_is_refused_with_one_of_its_values(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    load_file(tmp_path, json_lines(GOOD * 5), contract)
    bad = [order(n, note=None) for n in range(12)]
    with pytest.raises(WorseDelivery, match="for instance line 29: note is ''"):
        load_file(tmp_path, json_lines([*(GOOD * 5)[12:40], *bad, *(GOOD * 5)[40:]]), contract)


def test_a_replay_ends_in_the_table_of_a_full_load(tmp_path: Path) -> None:
    lines = [*GOOD[:9], "junk", text_of(id="0", note='"x\\ny"'), *GOOD[9:], text_of(id="-3")]
    replayed, whole = tmp_path / "replayed", tmp_path / "whole"
    load_file(replayed, json_lines(lines), orders(replayed))
    learned = orders(replayed, changes=[("minimum: 1", "minimum: 0")])
    done = replay(Slice(lake_at(replayed), learned, JANUARY))
    assert done and (done.taken_back, done.still_quarantined) == (1, 2)

    load_file(whole, json_lines(lines), orders(whole, changes=[("minimum: 1", "minimum: 0")]))
    assert rows_of(replayed, learned) == rows_of(whole, learned)
    known = ("line", "accepted_before", "reasons", "raw_line")
    found, wanted = (
        [{name: held[name] for name in known} for held in held_of(folder, learned)]
        for folder in (replayed, whole)
    )
    assert found == wanted
