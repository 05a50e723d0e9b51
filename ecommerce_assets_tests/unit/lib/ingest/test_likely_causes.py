"""A refused column is explained by one of its values, the form wanted and the likely cause."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.likely_causes import in_words, likely_cause, likely_causes
from ecommerce_assets.lib.ingest.readers.delimited import DelimitedRows
from ecommerce_assets.lib.ingest.text import open_text
from ecommerce_assets.lib.lake.quarantine import BadRows
from ecommerce_assets_tests.support.builders import EVENTS, csv, line
from ecommerce_assets_tests.support.shared_files import INVOICES

ISO = "ISO 8601 times, a T between date and time"
#: A value, the form in which the contract of events wants it, the likely cause, and its cure.
TIMES = {
    "2019-10-01T00:00:00Z": (
        "'2019-10-01 00:00:00 UTC'",
        f"{ISO}, Z behind the time",
        "sourceFormat in domains/cosmetics/contracts/events.odcs.yaml to '%Y-%m-%dT%H:%M:%SZ'",
    ),
    "2019-10-01T12:30:05.120Z": ("'2019-10-01 12:30:05 UTC'", "fractions of seconds", "%S.%gZ'"),
    "2019-10-01 08:00:00+00:00": ("'2019-10-01 08:00:00 UTC'", "the offset +00:00", "%S+00:00'"),
    "2019-10-01T02:00:00+03:00": ("'2019-09-30 23:00:00 UTC'", "the offset +03:00", "write"),
    "2019-10-01 08:00:00": ("'2019-10-01 08:00:00 UTC'", "no time zone behind", "Europe/London"),
    "2019-10-01 08:00:00 MSK": ("UTC'", "the time zone MSK", "sourceFormat"),
    "31/10/2019 08:05:00": ("'2019-10-31 08:05:00 UTC'", "the day first", "'%d/%m/%Y %H:%M:%S'"),
    "10/31/2019 8:05:00 PM": ("'2019-10-31 20:05:00 UTC'", "a clock of twelve hours", "%p'"),
    "31.10.2019 08:05": ("'2019-10-31 08:05:00 UTC'", "dots in the date, no seconds", "%d.%m.%Y"),
    "31-Oct-2019 08:05:00": ("'2019-10-31 08:05:00 UTC'", "months as words", "%d-%b-%Y"),
    "2019-10-31": ("'2019-10-31 00:00:00 UTC'", "no time of day", "'%Y-%m-%d'"),
    "1572509105": ("'2019-10-31 08:05:05 UTC'", "seconds since 1970", "write event_time"),
    "1572509105000": ("'2019-10-31 08:05:05 UTC'", "milliseconds since 1970", "write event_time"),
    "43769.336863": ("'2019-10-31 08:05:05 UTC'", "days as a spreadsheet counts them", "write"),
    "2019-02-29 00:00:00 UTC": ("UTC'", "a day or a time that does not exist", "write"),
    " 2019-10-01 00:00:00 UTC": ("UTC'", "blanks around the value", "without blanks"),
    '"2019-10-01 00:00:00 UTC"': ("UTC'", "quotes around the value", "without quotes"),
    "NULL": ("UTC'", "a program's word for a value that is not known", "deliver event_time empty"),
    "soon": ("UTC'", "", "write event_time like that"),
}
INTEGERS = {
    "2.2681054266481713E+18": ("a spreadsheet or a notebook rounded", "fetch the original file"),
    "12.0": ("read the integers as floating-point numbers", "astype('Int64')"),
    "1515915625441993984.0": ("and rounded the large ones", "fetch the original file"),
    "1.234.567": ("separators of thousands", "without them"),
    "1 234": ("separators of thousands", "without them"),
    "1234.5": ("numbers with decimals", "declare product_id a decimal"),
    "007": ("leading zeros or a sign", "declare it a string"),
    "99999999999999999999": ("more digits than 64 bits hold", "a string"),
    "SKU-12": ("texts instead of numbers", "a string"),
    "None": ("a program's word for a value that is not known, None", "empty"),
}
DECIMALS = {
    "12;5": ("", "write price like that"),
    "12,50": ("a decimal comma", "with a point"),
    "1.234,50": ("a decimal comma", "without separators of thousands"),
    "1,234.50": ("separators of thousands", "without them"),
    "£12.50": ("a currency beside the number", "without it"),
    "12.50 EUR": ("a currency beside the number", "without it"),
    "12.345": ("3 decimals where the contract has 2", "round price"),
    "123456789": ("more than the contract's 7 digits before the point", "round price"),
    "1.25e3": ("scientific notation", "all its digits"),
    "12.5%": ("a percentage", "without the sign"),
    "(12.50)": ("a spreadsheet's form of negative numbers", "a minus in front"),
    ".5": ("a point without digits on both sides", "write price"),
    "nan": ("a program's word for a value that is not known, nan", "empty"),
}


def of(contract: TableContract, name: str, code: str, *values: str) -> tuple[str, str]:
    column = next(column for column in contract.columns if column.name == name)
    found = likely_cause(column, code, values, contract=contract)
    return str(found), found.cure


@pytest.mark.parametrize("value", TIMES)
def test_a_time_is_shown_with_the_form_wanted_and_its_cause(value: str) -> None:
    wanted, cause, cure = TIMES[value]
    said, advice = of(EVENTS, "event_time", "not_a_time:event_time", value)
    assert said.startswith(f"event_time is {value!r} where ")
    assert f"{wanted} is expected" in said
    assert cause in said and ("most likely cause" in said) == bool(cause)
    assert cure in advice


def test_the_form_is_the_one_that_most_values_have() -> None:
    _, advice = of(EVENTS, "event_time", "not_a_time", "1/2/2019 8:05", "31/12/2019 8:05")
    assert "'%-d/%-m/%Y %-H:%M'" in advice


def test_days_first_are_told_from_months_first_in_a_contract_of_months_first() -> None:
    said, advice = of(INVOICES, "invoice_date", "not_a_time", "28/2/2011 9:05")
    assert "InvoiceDate is '28/2/2011 9:05' where '2/28/2011 9:05' is expected" in said
    assert said.endswith("(most likely cause: the day first)")
    assert advice.endswith("to '%-d/%-m/%Y %-H:%M'"), "the zone stays the contract's"


def test_a_time_in_utc_says_what_its_clock_shows_in_the_contracts_zone() -> None:
    said, advice = of(INVOICES, "invoice_date", "not_a_time", "2011-06-01T08:00:00Z")
    assert "where '6/1/2011 9:00' is expected" in said
    assert advice.endswith("'%Y-%m-%dT%H:%M:%SZ' and its sourceTimeZone to UTC")


def test_a_time_that_the_clock_skips_is_no_other_form() -> None:
    said, advice = of(INVOICES, "invoice_date", "not_a_time", "3/27/2011 1:30")
    assert "a time that the clocks of Europe/London never show" in said
    assert "sourceTimeZone" in advice


@pytest.mark.parametrize(
    ("name", "code", "values"),
    [("product_id", "not_an_integer", INTEGERS), ("price", "not_a_decimal", DECIMALS)],
)
def test_a_number_is_shown_with_its_cause(
    name: str, code: str, values: dict[str, tuple[str, str]]
) -> None:
    for value, (cause, cure) in values.items():
        said, advice = of(EVENTS, name, code, value)
        assert said.startswith(f"{name} is {value!r} where ")
        assert cause in said and ("most likely cause" in said) == bool(cause), value
        assert cure in advice, value


def test_a_value_out_of_the_list_is_told_from_its_other_spelling() -> None:
    assert "other case" in of(EVENTS, "event_type", "not_allowed", "VIEW")[0]
    said, advice = of(EVENTS, "event_type", "not_allowed", "wishlist")
    assert "'wishlist' where one of view, cart, remove_from_cart, purchase is expected" in said
    assert "validValues" in advice


def test_a_value_cannot_reach_the_terminal_as_more_than_text() -> None:
    said, _ = of(EVENTS, "price", "not_a_decimal", "\x1b[31m" + "x" * 500)
    assert r"'\x1b[31mxxx" in said and "\x1b" not in said and len(said) < 250


def test_the_reasons_of_a_file_are_explained_from_its_lines(tmp_path: Path) -> None:
    iso = [line(n, event_time=f"2019-10-01T00:00:{n:02d}Z") for n in range(5)]
    dear = [line(n, price="12,5") for n in range(3)]  # one value more than the header has
    path = tmp_path / "2019-Oct.csv"
    path.write_bytes(csv([line(0), *iso, *dear]))
    bad = BadRows()
    bad.add(np.arange(3, 8), np.array(["not_a_time:event_time"] * 5, object))
    bad.add(np.arange(8, 11), np.array(["too_many_columns"] * 3, object))
    with open_text(path, tmp_path, max_bytes=10**6) as text:
        found = likely_causes(DelimitedRows(EVENTS, text, tmp_path), bad)
    said, cure = in_words(found)
    assert [each.rows for each in found] == [5, 3]
    assert "event_time is '2019-10-01T00:00:00Z' where '2019-10-01 00:00:00 UTC' is exp" in said
    assert "in 5 rows (most likely cause: ISO 8601 times" in said
    assert "a line of 9 values apart by ',', not 10 is expected in 3 rows" in said
    assert "decimal commas, or values that hold the separator" in said
    assert "sourceFormat" in cure and "write numbers with a point" in cure
