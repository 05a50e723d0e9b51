"""Words that programs write for "not known" are unknown: counted, named, and never a brand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.month_file import published_info
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    NULL_WORDS,
    changed_contract,
    csv,
    lake_at,
    line,
    lines,
    load,
    published,
    quarantined,
    reason_codes,
)
from ecommerce_assets_tests.support.shared_files import (
    INVOICES,
    JANUARY,
    JUNE,
    held_of,
    invoice,
    load_part,
    retail_file,
    rows_of,
)


@pytest.mark.parametrize("word", NULL_WORDS)
def test_a_word_is_null_in_an_optional_text_and_counted_by_column(
    tmp_path: Path, word: str
) -> None:
    body = [line(n, brand=word if n % 2 else "runail") for n in range(20)]
    body.append(line(20, brand="x", category_code=word, user_session=word))
    result = load(tmp_path, csv(body))
    rows = published(tmp_path)
    assert result.null_words == {
        f"brand:{word}": 10,
        f"category_code:{word}": 1,
        f"user_session:{word}": 1,
    }
    assert [row["brand"] for row in rows[:20]] == ["runail", None] * 10
    assert (rows[20]["category_code"], rows[20]["user_session"]) == (None, None)
    assert load(tmp_path, csv(body)).null_words == result.null_words, (
        "an unchanged month says it, too"
    )
    assert (
        published_info(Slice(lake_at(tmp_path), EVENTS, Month(MONTH))).null_words
        == result.null_words
    )


def test_only_the_exact_word_is_one(tmp_path: Path) -> None:
    brands = ["nano", "none", "na", " NaN", "NaN ", "NONE", "nullo", "--", "N", ""]
    result = load(tmp_path, csv([line(n, brand=brand) for n, brand in enumerate(brands)]))
    assert result.null_words == {}
    assert [row["brand"] for row in published(tmp_path)] == [brand or None for brand in brands]


def test_in_a_required_or_typed_column_the_word_is_a_reason(tmp_path: Path) -> None:
    body = [line(40, event_type="NaN"), line(41, price="NaN"), line(42, user_id="NULL")]
    result = load(tmp_path, csv([*lines(40), *body]))
    assert reason_codes(quarantined(tmp_path, result)) == [
        ["missing:event_type"],
        ["not_a_decimal:price"],
        ["not_an_integer:user_id"],
    ]
    assert result.null_words == {}, "only accepted rows are counted"


def test_a_column_may_have_words_of_its_own_or_none(tmp_path: Path) -> None:
    brand = "description: The brand in lower case; empty in 42 % of rows.\n"
    kept = changed_contract(
        tmp_path,
        (
            brand,
            f"{brand}        customProperties:\n          - {{property: nullWords, value: [x]}}\n",
        ),
    )
    result = load(tmp_path, csv([line(0, brand="None"), line(1, brand="x")]), contract=kept)
    assert [row["brand"] for row in published(tmp_path)] == ["None", None]
    assert result.null_words == {"brand:x": 1}


def test_of_a_file_of_all_months_each_month_counts_its_own(tmp_path: Path) -> None:
    body = [
        invoice(n, (JANUARY, JUNE)[n % 2], CustomerID="NULL", Description="NaN" if n < 8 else "x")
        for n in range(20)
    ]
    body.append(invoice(99, JUNE, Country="N/A"))
    for month in (JANUARY, JUNE):
        result = load_part(tmp_path, retail_file(body), month)
        assert result.null_words == {"customer_id:NULL": 10, "description:NaN": 4}
        assert {row["customer_id"] for row in rows_of(tmp_path, month)} == {None}
        assert (
            published_info(Slice(lake_at(tmp_path), INVOICES, Month(month))).null_words
            == result.null_words
        )
    assert reason_codes(held_of(tmp_path, JUNE)) == [["missing:country"]]


def test_a_replay_counts_the_words_of_the_rows_that_it_takes_back(tmp_path: Path) -> None:
    body = [line(n, brand="NaN") for n in range(10)]
    body += [line(n, event_type="wishlist", brand="None") for n in range(10, 13)]
    load(tmp_path, csv(body))
    wider = changed_contract(tmp_path, ("[view, cart,", "[view, wishlist, cart,"))
    replay(Slice(lake_at(tmp_path), wider, Month(MONTH)))
    found = published_info(Slice(lake_at(tmp_path), wider, Month(MONTH)))
    assert found.null_words == {"brand:NaN": 10, "brand:None": 3}


@pytest.mark.parametrize(
    ("before", "after"), [('"NaN", "nan"', '"nan"'), ('"NaN", "nan"', '"NaN"')]
)
def test_a_replay_refuses_a_contract_with_other_words_where_that_concerns_accepted_rows(
    tmp_path: Path, before: str, after: str
) -> None:
    first = changed_contract(tmp_path, (before, '"NaN"'))
    load(
        tmp_path, csv([*lines(9), line(9, brand="NaN"), line(10, brand="nan"), "x"]), contract=first
    )
    fixed = changed_contract(tmp_path, (before, after), ("version: 1.0.0", "version: 1.0.1"))
    if after == '"NaN"':
        assert replay(Slice(lake_at(tmp_path), fixed, Month(MONTH)))
        return
    with pytest.raises(ContractBroken, match="backfill cosmetics --from 2019-10"):
        replay(Slice(lake_at(tmp_path), fixed, Month(MONTH)))
