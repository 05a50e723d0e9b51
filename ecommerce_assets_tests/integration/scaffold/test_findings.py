"""What is made of a sample: spelling, names, types, months; and what is refused instead."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.scaffold.columns import Choices, UnfitColumn
from ecommerce_assets.scaffold.look import NoMonths
from ecommerce_assets.scaffold.names import UnfitName, check_domain, check_table, column_names
from ecommerce_assets.scaffold.sample import dialect_of
from ecommerce_assets_tests.integration.scaffold.samples import (
    LIMIT,
    claims,
    looked,
    one_column,
)


def test_a_german_export_is_recognised(tmp_path: Path) -> None:
    claims(tmp_path / "claims.csv")
    dialect = dialect_of(tmp_path / "claims.csv", LIMIT)
    assert (dialect.delimiter, dialect.quote, dialect.encoding) == (";", '"', "windows-1252")


def test_damaged_lines_of_a_sample_are_left_out(tmp_path: Path) -> None:
    lines = [f"2024-01-{day:02},a{day},{day}" for day in range(1, 29)]
    lines[3], lines[9] = "2024-01-04,a\0,4", "2024-01-10,a\rb,10"
    found = looked(tmp_path, "\n".join(["day,what,n", *lines, ""]))
    assert found.rows == 26
    assert [each.column.kind for each in found.columns] == ["timestamp", "string", "int64"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    lines = [["day", "what", "n"], ["2024-01-01", "a b", "1"], ["2024-01-02", "c", "2"]]
    path = tmp_path / "sample.csv"
    path.write_text("\n".join(map(delimiter.join, lines)))
    dialect = dialect_of(path, LIMIT)
    assert (dialect.delimiter, dialect.quote, dialect.encoding) == (delimiter, "", "utf-8")


@pytest.mark.parametrize("packed", ["csv.gz", "gz", "csv.zip", "zip"])
def test_packed_files_are_read(tmp_path: Path, packed: str) -> None:
    path, text = tmp_path / f"sample.{packed}", b"day;grund\n2024-01-01;zu gro\xc3\x9f\n" * 2
    if packed.endswith("gz"):
        path.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("sample.csv", text)
    dialect = dialect_of(path, LIMIT)
    assert (dialect.delimiter, dialect.encoding) == (";", "utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2024-01-01;5\n2024-01-02;6\n", "first line is not a header"),
        ("day;day\n2024-01-02;6\n", "first line is not a header"),
        ("day\n2024-01-02\n", "no delimiter"),
        ("day;x\n", "no header with rows"),
    ],
)
def test_a_file_without_columns_or_names_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sample.csv"
    path.write_text(text)
    with pytest.raises(NotADataFile, match=told):
        dialect_of(path, LIMIT)


@pytest.mark.parametrize(
    ("values", "kind", "required"),
    [
        (["1", "22", "-3"], "int64", True),
        (["2294359932054536986", "1515915625440944408"], "int64", True),
        (["99999999999999999999", "1"], "string", True),
        (["00417", "12345"], "string", True),
        (["0", "10"], "int64", True),
        (["1.50", "20", "-3.125"], "decimal", True),
        (["12.5", "n/a"], "string", True),
        (["1", "", "3"], "int64", False),
        (["", ""], "string", False),
        (["A1", "12E4"], "string", True),
        (["2024-01-31", "2024-02-29"], "timestamp", True),
        (["2024-01-31 08:00:00 UTC"], "timestamp", True),
        (["31.01.2024 08:15"], "timestamp", True),
        (["1/31/2011 8:26"], "timestamp", True),
        (["2024-01-31T08:15:00.125Z"], "timestamp", True),
        (["20240131"], "int64", True),
    ],
)
def test_a_column_gets_its_type(
    tmp_path: Path, values: list[str], kind: str, required: bool
) -> None:
    found = one_column(tmp_path, values).columns[1]
    assert (found.column.kind, found.column.required) == (kind, required)
    assert not found.decimal_comma


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2024-01-01 00:00:00 +0200", "%Y-%m-%d %H:%M:%S %z"),
        ("2024-01-01 00:00:00 +02:00", "%Y-%m-%d %H:%M:%S %z"),
        ("2024-01-01 00:00:00+00", "%Y-%m-%d %H:%M:%S%z"),
        ("2024-01-01T00:00:00.123+0000", "%Y-%m-%dT%H:%M:%S%.f%z"),
        ("2024-01-01T00:00:00-05:00", "%Y-%m-%dT%H:%M:%S%z"),
        ("2024-01-01T00:00:00Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("2024-01-01T00:00Z", "%Y-%m-%dT%H:%MZ"),
        ("2024-01-01T00:00:00.5Z", "%Y-%m-%dT%H:%M:%S%.fZ"),
        ("2024-01-01 00:00:00.1234560", "%Y-%m-%d %H:%M:%S%.f"),
        ("2024-01-01T08:15", "%Y-%m-%dT%H:%M"),
        ("2024-01-01 08:15:00 GMT", "%Y-%m-%d %H:%M:%S GMT"),
        ("1/31/2024 8:26 PM", "%-m/%-d/%Y %-I:%M %p"),
        ("1/31/2024, 8:26:09 pm", "%-m/%-d/%Y, %-I:%M:%S %p"),
        ("01/31/2024 08:26:09AM", "%m/%d/%Y %I:%M:%S%p"),
        ("1/31/24 18:26", "%-m/%-d/%y %H:%M"),
        ("31-Jan-2024 08:15:00", "%d-%b-%Y %H:%M:%S"),
        ("Jan 31, 2024", "%b %d, %Y"),
        ("31.01.24", "%d.%m.%y"),
    ],
)
def test_a_time_has_its_form(tmp_path: Path, value: str, form: str) -> None:
    column = one_column(tmp_path, [value, value]).columns[1].column
    assert (column.kind, column.source_format, column.source_time_zone) == (
        *("timestamp", form),
        "UTC",
    )


def test_offsets_make_months_in_utc(tmp_path: Path) -> None:
    text = "at;x\n2024-01-01 01:59:59 +0200;a\n2024-01-01 02:00:00 +0200;b\n"
    text += "2023-12-31 23:00:00 -0100;c\n"
    look = looked(tmp_path, text, Choices(time_zone="Europe/Berlin"))
    assert look.months == {"claims_at": {date(2023, 12, 1): 1, date(2024, 1, 1): 2}}
    assert look.columns[0].column.source_time_zone == "UTC"


@pytest.mark.parametrize(
    ("header", "value", "form"),
    [
        ("created_at", "1704067200", "epoch seconds"),
        ("eventTime", "1704067200123", "epoch milliseconds"),
        ("timestamp_us", "1704067200123456", "epoch microseconds"),
        ("unix", "1704067200", "epoch seconds"),
        ("phone", "1704067200", None),
        ("time_id", "1704067200", None),
        ("created_at", "170406720", None),
        ("created_at", "9999999999", None),
    ],
)
def test_numbers_since_1970_are_times_where_their_name_says_so(
    tmp_path: Path, header: str, value: str, form: str | None
) -> None:
    column = looked(tmp_path, f"day;{header}\n2024-01-01;{value}\n").columns[1].column
    assert (column.kind, column.source_format) == ("timestamp" if form else "int64", form)


@pytest.mark.parametrize(
    ("values", "way"),
    [
        (["2024-01-01 08:15:00 EST"] * 2, "'EST' is in the way"),
        (["2024-01-01T08:15:00.1234567"] * 2, "'7' is in the way"),
        (["2024-01-01T08:15:00[Europe/Berlin]"] * 2, "'[Europe/Berlin]' is in the way"),
        (["2024-01-01"] * 9 + ["soon"], "1 values are not written like the others, such as 'soon'"),
        (["Januar 2024, 08:15"] * 2, "'Januar 2024, 08:15' is in no form that is known"),
        (["red", "green"], None),
        (["A-1", "B-2"], None),
    ],
)
def test_what_keeps_a_column_from_being_times_is_named(
    tmp_path: Path, values: list[str], way: str | None
) -> None:
    found = one_column(tmp_path, values).columns[1]
    assert found.column.kind == "string"
    assert found.in_the_way is None if way is None else way in (found.in_the_way or "")


def test_a_column_without_a_name_is_left_out_and_told(tmp_path: Path) -> None:
    look = looked(tmp_path, ",day,x, \n0,2024-01-01,1.0,\n1,2024-02-01,,\n")
    assert [each.column.name for each in look.columns] == ["claims_day", "x"]
    assert look.unnamed == (1, 4)
    assert look.months == {"claims_day": {date(2024, 1, 1): 1, date(2024, 2, 1): 1}}
    assert look.columns[1].whole_as_decimals


def test_a_decimal_keeps_its_scale_and_has_room(tmp_path: Path) -> None:
    column = one_column(tmp_path, ["1.5", "20.125"]).columns[1].column
    assert (column.precision, column.scale) == (18, 3)


@pytest.mark.parametrize(
    ("values", "comma"),
    [
        (["1,5", "20"], True),
        (["1.234,50", "-0,05"], True),
        (["1,5", "x"], False),
        (["1,23456"], False),  # money has four decimals; more would be rounded
        (["1.234", "5,5"], True),
    ],
)
def test_a_decimal_comma_stays_text_and_is_known(
    tmp_path: Path, values: list[str], comma: bool
) -> None:
    found = one_column(tmp_path, values).columns[1]
    assert (found.column.kind, found.decimal_comma) == ("string", comma)


def test_exponents_are_refused_unless_they_are_text(tmp_path: Path) -> None:
    values = ["1487580005134238553", "1.48758E+18"]
    with pytest.raises(UnfitColumn, match=r"exponents, such as 1\.48758E\+18"):
        one_column(tmp_path, values)
    assert one_column(tmp_path, values, Choices(text=("x",))).columns[1].column.kind == "string"


def test_a_date_that_could_be_two_is_asked_for(tmp_path: Path) -> None:
    values = ["03/04/2024", "05/06/2024"]
    with pytest.raises(UnfitColumn, match="whether the day or the month comes first"):
        one_column(tmp_path, values)
    for day_first, form in ((True, "%d/%m/%Y"), (False, "%m/%d/%Y")):
        column = one_column(tmp_path, values, Choices(day_first=day_first)).columns[1].column
        assert column.source_format == form
    column = one_column(tmp_path, [*values, "03/14/2024"]).columns[1].column
    assert column.source_format == "%m/%d/%Y"


def test_a_clock_has_a_zone_and_a_day_has_none(tmp_path: Path) -> None:
    text = "day;sold_at;utc\n2024-07-01;2024-07-01 00:30;2024-07-01 00:30:00 UTC\n"
    day, at, utc = looked(tmp_path, text, Choices(time_zone="Europe/Berlin")).columns
    zones = [each.column.source_time_zone for each in (day, at, utc)]
    assert zones == ["UTC", "Europe/Berlin", "UTC"]


def test_months_are_counted_in_utc(tmp_path: Path) -> None:
    text = "sold_at;x\n2024-07-01 00:30;a\n2024-07-02 00:30;b\n"
    look = looked(tmp_path, text, Choices(time_zone="Europe/Berlin"))
    assert look.months == {"sold_at": {date(2024, 6, 1): 1, date(2024, 7, 1): 1}}
    assert look.span("sold_at") == (date(2024, 6, 1), date(2024, 7, 1))


def test_a_wrong_time_does_not_make_decades_of_months(tmp_path: Path) -> None:
    look = looked(tmp_path, "sold_at;x\n1970-01-01;a\n2024-07-02;b\n")
    with pytest.raises(NoMonths, match="from 1970-01 to 2024-07"):
        look.span("sold_at")


def test_a_few_wrong_times_leave_a_column_of_times(tmp_path: Path) -> None:
    rows = ["2024-01-05"] * 199 + ["unknown"]
    found = one_column(tmp_path, rows).columns[1]
    assert (found.column.kind, found.misfits) == ("timestamp", 1)


def test_an_unknown_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnfitColumn, match="no column 'y' — what to do: name one of day, x"):
        one_column(tmp_path, ["1"], Choices(optional=("y",)))


def test_names_are_those_that_sql_takes() -> None:
    header = ["Größe (cm)", "orderID", "date", "2nd", "€", "order-id", "all rows", "class"]
    assert column_names(header, "claims") == [
        "groesse_cm",
        "order_id",
        "claims_date",
        "claims_2nd",
        "claims_column",
        "order_id_2",
        "claims_all_rows",
        "claims_class",
    ]
    words = ["% off", "Off", "Yes", "No", "null", "1e3", "on", "Select", "N", "~", "日本", "x" * 99]
    words += ["discount %", "Off!", "OFF "]
    assert column_names(words, "claims") == [
        "percent_off",
        *(f"claims_{each}" for each in ("off", "yes", "no", "null", "1e3", "on", "select", "n")),
        "claims_column",
        "claims_column_2",
        "x" * 40,
        "discount_percent",
        "claims_off_2",
        "claims_off_3",
    ]


@pytest.mark.parametrize("name", ["Returns", "my_shop", "a", "ops", "class", "select", "9shop", ""])
def test_names_that_are_no_domain(name: str) -> None:
    with pytest.raises(UnfitName):
        check_domain(name)


@pytest.mark.parametrize("name", ["Claims", "a", "order", "x_quarantine", "claims_", "x" * 25])
def test_names_that_are_no_table(name: str) -> None:
    with pytest.raises(UnfitName):
        check_table(name)
