"""A file of which too much cannot be read is refused whole, with a value and the form wanted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    changed_contract,
    csv,
    lake_files,
    line,
    lines,
    load,
    published,
)
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICES,
    JANUARY,
    JUNE,
    PURCHASES,
    changed_invoices,
    electronics_file,
    invoice,
    load_part,
    purchase,
    retail_file,
    rows_of,
)

FEBRUARY = date(2011, 2, 1)
ISO = "2019-10-01T00:00:00Z"
ROUNDED = "2.268105426648171e+18"


def day_first(first: datetime, days: int, rows: int) -> bytes:
    """A retail file of consecutive days, each written with its day before its month."""
    times = [first + timedelta(days=n % days, minutes=n) for n in range(rows)]
    written = [f"{at.day}/{at.month}/{at.year} {at.hour}:{at.minute:02d}" for at in times]
    return retail_file([invoice(n, InvoiceDate=text) for n, text in enumerate(written)])


def refused(folder: Path, data: bytes, month: date, contract: object = INVOICES) -> NotADataFile:
    """Why a shared file is refused; nothing of it is in the lake."""
    assert isinstance(contract, type(INVOICES))
    with pytest.raises(NotADataFile) as caught:
        load_part(folder, data, month, contract)
    published_now = {key for key in lake_files(folder) if key.endswith(".parquet")}
    assert published_now == set()
    return caught.value


@pytest.mark.parametrize("month", [JANUARY, FEBRUARY])
def test_days_first_are_refused_whichever_month_is_loaded(tmp_path: Path, month: date) -> None:
    failure = refused(tmp_path, day_first(datetime(2011, 2, 1, 9, 0), 28, 40), month)
    assert "data.csv: 16 of its 40 rows (40%) cannot be read, and the contract allows 5%" in str(
        failure
    )
    assert "InvoiceDate is '13/2/2011 9:12' where '2/13/2011 9:12' is expected" in failure.message
    assert "the day first" in failure.message
    assert "maxShareUnreadable in domains/retail/contracts/invoices.odcs.yaml" in failure.cure


def test_days_first_of_a_months_first_days_are_refused_although_each_is_a_date(
    tmp_path: Path,
) -> None:
    failure = refused(tmp_path, day_first(datetime(2011, 3, 1, 9, 0), 12, 40), JANUARY)
    assert "rows in 12 months and none after the 3. of a month" in failure.message
    assert "ambiguousDates: accept" in failure.cure


def test_a_contract_may_expect_rows_of_the_first_days_alone(tmp_path: Path) -> None:
    accepting = changed_invoices(
        tmp_path,
        (
            "{property: fileHolds,",
            "{property: ambiguousDates, value: accept}\n      - {property: fileHolds,",
        ),
    )
    data = day_first(datetime(2011, 3, 1, 9, 0), 12, 40)
    assert load_part(tmp_path, data, JANUARY, accepting).rows_accepted > 0


def test_rows_of_two_months_or_of_later_days_are_not_taken_for_days_first(tmp_path: Path) -> None:
    two_months = [invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(9)] * 3
    assert load_part(tmp_path / "a", retail_file(two_months), JANUARY).rows_accepted > 0
    later = [invoice(n, date(2011, 1 + n % 9, 1)) for n in range(40)]
    assert load_part(tmp_path / "b", retail_file(later), JANUARY).rows_accepted > 0


def test_rounded_ids_refuse_the_file_and_not_their_rows_alone(tmp_path: Path) -> None:
    good = [purchase(n, category_id="", user_id="") for n in range(10)]
    rounded = [purchase(n, category_id=ROUNDED) for n in range(50)]
    failure = refused(tmp_path, electronics_file([*good, *rounded]), APRIL, PURCHASES)
    assert "kz.csv: 50 of its 60 rows (83%) cannot be read" in failure.message
    assert f"category_id is '{ROUNDED}'" in failure.message
    assert "rounded the numbers" in failure.message


def test_a_column_is_judged_by_its_values_and_not_by_the_rows_that_have_none(
    tmp_path: Path,
) -> None:
    body = [purchase(n, user_id="") for n in range(196)]
    body += [purchase(n, user_id="1.515915625441994e+18") for n in range(4)]
    failure = refused(tmp_path, electronics_file(body), APRIL, PURCHASES)
    assert "4 of its 4 values of user_id (100%) cannot be read" in failure.message


def test_a_month_file_of_another_spelling_keeps_the_month_that_is_published(
    tmp_path: Path,
) -> None:
    load(tmp_path, csv(lines(40)))
    before = lake_files(tmp_path)
    body = [line(n) if n < 2 else line(n, event_time=ISO) for n in range(40)]
    with pytest.raises(NotADataFile, match=r"38 of its 40 rows \(95%\) cannot be read") as caught:
        load(tmp_path, csv(body))
    assert f"event_time is '{ISO}' where '2019-10-01 00:00:00 UTC' is expected" in str(caught.value)
    assert lake_files(tmp_path) == before


def test_a_file_without_a_good_row_shows_a_value_and_the_wanted_form(tmp_path: Path) -> None:
    with pytest.raises(NotADataFile) as caught:
        load(tmp_path, csv([line(n, event_time=ISO) for n in range(3)]))
    assert f"event_time is '{ISO}' where '2019-10-01 00:00:00 UTC' is expected" in str(caught.value)


def test_values_that_are_not_allowed_are_readable_and_refuse_no_file(tmp_path: Path) -> None:
    result = load(tmp_path, csv([*lines(30), *(line(n, event_type="wishlist") for n in range(10))]))
    assert (result.rows_accepted, result.rows_quarantined) == (30, 10)


def test_lines_that_cannot_be_read_count_as_unreadable_rows(tmp_path: Path) -> None:
    with pytest.raises(NotADataFile, match=r"5 of its 45 rows \(11%\) cannot be read"):
        load(tmp_path, csv([*lines(40), *["half a line"] * 5]))


def test_three_slips_never_refuse_a_file_however_small_it_is(tmp_path: Path) -> None:
    result = load(tmp_path, csv([*lines(5), "junk", line(6, price="1.234"), line(7, user_id="x")]))
    assert (result.rows_accepted, result.rows_quarantined) == (5, 3)


def test_the_contract_decides_for_all_columns_or_for_one(tmp_path: Path) -> None:
    body = [*lines(36), *(line(n, price="1.234") for n in range(36, 40))]
    share = ("maxShareUnreadable, value: 0.05", "maxShareUnreadable, value: 0.1")
    assert load(tmp_path, csv(body), contract=changed_contract(tmp_path, share)).rows_accepted == 36
    price = "physicalType: decimal(9,2)\n        required: true"
    limit = "{property: maxShareUnreadable, value: 1}"
    own = f"{price}\n        customProperties:\n          - {limit}"
    lenient = changed_contract(tmp_path, (price, own))
    assert load(tmp_path, csv(body), contract=lenient, force=True).rows_accepted == 36
    with pytest.raises(NotADataFile, match="4 of its 40 rows"):
        load(tmp_path, csv(body), contract=EVENTS)
    assert len(published(tmp_path)) == 36


def test_a_refused_file_of_all_months_is_read_once(tmp_path: Path) -> None:
    data, read = day_first(datetime(2011, 2, 1, 9, 0), 28, 40), list[int]()
    failures = []
    for month in (JANUARY, FEBRUARY, JUNE):
        with pytest.raises(NotADataFile) as caught:
            load_part(tmp_path, data, month, progress=lambda done, total: read.append(done))
        failures.append(str(caught.value))
    assert len(set(failures)) == 1 and len(read) == 1


def test_a_refused_file_is_judged_again_under_another_contract_or_other_months(
    tmp_path: Path,
) -> None:
    data = day_first(datetime(2011, 2, 1, 9, 0), 28, 40)
    refused(tmp_path, data, JANUARY)
    corrected = changed_invoices(tmp_path, ('"%-m/%-d/%Y %-H:%M"', '"%-d/%-m/%Y %-H:%M"'))
    months = Months(JANUARY, JUNE)
    with pytest.raises(NotADataFile, match="cannot be read"):
        load_part(tmp_path, data, JANUARY, months=months)
    assert load_part(tmp_path, data, FEBRUARY, corrected).rows_accepted == 40
    assert len(rows_of(tmp_path, FEBRUARY)) == 40
