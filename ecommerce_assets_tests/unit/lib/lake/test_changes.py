"""What a month that comes again changes, as multisets, against counting in plain Python."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.failures import ConservationBroken
from ecommerce_assets.lib.ingest.month_file import IngestResult, connect, published_info
from ecommerce_assets.lib.lake import changes
from ecommerce_assets.lib.lake.changes import (
    Changes,
    compare,
    content_of,
    fill_footer,
    read_changes,
)
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    COLUMNS,
    EVENTS,
    MONTH,
    PARQUET,
    changed_contract,
    csv,
    lake_at,
    lake_files,
    line,
    lines,
    load,
    published,
    row,
)

KEY = ("event_time", "event_type", "product_id", "user_id", "user_session")


def changed(result: IngestResult) -> tuple[str, int, int, int]:
    assert result.changes
    return (
        result.changes.kind,
        result.changes.added,
        result.changes.removed,
        result.changes.altered,
    )


def counted(old: list[str], new: list[str]) -> tuple[int, int, int]:
    """Rows added, removed and altered, the slow way."""
    places = [COLUMNS.index(name) for name in KEY]

    def by_key(rows: Counter[str]) -> Counter[tuple[str, ...]]:
        found: Counter[tuple[str, ...]] = Counter()
        for text, number in rows.items():
            found[tuple(text.split(",")[place] for place in places)] += number
        return found

    before, after = Counter(old), Counter(new)
    fewer, more = by_key(before - after), by_key(after - before)
    altered = sum((fewer & more).values())
    return more.total() - altered, fewer.total() - altered, altered


def test_a_first_load_adds_all_its_rows(tmp_path: Path) -> None:
    assert changed(load(tmp_path, csv(lines(5)))) == ("first", 5, 0, 0)


def test_rows_added_removed_and_altered_are_told_apart(tmp_path: Path) -> None:
    load(tmp_path, csv(lines(10)))
    new = [*lines(8), line(20), line(21), line(22)]
    new[0], new[1] = line(0, price="9.99"), line(1, brand="other", category_code="x")

    result = load(tmp_path, csv(new))

    assert changed(result) == ("changed", 3, 2, 2)
    assert len(published(tmp_path)) == 10 - 2 + 3


def test_duplicates_count_each_time(tmp_path: Path) -> None:
    """Three equal rows become one, and one of another becomes three, one of them altered."""
    load(tmp_path, csv([line(1), line(1), line(1), line(2)]))

    result = load(tmp_path, csv([line(1), line(2), line(2), line(2, price="1.00")]))

    assert changed(result) == ("changed", 2, 2, 0)
    again = load(tmp_path, csv([line(1), line(2), line(2, price="2.00"), line(2, price="2.00")]))
    assert changed(again) == ("changed", 0, 0, 2)


def test_a_missing_value_is_a_value_like_others(tmp_path: Path) -> None:
    load(tmp_path, csv([line(1, user_session=""), line(2, brand="")]))

    result = load(tmp_path, csv([line(1, user_session="", price="7.00"), line(2, brand="x")]))

    assert changed(result) == ("changed", 0, 0, 2)


variants = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["1.00", "2.00", "3.00"])).map(
        lambda drawn: line(drawn[0], price=drawn[1])
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(old=variants, new=variants)
def test_any_two_files_differ_by_what_counting_says(
    old: list[str], new: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    load(folder, csv(old))

    result = load(folder, csv(new), accept_worse=True)

    kind, *numbers = changed(result)
    if result.unchanged:
        assert old == new
        return
    assert tuple(numbers) == counted(old, new)
    assert (kind == "reordered") == (Counter(old) == Counter(new))
    assert len(old) - numbers[1] + numbers[0] == len(new)


def test_the_same_rows_in_a_new_file_keep_the_contents_key(tmp_path: Path) -> None:
    first = load(tmp_path, csv(lines(9)))

    # Another text, the same rows: a line is quarantined, one is blank, ends are CR LF.
    again = load(tmp_path, csv([*lines(4), "junk", "", *lines(9)[4:]], end="\r\n"))

    assert changed(again) == ("same", 0, 0, 0)
    assert again.load_key != first.load_key and again.content == first.content
    footer, _ = Slice(lake_at(tmp_path), EVENTS, Month(MONTH)).footer()
    assert footer["load_key"] == again.load_key and content_of(footer) == first.content


def test_the_same_rows_in_another_order_change_nothing_but_the_contents_key(
    tmp_path: Path,
) -> None:
    first = load(tmp_path, csv(lines(9)))

    again = load(tmp_path, csv([*lines(9)[1:], line(0)]))

    assert changed(again) == ("reordered", 0, 0, 0)
    assert again.content != first.content
    assert again.changes and "another order" in again.changes.words


def test_a_wider_column_is_another_content_with_the_same_rows(tmp_path: Path) -> None:
    load(tmp_path, csv(lines(9)))
    wider = changed_contract(tmp_path, ("decimal(9,2)", "decimal(12,2)"))

    result = load(tmp_path, csv(lines(9)), contract=wider)

    assert changed(result) == ("columns", 0, 0, 0)


def test_a_contract_that_changes_no_row_changes_no_content(tmp_path: Path) -> None:
    first = load(tmp_path, csv(lines(9)))
    other = changed_contract(tmp_path, ("What the visitor did.", "What was done."))

    result = load(tmp_path, csv(lines(9)), contract=other)

    assert not result.unchanged and changed(result) == ("same", 0, 0, 0)
    assert result.content == first.content


def test_without_a_key_rows_are_added_and_removed(tmp_path: Path) -> None:
    contract = changed_contract(
        tmp_path, ("[event_time, event_type, product_id, user_id, user_session]", "[]")
    )
    load(tmp_path, csv(lines(3)), contract=contract)

    result = load(tmp_path, csv([*lines(2), line(2, price="1.00")]), contract=contract)

    assert changed(result) == ("changed", 1, 1, 0)


def test_a_key_of_unknown_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"changeKey names columns .*colour"):
        changed_contract(tmp_path, ("value: [event_time, event_type,", "value: [colour,"))


def test_the_footer_keeps_the_figures_and_the_file_stays_readable(tmp_path: Path) -> None:
    load(tmp_path, csv(lines(50)))
    result = load(tmp_path, csv(lines(60)))

    info = published_info(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))

    assert info.changes == result.changes and changed(info) == ("changed", 10, 0, 0)
    assert [r["product_id"] for r in published(tmp_path)] == [5_000_000 + n for n in range(60)]


def test_a_footer_of_before_answers_with_its_loads_key(tmp_path: Path) -> None:
    assert read_changes({"load_key": "abc"}) is None
    assert content_of({"load_key": "abc"}) == "load-abc"


def test_a_published_month_without_a_contents_key_is_compared_by_its_rows(tmp_path: Path) -> None:
    """As lakes of before are: their footers lack the entry."""
    load(tmp_path, csv(lines(9)))
    path = tmp_path / "lake" / PARQUET
    with connect("1000MB", tmp_path) as db:
        footer = {"load_key": "old"}
        same = compare(db, EVENTS, (path, footer, 9), path, 9)
        assert same.kind == "same" and same.content_key == content_of(
            Slice(lake_at(tmp_path), EVENTS, Month(MONTH)).footer()[0]
        )


def test_rows_that_do_not_add_up_are_refused_and_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, csv(lines(9)))
    before = lake_files(tmp_path)
    monkeypatch.setattr(changes, "_difference", lambda *_: (5, 0, 0))

    with pytest.raises(ConservationBroken, match="9 rows before, 0 removed and 5 added"):
        load(tmp_path, csv(lines(10)))

    assert lake_files(tmp_path) == before


def test_a_footer_without_a_place_is_refused(tmp_path: Path) -> None:
    load(tmp_path, csv(lines(9)))
    path = tmp_path / "lake" / PARQUET
    whole = path.read_bytes()

    with pytest.raises(ConservationBroken, match="no place"):
        fill_footer(path, changes.placeholder(), Changes("first", 1, 0, 0, "k"))

    assert path.read_bytes() == whole


def test_the_longest_outcome_fits_its_place(tmp_path: Path) -> None:
    largest = Changes("reordered", 2**63, 2**63, 2**63, f"{'f' * 8}-{2**63:x}-{2**127:x}")
    assert len(json.dumps(largest.__dict__)) < changes.ENTRY_BYTES
    assert len(changes.placeholder()) == changes.ENTRY_BYTES


def test_row_numbers_make_distinct_rows() -> None:
    assert len({tuple(row(n).values()) for n in range(100)}) == 100
