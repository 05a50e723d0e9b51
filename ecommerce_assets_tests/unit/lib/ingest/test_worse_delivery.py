"""A month that comes again and is worse does not replace what is published, unless accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import WorseDelivery
from ecommerce_assets.lib.lake.undated import undated_rows
from ecommerce_assets_tests.support.builders import (
    changed_contract,
    csv,
    lake_at,
    lake_files,
    line,
    lines,
    load,
    published,
)
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    JANUARY,
    JUNE,
    MAY,
    PURCHASES,
    SENTINEL,
    electronics_file,
    invoice,
    load_part,
    purchase,
    retail_file,
    rows_of,
)

GOOD = csv(lines(200))
TRUNCATED = csv(lines(49))
NOT_ALLOWED = csv([*lines(200), *(line(n, event_type="wishlist") for n in range(200, 240))])


@pytest.mark.parametrize(
    ("data", "rows", "refused"),
    [(TRUNCATED, "49 rows accepted, before 200", 0), (NOT_ALLOWED, "200 rows accepted", 40)],
    ids=["fewer rows", "more refused"],
)
def test_the_good_month_stays_and_the_failure_says_what_is_worse(
    tmp_path: Path, data: bytes, rows: str, refused: int
) -> None:
    load(tmp_path, GOOD)
    before = lake_files(tmp_path)
    for _ in range(2):  # again, with the same file: the same, without harm
        with pytest.raises(WorseDelivery) as caught:
            load(tmp_path, data)
        assert "2019-Oct.csv is worse than what is published of 2019-10" in caught.value.message
        assert rows in caught.value.message
        assert f"{refused} refused, before 0" in caught.value.message
        assert "--from 2019-10 --to 2019-10 --accept-worse" in caught.value.cure
        assert lake_files(tmp_path) == before
    if refused:
        assert "event_type is 'wishlist' where one of view, cart" in caught.value.message


@pytest.mark.parametrize(("data", "rows"), [(TRUNCATED, 49), (NOT_ALLOWED, 200)])
def test_it_replaces_the_month_where_that_is_accepted(
    tmp_path: Path, data: bytes, rows: int
) -> None:
    load(tmp_path, GOOD)
    assert load(tmp_path, data, accept_worse=True).rows_accepted == rows
    assert len(published(tmp_path)) == rows


def test_a_good_file_after_a_worse_one_is_loaded(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(WorseDelivery):
        load(tmp_path, TRUNCATED)
    result = load(tmp_path, csv(lines(210)))
    assert result.changes and (result.changes.added, result.changes.removed) == (10, 0)


@pytest.mark.parametrize(
    "body",
    [lines(260), lines(191), [*lines(199), line(199, brand="other")], [*lines(200), "junk"]],
    ids=["late rows", "few rows less", "a corrected row", "a broken line"],
)
def test_late_rows_and_small_corrections_pass(tmp_path: Path, body: list[str]) -> None:
    load(tmp_path, GOOD)
    assert not load(tmp_path, csv(body)).unchanged


def test_three_rows_less_are_few_in_the_smallest_month(tmp_path: Path) -> None:
    load(tmp_path, csv(lines(10)))
    assert load(tmp_path, csv(lines(7))).rows_accepted == 7


def test_the_contract_says_how_much_a_month_may_lose(tmp_path: Path) -> None:
    lenient = changed_contract(tmp_path, ("maxShareLost, value: 0.05", "maxShareLost, value: 0.8"))
    load(tmp_path, GOOD, contract=lenient)
    assert load(tmp_path, TRUNCATED, contract=lenient).rows_accepted == 49


def test_a_stricter_contract_is_no_worse_delivery(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    strict = changed_contract(tmp_path, ("validValues: [view, cart,", "validValues: [view,"))
    assert load(tmp_path, GOOD, contract=strict).rows_accepted == 150


def test_of_a_file_of_all_months_the_worse_months_alone_stay(tmp_path: Path) -> None:
    body = [invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(80)]
    for month in (JANUARY, JUNE):
        load_part(tmp_path, retail_file(body), month)
    june = rows_of(tmp_path, JUNE)
    cut = retail_file([*body[:60], *(invoice(n, JANUARY) for n in range(100, 120))])
    assert load_part(tmp_path, cut, JANUARY).rows_accepted == 50
    with pytest.raises(WorseDelivery, match="30 rows accepted, before 40"):
        load_part(tmp_path, cut, JUNE)
    assert rows_of(tmp_path, JUNE) == june
    assert load_part(tmp_path, cut, JUNE, accept_worse=True).rows_accepted == 30


def test_a_file_that_replaces_no_month_leaves_the_rows_without_one_as_they_are(
    tmp_path: Path,
) -> None:
    unknown = [purchase(n, event_time=SENTINEL) for n in range(9)]
    whole = [*unknown, *(purchase(n) for n in range(40)), *(purchase(n, MAY) for n in range(40))]
    for month in (APRIL, MAY):
        load_part(tmp_path, electronics_file(whole), month, PURCHASES)
    cut = electronics_file([*unknown[:1], *(purchase(n) for n in range(20))])
    for month in (APRIL, MAY):
        with pytest.raises(WorseDelivery):
            load_part(tmp_path, cut, month, PURCHASES)
    assert undated_rows(lake_at(tmp_path), PURCHASES).known == 9
