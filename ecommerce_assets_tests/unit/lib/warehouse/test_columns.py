"""Ids keep every digit, and columns are found by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets_tests.support.builders import (
    COLUMNS,
    HEADER,
    MONTH,
    changed_contract,
    csv,
    lake_files,
    line,
    lines,
    load,
    published,
    quarantined,
    reason_codes,
    row,
)
from ecommerce_assets_tests.support.judge import assert_right

REFUSE = ("additionalColumns, value: report", "additionalColumns, value: refuse")


def refusal(folder: Path, header: str, body: list[str]) -> ContractBroken:
    with pytest.raises(ContractBroken) as caught:
        load(folder, csv(body, header=header))
    assert lake_files(folder) == {}
    return caught.value


def test_ids_of_64_bits_survive_exactly(tmp_path: Path) -> None:
    ids = [2**63 - 1, 2**53 + 1, 1_487_580_005_134_238_553, 0]
    load(tmp_path, csv([line(n, category_id=str(i), user_id=str(i)) for n, i in enumerate(ids)]))
    assert [r["category_id"] for r in published(tmp_path)] == ids
    assert [r["user_id"] for r in published(tmp_path)] == ids


@pytest.mark.parametrize(
    "spelling",
    ["1.48758E+18", "1e3", "12.0", "12.345", "1_000", "0x10", "007", " 12", "١٢", str(2**63)],
)
def test_what_went_through_a_float_or_a_spreadsheet_is_no_integer(
    tmp_path: Path, spelling: str
) -> None:
    result = load(tmp_path, csv([line(0), line(1, category_id=spelling), line(2)]))
    assert reason_codes(quarantined(tmp_path, result)) == [["not_an_integer:category_id"]]
    assert result.rows_accepted == 2


def test_the_order_of_the_columns_does_not_matter(tmp_path: Path) -> None:
    order = tuple(reversed(COLUMNS))
    body = [",".join(row(n)[name] for name in order) for n in range(5)]
    load(tmp_path, csv([*body, body[0].replace("view", "look")], header=",".join(order)))
    assert [tuple(r) for r in published(tmp_path)] == [COLUMNS] * 5
    assert_right(csv(lines(5)), MONTH, published(tmp_path), [])


@pytest.mark.parametrize("name", ["colour", "", "Brand", "a'b", "#0", "price "])
def test_additional_columns_are_left_out_and_named(tmp_path: Path, name: str) -> None:
    body = [f"{text},x" for text in lines(3)]
    result = load(tmp_path, csv(body, header=f"{HEADER},{name}"))
    assert result.unknown_columns == [name]
    assert_right(csv(lines(3)), MONTH, published(tmp_path), [])


def test_additional_columns_are_refused_where_the_contract_says_so(tmp_path: Path) -> None:
    strict = changed_contract(tmp_path, REFUSE)
    with pytest.raises(ContractBroken, match="does not know: colour, size") as caught:
        load(tmp_path, csv(["x"], header=f"{HEADER},colour,size"), contract=strict)
    assert "additionalColumns: report" in caught.value.cure
    assert lake_files(tmp_path) == {}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_column_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    kept = [column for column in COLUMNS if column != name]
    error = refusal(tmp_path, ",".join(kept), [",".join(row(0)[c] for c in kept)])
    assert f"2019-Oct.csv lacks the column {name}; its first line is" in error.message
    assert "domains/cosmetics/contracts/events.odcs.yaml" in error.cure


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER.upper(), "spelled in another case: 'EVENT_TIME' where 'event_time' is expected"),
        (HEADER.replace(",", ";"), "apart by semicolons where commas are expected"),
        (
            HEADER.replace("brand", "brands"),
            "lacks the column brand (is 'brands' for brand meant?)",
        ),
        ("", f"lacks the columns {', '.join(COLUMNS)}; its first line is ''"),
    ],
)
def test_a_header_in_another_spelling_is_refused_with_what_is_expected(
    tmp_path: Path, header: str, said: str
) -> None:
    assert said in refusal(tmp_path, header, lines(2)).message


@pytest.mark.parametrize("name", ["brand", "colour"])
def test_a_column_named_twice_is_refused(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, f"{HEADER},{name},{name}", [f"{line(0)},x,x"])
    assert "2019-Oct.csv names a column twice" in error.message


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + csv([*lines(3), "junk"])
    result = load(tmp_path, data)
    assert_right(data, MONTH, published(tmp_path), quarantined(tmp_path, result))
    assert result.unknown_columns == []
