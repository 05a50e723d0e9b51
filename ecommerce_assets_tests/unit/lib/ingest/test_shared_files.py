"""A file of all months is read once, and each of its lines is accounted for in its month."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets_tests.support.builders import lake_at, lake_files, left_in_staging
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICE_HEADER,
    INVOICES,
    JANUARY,
    JUNE,
    MARCH,
    MAY,
    PURCHASES,
    SENTINEL,
    assert_split_right,
    electronics_file,
    held_of,
    invoice,
    load_part,
    purchase,
    retail_file,
    rows_of,
)

MIXED = [invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(40)]
BAD = {
    "a quote that is not closed": ('1,2,"x,3,1/5/2011 8:26,1.5,17850,UK', "missing_columns"),
    "a quote closed too early": ('1,2,"x"y,3,1/5/2011 8:26,1.5,17850,UK', "missing_columns"),
    "too few values": ("1,2,x,3,1/5/2011 8:26,1.5,17850", "missing_columns"),
    "too many values": ("1,2,x,3,1/5/2011 8:26,1.5,17850,UK,more", "too_many_columns"),
    "a decimal comma before nothing": ("1,2,x,3,1/5/2011 8:26,1,5,", "missing:country"),
    "and one value more": ("1,2,x,3,1/5/2011 8:26,1,5,17850,", "too_many_columns"),
    "no number": (invoice(1, Quantity="1e3"), "not_an_integer:quantity"),
    "no price": (invoice(1, UnitPrice="1.23456"), "not_a_decimal:unit_price"),
    "no time": (invoice(1, InvoiceDate="13/1/2011 8:26"), "not_a_time:invoice_date"),
    "another spelling": (invoice(1, InvoiceDate="01/05/2011 8:26"), "not_a_time:invoice_date"),
    "a row inside one pair of quotes": (
        '"7,2,x,3,1/5/2011 8:26,1.5,17850,UK"',
        "missing_columns",
    ),
    "nothing but quotes": ('""', "missing_columns"),
    "nothing of it": (invoice(1, Country=""), "missing:country"),
    "outside all months": (invoice(1, InvoiceDate="1/1/2012 0:00"), "outside_month:invoice_date"),
    "before all months": (invoice(1, InvoiceDate="11/30/2010 23:59"), "outside_month:invoice_date"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_kept_alone_with_its_reason(tmp_path: Path, case: str) -> None:
    line, reason = BAD[case]
    body = [*MIXED[:7], line, "", *MIXED[7:]]
    for month in (JANUARY, JUNE):
        load_part(tmp_path, retail_file(body), month)
    verdict = assert_split_right(tmp_path, retail_file(body), [JANUARY, JUNE])
    (kept,) = [q for m in (JANUARY, JUNE, UNDATED) for q in held_of(tmp_path, m)]
    assert (kept["line"], kept["raw_line"], kept["reasons"]) == (9, line, [reason])
    assert sum(map(len, verdict.accepted.values())) == 40 and verdict.blank == 1


def test_a_line_break_inside_a_value_costs_its_own_two_lines(tmp_path: Path) -> None:
    broken = ['7,2,"PINK', 'SMALL",3,1/5/2011 8:26,1.5,17850,UK']
    # The bad row below them has its place among the accepted ones, which no reader's count tells.
    body = [*MIXED[:4], *broken, invoice(50, Quantity="x"), *MIXED[4:]]
    for month in (JANUARY, JUNE):
        load_part(tmp_path, retail_file(body), month)
    assert_split_right(tmp_path, retail_file(body), [JANUARY, JUNE])
    assert [q["line"] for q in held_of(tmp_path, UNDATED)] == [6, 7]
    assert [(q["line"], q["accepted_before"]) for q in held_of(tmp_path, JANUARY)] == [(8, 2)]
    assert len(rows_of(tmp_path, JANUARY)) + len(rows_of(tmp_path, JUNE)) == 40


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["whole", "cut"])
def test_line_ends_blank_lines_and_a_last_line_without_end(
    tmp_path: Path, end: str, last: str
) -> None:
    data = retail_file(["", *MIXED[:5], "", *MIXED[5:], "x,y", ""], end)
    if last == "cut":
        data = data[: -2 * len(end)]
    result = load_part(tmp_path, data, JANUARY)
    load_part(tmp_path, data, JUNE)
    assert_split_right(tmp_path, data, [JANUARY, JUNE])
    assert result.blank_lines == 0, "blank lines are the whole file's, not a month's"
    footer, _ = Slice(lake_at(tmp_path), INVOICES, Month(JANUARY)).footer()
    assert footer["file_blank_lines"] == ("2" if last == "cut" else "3")
    (kept,) = held_of(tmp_path, UNDATED)
    wanted = "cut_off_last_line" if last == "cut" else "missing_columns"
    assert (kept["reasons"], kept["raw_line"]) == ([wanted], "x,y")


def test_a_file_without_quotes_may_begin_with_a_mark_of_utf_8(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + electronics_file([purchase(0), purchase(1)])
    assert load_part(tmp_path, data, APRIL, PURCHASES).rows_accepted == 2


def test_a_time_that_stands_for_unknown_has_no_month(tmp_path: Path) -> None:
    unknown = purchase(1, event_time=SENTINEL)
    early = purchase(2, event_time="1970-01-01 00:33:41 UTC")
    result = load_part(
        tmp_path, electronics_file([purchase(0), unknown, early, purchase(3)]), APRIL, PURCHASES
    )
    assert (result.rows_received, result.rows_accepted, result.reasons) == (2, 2, {})
    kept = held_of(tmp_path, UNDATED, PURCHASES)
    assert [(q["raw_line"], q["reasons"], q["accepted_before"]) for q in kept] == [
        (unknown, ["sentinel_timestamp:event_time"], 1),
        (early, ["outside_month:event_time"], 1),
    ]
    assert {q["month"] for q in kept} == {UNDATED}
    assert {q["dataset"] for q in kept} == {"electronics.purchases"}


def test_an_unknown_time_does_not_count_as_another_data_set(tmp_path: Path) -> None:
    body = [purchase(0), *(purchase(n, event_time=SENTINEL) for n in range(1, 9))]
    assert load_part(tmp_path, electronics_file(body), APRIL, PURCHASES).rows_accepted == 1


def test_shifted_columns_stay_as_they_came(tmp_path: Path) -> None:
    shifted = purchase(0, category_id="", category_code="31.9", brand="1515915625", price="")
    load_part(tmp_path, electronics_file([shifted]), APRIL, PURCHASES)
    (row,) = rows_of(tmp_path, APRIL, PURCHASES)
    assert (row["category_id"], row["category_code"], row["brand"]) == (None, "31.9", "1515915625")
    assert (row["price"], row["user_id"]) == (None, 1_515_915_625_441_993_984)


def test_a_time_of_the_shops_clock_lies_in_the_month_of_utc(tmp_path: Path) -> None:
    spelled = {
        "5/31/2011 23:59": datetime(2011, 5, 31, 22, 59, tzinfo=UTC),
        "6/1/2011 0:30": datetime(2011, 5, 31, 23, 30, tzinfo=UTC),
        "6/1/2011 1:00": datetime(2011, 6, 1, 0, 0, tzinfo=UTC),
        "12/31/2010 23:59": datetime(2010, 12, 31, 23, 59, tzinfo=UTC),
        "10/30/2011 1:30": datetime(2011, 10, 30, 1, 30, tzinfo=UTC),  # it comes twice that day
    }
    data = retail_file([invoice(n, InvoiceDate=at) for n, at in enumerate(spelled)])
    found = {}
    for month in (date(2010, 12, 1), date(2011, 5, 1), JUNE, date(2011, 10, 1)):
        load_part(tmp_path, data, month)
        for row in rows_of(tmp_path, month):
            assert row["invoice_date"].replace(day=1).date() == month
            found[row["quantity"]] = row["invoice_date"]
    assert found == {number - 3: at for number, at in enumerate(spelled.values())}


def test_a_time_that_the_shops_clock_skips_is_quarantined_in_its_month(tmp_path: Path) -> None:
    skipped = invoice(1, InvoiceDate="3/27/2011 1:30")
    around = [invoice(n, InvoiceDate=f"3/27/2011 {h}") for n, h in ((0, "0:59"), (2, "2:00"))]
    result = load_part(tmp_path, retail_file([around[0], skipped, around[1]]), MARCH)
    assert (result.rows_accepted, result.reasons) == (2, {"not_a_time:invoice_date": 1})
    (kept,) = held_of(tmp_path, MARCH)
    assert (kept["raw_line"], kept["accepted_before"]) == (skipped, 1)
    hours = [row["invoice_date"].hour for row in rows_of(tmp_path, MARCH)]
    assert hours == [0, 1], "one minute lies between them"


def test_a_month_alone_publishes_no_other(tmp_path: Path) -> None:
    load_part(tmp_path, retail_file(MIXED), JANUARY)
    assert published_months(lake_at(tmp_path), "retail", "invoices_archive") == [JANUARY]
    folders = {name.split("event_month=")[1][:10] for name in lake_files(tmp_path) if "=" in name}
    assert folders == {str(JANUARY), str(UNDATED)}
    assert left_in_staging(tmp_path) == []


def test_a_month_of_which_the_file_has_no_row_is_published_empty(tmp_path: Path) -> None:
    result = load_part(tmp_path, retail_file(MIXED), MARCH)
    assert (result.rows_received, result.rows_accepted, result.rows_quarantined) == (0, 0, 0)
    assert rows_of(tmp_path, MARCH) == [] and held_of(tmp_path, MARCH) == []
    assert published_months(lake_at(tmp_path), "retail", "invoices_archive") == [MARCH]
    path = tmp_path / "lake" / Slice(lake_at(tmp_path), INVOICES, Month(MARCH)).parquet
    assert pq.ParquetFile(path).schema_arrow.names == INVOICES.column_names


def _names() -> tuple[str, str]:
    return INVOICES.domain, INVOICES.table


def test_the_second_month_reads_the_split_and_not_the_file(tmp_path: Path) -> None:
    data = retail_file(MIXED)
    load_part(tmp_path, data, JANUARY)
    (rows,) = (tmp_path / "lake" / "files").rglob("*.rows.parquet")
    made = rows.stat().st_mtime_ns
    read: list[int] = []
    load_part(tmp_path, data, JUNE, progress=lambda done, _: read.append(done))
    assert read == [] and rows.stat().st_mtime_ns == made
    assert_split_right(tmp_path, data, [JANUARY, JUNE])


def test_the_same_month_again_is_unchanged_and_says_the_same(tmp_path: Path) -> None:
    data = retail_file([*MIXED, invoice(1, Quantity="x")])
    first = load_part(tmp_path, data, JANUARY)
    before = lake_files(tmp_path)
    again = load_part(tmp_path, data, JANUARY)
    assert not first.unchanged and again.unchanged
    again.unchanged = False
    assert again == first
    assert lake_files(tmp_path) == before


def test_a_lost_split_is_made_again(tmp_path: Path) -> None:
    data = retail_file([*MIXED, "junk"])
    load_part(tmp_path, data, JANUARY)
    before = lake_files(tmp_path)
    for path in [*(tmp_path / "lake" / "files").rglob("*.parquet")]:
        path.unlink()
    load_part(tmp_path, data, JANUARY, force=True)
    assert lake_files(tmp_path).keys() == before.keys()
    assert_split_right(tmp_path, data, [JANUARY])


def test_another_version_of_the_file_replaces_split_and_undated_rows(tmp_path: Path) -> None:
    load_part(tmp_path, retail_file([*MIXED, "old", "junk"]), JANUARY)
    data = retail_file([*MIXED[:20], "new junk", *MIXED[20:], invoice(40)])
    result = load_part(tmp_path, data, JANUARY)
    assert [q["raw_line"] for q in held_of(tmp_path, UNDATED)] == ["new junk"]
    assert result.changes and (result.changes.added, result.changes.removed) == (1, 0)
    load_part(tmp_path, data, JUNE)
    assert_split_right(tmp_path, data, [JANUARY, JUNE])


def test_wider_months_take_rows_out_of_the_undated(tmp_path: Path) -> None:
    data = retail_file([*MIXED, invoice(1, InvoiceDate="1/5/2012 8:00")])
    load_part(tmp_path, data, JANUARY)
    assert len(held_of(tmp_path, UNDATED)) == 1
    wide = Months(date(2010, 12, 1), date(2012, 1, 1))
    result = load_part(tmp_path, data, date(2012, 1, 1), months=wide)
    assert result.rows_accepted == 1 and held_of(tmp_path, UNDATED) == []
    assert len(list((tmp_path / "lake" / "files").rglob("*.rows.parquet"))) == 1


def test_a_mended_contract_splits_anew(tmp_path: Path) -> None:
    from ecommerce_assets_tests.support.shared_files import changed_invoices

    data = retail_file([*MIXED, invoice(1, Country="")])
    assert load_part(tmp_path, data, JUNE).rows_quarantined == 0
    before = load_part(tmp_path, data, JANUARY)
    country = "required: true\n        customProperties:\n          - {property: sourceName, "
    country += "value: Country}"
    mended = changed_invoices(tmp_path, (country, country.replace("true", "false")))
    after = load_part(tmp_path, data, JANUARY, mended)
    assert before.reasons == {"missing:country": 1}
    assert (after.rows_accepted, after.reasons) == (before.rows_accepted + 1, {})
    assert len(list((tmp_path / "lake" / "files").rglob("*.rows.parquet"))) == 1


def test_unknown_columns_are_left_out_and_named(tmp_path: Path) -> None:
    header = f'{INVOICE_HEADER},"a, b"'
    text = "\n".join([header, *(f"{line},more" for line in MIXED)]) + "\n"
    result = load_part(tmp_path, text.encode("cp1252"), JANUARY)
    assert (result.rows_accepted, result.unknown_columns) == (20, ["a, b"])
    assert list(rows_of(tmp_path, JANUARY)[0]) == INVOICES.column_names


def test_columns_are_found_by_their_names_in_any_order(tmp_path: Path) -> None:
    names = INVOICE_HEADER.split(",")[::-1]
    values = [line.split(",") for line in (invoice(0), invoice(1))]
    data = "\n".join(",".join(row[::-1]) for row in [names[::-1], *values]) + "\n"
    load_part(tmp_path, data.encode("cp1252"), JANUARY)
    assert [row["country"] for row in rows_of(tmp_path, JANUARY)] == ["United Kingdom"] * 2


def test_months_of_electronics_end_where_the_next_begin(tmp_path: Path) -> None:
    edges = ["2020-04-30 23:59:59", "2020-05-01 00:00:00", "2020-05-31 23:59:59"]
    data = electronics_file([purchase(n, event_time=f"{at} UTC") for n, at in enumerate(edges)])
    assert [load_part(tmp_path, data, m, PURCHASES).rows_accepted for m in (APRIL, MAY)] == [1, 2]
