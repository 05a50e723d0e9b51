"""A contract says how its file is spelled, what it holds, and what its times mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.contracts.dialect import SEPARATOR, Dialect
from ecommerce_assets_tests.support.builders import EVENTS
from ecommerce_assets_tests.support.shared_files import (
    INVOICES,
    PURCHASES,
    SENTINEL,
    changed_invoices,
)


def test_the_electronics_store_has_one_plain_file_of_all_months() -> None:
    assert PURCHASES.shared_file and PURCHASES.dialect.is_plain
    assert (PURCHASES.delimiter, PURCHASES.closed_weekdays) == (",", ())
    time = next(each for each in PURCHASES.columns if each.name == "event_time")
    assert time.sentinels == (SENTINEL,) and time.source_time_zone == "UTC"
    assert [each.source_name for each in PURCHASES.columns] == PURCHASES.column_names


def test_the_archive_of_invoices_is_quoted_in_windows_1252_on_the_shops_clock() -> None:
    assert INVOICES.shared_file and INVOICES.closed_weekdays == (6,)
    assert INVOICES.dialect == Dialect("windows-1252", ",", '"')
    assert INVOICES.delimiter == SEPARATOR
    assert INVOICES.columns[0].source_name == "InvoiceNo"
    time = next(each for each in INVOICES.columns if each.name == "invoice_date")
    assert (time.source_time_zone, time.source_format) == ("Europe/London", "%-m/%-d/%Y %-H:%M")


def test_what_a_contract_does_not_say_is_a_plain_file_a_month() -> None:
    assert not EVENTS.shared_file and EVENTS.dialect == Dialect() and EVENTS.closed_weekdays == ()
    assert {each.source_time_zone for each in EVENTS.columns} == {"UTC"}
    assert {each.sentinels for each in EVENTS.columns} == {()}


def test_only_the_file_at_an_address_and_the_archive_are_shared() -> None:
    shared = {
        name: load_contract("retail", name).shared_file
        for name in ("invoices_archive", "invoices_url", "invoices_postgres")
    }
    assert shared == {
        "invoices_archive": True,
        "invoices_url": True,
        "invoices_postgres": False,
    }


def test_one_contract_of_several_servers_is_that_of_several_tables() -> None:
    archive, url, postgres = (
        load_contract("retail", f"invoices_{name}") for name in ("archive", "url", "postgres")
    )
    assert {each.path for each in (archive, url, postgres)} == {
        "domains/retail/contracts/invoices.odcs.yaml"
    }
    assert archive.column_names == url.column_names == postgres.column_names
    assert replace(url, table=archive.table, fingerprint=archive.fingerprint) == archive
    time = next(each for each in postgres.columns if each.name == "invoice_date")
    assert (time.source_format, postgres.dialect.encoding) == ("%Y-%m-%d %H:%M:%S", "utf-8")
    with pytest.raises(ValueError, match="needs the server ftp and a schema named invoices"):
        load_contract("retail", "invoices_ftp")
    with pytest.raises(FileNotFoundError):
        load_contract("retail", "orders")


def test_the_invoices_go_on_under_the_fingerprints_that_lakes_know() -> None:
    """They stand in the files of lakes that versions with a contract a source have written."""
    known = {
        name: load_contract("retail", f"invoices_{name}").fingerprint[:12]
        for name in ("archive", "url", "postgres")
    }
    assert known == {
        "archive": "30a5763142eb",
        "url": "1fa5ed942b2d",
        "postgres": "f5e37d185ee7",
    }


def test_a_change_of_one_server_is_no_change_of_the_others(tmp_path: Path) -> None:
    def changed(folder: str, *change: str) -> list[TableContract]:
        own = tmp_path / folder
        changed_invoices(own, (change[0], change[-1]))
        names = ("archive", "postgres")
        return [load_contract("retail", f"invoices_{n}", own / "contracts") for n in names]

    text = "A table of the shop's PostgreSQL database; its types are kept."
    before, after = changed("before", text), changed("after", text, "Another text.")
    assert after[0].fingerprint == before[0].fingerprint
    assert after[1].fingerprint != before[1].fingerprint
    with pytest.raises(ValueError, match="sourceFormats names columns that are not declared"):
        changed("wrong", "sourceFormats, value: {invoice_date:", "sourceFormats, value: {date:")


def test_any_change_of_the_file_is_another_fingerprint(tmp_path: Path) -> None:
    changed = changed_invoices(
        tmp_path, ("closedWeekdays, value: [6]", "closedWeekdays, value: []")
    )
    assert changed.closed_weekdays == ()
    assert changed.fingerprint != INVOICES.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fileHolds, value: all months", "fileHolds, value: everything", "fileHolds is `one month"),
        (
            "encoding, value: windows-1252",
            "encoding, value: windows-1525",
            "the encoding windows-1525 is unknown",
        ),
        (
            "encoding, value: windows-1252",
            "encoding, value: utf-16",
            "the encoding utf-16 is unknown",
        ),
        ("quote, value: '\"'", "quote, value: '\"\"'", "quote are one character each"),
        ('nullValue, value: ""', "nullValue, value: NA", "empty null value"),
        ("closedWeekdays, value: [6]", "closedWeekdays, value: [0]", "closedWeekdays are 1 to 7"),
        (
            "sourceTimeZone, value: Europe/London",
            "sourceTimeZone, value: Europe/Londn",
            "unknown time zone Europe/Londn",
        ),
        ("sourceFormat, value", "sourceformat, value", "needs a sourceFormat"),
    ],
)
def test_what_it_cannot_mean_is_refused_when_it_is_read(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(ValueError, match=r"invoices\.odcs\.yaml: ") as caught:
        changed_invoices(tmp_path, (old, new))
    assert words in str(caught.value)
