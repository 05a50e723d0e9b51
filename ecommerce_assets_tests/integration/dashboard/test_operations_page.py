"""The page of operations shows what the ledger, the quarantine and the truths hold."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import COMMAND, FOLDER, Ledger
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.integration.dashboard.operations import (
    FAILED,
    FAILURE,
    KILLED,
    MENDED,
    MONTHS,
)
from ecommerce_assets_tests.integration.dashboard.pages import cards, drawn, said, tables

QUARANTINE = "electronics_raw.purchases_quarantine"
Opened = Callable[..., AppTest]
Rows = Callable[..., list[tuple[Any, ...]]]
Relived = Callable[..., Path]


@pytest.fixture(scope="module")
def ledger(home: Path) -> Ledger:
    """The ledger of the lake itself; the second way to each figure."""
    return Ledger(Lake((home / "lake").as_uri(), home / "scratch"))


def table_with(page: AppTest, column: str) -> Any:
    """The one table of the page that has a column."""
    (found,) = [each for each in tables(page) if column in each.columns]
    return found


def test_failures_have_their_message_and_their_cure(opened: Opened, ledger: Ledger) -> None:
    page = opened("operations")
    found = table_with(page, "what to do").to_dict("records")
    (row,) = [each for each in found if each["what happened"] == FAILURE.message]
    assert (row["data set"], row["step"]) == ("electronics.purchases", "raw")
    assert row["month"] == f"{FAILED:%Y-%m}"
    assert row["what happened"] == FAILURE.message
    assert row["what to do"] == FAILURE.cure
    newest = {(each.dataset, each.step, each.month): each.status for each in ledger.rows()
              if each.step != COMMAND}  # fmt: skip
    ended = Counter(newest.values())
    assert cards(page)["Done"] == f"{ended['loaded'] + ended['unchanged']}"
    assert (ended["failed"], ended["running"] + ended["interrupted"]) == (1, 1)
    assert cards(page)["Failed"] == f"{ended['failed'] + ended['interrupted']}"
    assert cards(page)["Running"] == f"{ended['running']}"


def test_without_failures_the_page_says_so(opened: Opened, relived: Relived) -> None:
    page = opened("operations", relived(lambda row: row if row["status"] == "loaded" else None))
    assert not page.exception
    assert "Nothing failed that was not made good since" in said(page)
    assert not [each for each in tables(page) if "what to do" in each.columns]


def test_the_grid_shows_the_newest_attempt_of_the_chosen_data_set(opened: Opened) -> None:
    page = opened("operations")
    (grid,) = drawn(page)
    cells = {(row.month, row.step): row.status for row in grid.itertuples()}
    wanted = {(f"{month:%Y-%m}", step): "loaded" for month in MONTHS["cosmetics.events"]
              for step in ("lake", "raw", "models")}  # fmt: skip
    assert cells.pop((f"{KILLED:%Y-%m}", "lake")) in ("running", "interrupted")
    assert cells == wanted
    assert cells[f"{MENDED:%Y-%m}", "lake"] == "loaded"
    page.selectbox(key="dataset").set_value("electronics.purchases").run()
    assert not page.exception
    (grid,) = drawn(page)
    assert {row.status for row in grid.itertuples() if row.month == f"{FAILED:%Y-%m}"} == {"failed"}


@pytest.mark.parametrize("dataset", MONTHS)
def test_rows_received_went_somewhere(opened: Opened, ledger: Ledger, dataset: str) -> None:
    page = opened("operations")
    page.selectbox(key="dataset").set_value(dataset).run()
    shown = table_with(page, "received").set_index("month")
    newest = ledger.latest(dataset, "lake")
    loaded = {key.words: row for key, row in newest.items() if row.status == "loaded"}
    assert len(loaded) == len(MONTHS[dataset])
    for heading, name in (
        ("received", "rows_received"),
        ("accepted", "rows_accepted"),
        ("quarantined", "rows_quarantined"),
        ("blank", "blank_lines"),
    ):
        assert shown[heading].to_dict() == {
            month: getattr(row, name) for month, row in loaded.items()
        }
    parts = shown["accepted"] + shown["quarantined"] + shown["blank"]
    assert (shown["received"] == parts).all()


def test_bad_rows_are_counted_by_their_reasons(opened: Opened, rows: Rows) -> None:
    page = opened("operations")
    page.selectbox(key="dataset").set_value("electronics.purchases").run()
    found = Counter(
        ("undated" if month.year == 1970 else f"{month:%Y-%m}", ", ".join(reasons))
        for month, reasons in rows(
            "select month, reasons from electronics_raw.purchases_quarantine"
        )
    )
    shown = table_with(page, "reasons")
    pairs = zip(shown["month"], shown["reasons"], strict=True)
    assert dict(zip(pairs, shown["rows"], strict=True)) == found
    assert {month for month, _ in found} == {"undated", "2020-01"}
    page.selectbox(key="dataset").set_value("cosmetics.events").run()
    assert "Nothing of it was loaded yet: `ecommerce backfill cosmetics`" in said(page)


def test_time_and_price_are_summed_by_step(opened: Opened, ledger: Ledger) -> None:
    page = opened("operations")
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in ledger.rows():
        if each.step != COMMAND and each.seconds is not None:
            taken[each.dataset, each.step].append(each.seconds)
    shown = table_with(page, "seconds in all")
    assert len(shown) == len(taken)
    for row in shown.to_dict("records"):
        seconds = taken[row["data set"], row["step"]]
        assert row["attempts"] == len(seconds)
        assert row["seconds in all"] == pytest.approx(sum(seconds))
        assert row["seconds each"] == pytest.approx(sum(seconds) / len(seconds))
        assert row["longest"] == pytest.approx(max(seconds))
    assert cards(page)["Price in US dollars"] == "0.25"
    (price,) = table_with(page, "US dollars").to_dict("records")
    assert (price["data set"], price["step"]) == ("retail.invoices_archive", "models")
    assert price["bytes billed"] == 2 * 10**8


def test_a_warehouse_that_charges_nothing_has_no_price(opened: Opened, relived: Relived) -> None:
    page = opened("operations", relived(lambda row: row | {"usd": None, "bytes_billed": None}))
    assert "charged nothing" in said(page)
    assert "Price in US dollars" not in cards(page)


@pytest.mark.parametrize(
    ("verdict", "ours"), [("matches", [7]), ("differs", [8]), ("not applicable", [None])]
)
def test_truths_are_filtered_by_their_verdict(
    opened: Opened, verdict: str, ours: list[float | None]
) -> None:
    page = opened("operations")
    assert len(table_with(page, "verdict")) == 3
    page.radio(key="verdict").set_value(verdict).run()
    table = table_with(page, "verdict")
    assert list(table["verdict"]) == [verdict]
    assert list(table["theirs"]) == [7]
    assert [None if value != value else value for value in table["ours"]] == ours
    assert "1 / 2 figures = 50.0% match, 1 differs; 1 more" in said(page)


def test_a_ledger_without_rows_says_which_command_fills_it(
    opened: Opened, relived: Relived
) -> None:
    page = opened("operations", relived(lambda row: None))
    assert not page.exception
    assert "ecommerce backfill DOMAIN" in said(page)
    assert not page.metric
    assert not drawn(page)


def test_the_page_is_of_now_and_not_of_the_copy(opened: Opened, relived: Relived) -> None:
    """What fails, and what lands in quarantine, after the copy was made is there at once."""
    folder = relived(lambda row: row if row["status"] == "loaded" else None)
    lake = Lake((folder / "lake").as_uri(), folder / "scratch")
    contract = load_contract("cosmetics", "events")
    before = opened("operations", folder)
    assert cards(before)["Failed"] == "0"

    ledger, month = Ledger(lake), MONTHS["cosmetics.events"][0]
    ledger.finish(ledger.begin("cosmetics.events", "lake", Month(month)), "failed", str(FAILURE))
    bad: dict[str, list[Any]] = {name: [name] * 5 for name in ("raw_line", "file_name", "run_id")}
    bad |= {"source_sha256": [""] * 5, "line": [*range(5)], "accepted_before": [0] * 5}
    with lake.staging() as staged:
        batches = iter([bad | {"reasons": [["not_a_decimal:price"]] * 5}])
        Quarantine(Slice(lake, contract, Month(month))).publish("new", batches, staged)
    st.cache_data.clear()  # as if some seconds had passed

    page = opened("operations", folder)
    page.selectbox(key="dataset").set_value("cosmetics.events").run()
    assert cards(page)["Failed"] == "1"
    (row,) = table_with(page, "what to do").to_dict("records")
    assert (row["month"], row["what to do"]) == (f"{month:%Y-%m}", FAILURE.cure)
    (quarantined,) = table_with(page, "reasons").to_dict("records")
    assert (quarantined["month"], quarantined["rows"]) == (f"{month:%Y-%m}", 5)
    assert re.search(r"As of 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", said(page))


def test_the_page_needs_neither_the_warehouse_nor_the_copy(
    opened: Opened, relived: Relived
) -> None:
    folder = relived(lambda row: row)
    (folder / "published.duckdb").unlink()
    page = opened("operations", folder)
    assert not page.exception and not page.error
    assert table_with(page, "seconds in all") is not None


def test_what_is_no_row_of_the_ledger_is_said(opened: Opened, relived: Relived) -> None:
    folder = relived(lambda row: row)
    broken = next((folder / "lake" / FOLDER / "cosmetics.events").rglob("*.json"))
    broken.write_text("half a r")
    page = opened("operations", folder)
    assert "Not in the ledger below" in said(page) and broken.name in said(page)


def moment(copy: Path) -> datetime:
    """When a copy was made, as it says itself; its file's time says another moment."""
    os.utime(copy, (1_600_000_000, 1_600_000_000))
    with duckdb.connect(str(copy), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        ((made,),) = db.execute("select published_at from ops.published_copy").fetchall()
    return made


def test_other_pages_say_of_when_their_figures_are_and_what_changed_since(
    opened: Opened, relived: Relived
) -> None:
    folder = relived(lambda row: row if row["status"] == "loaded" else None)
    made = moment(folder / "published.duckdb")
    page = opened("electronics_sales", folder)
    assert f"Figures of the published copy, made at {made:%Y-%m-%d %H:%M} UTC" in said(page)
    assert not page.warning

    ledger, (first, second, _) = (
        Ledger(Lake((folder / "lake").as_uri(), folder / "scratch")),
        MONTHS["electronics.purchases"],
    )
    with ledger.attempt("electronics.purchases", "lake", Month(first)):
        pass
    ledger.finish(
        ledger.begin("electronics.purchases", "lake", Month(second)), "failed", str(FAILURE)
    )
    st.cache_data.clear()  # as if some seconds had passed

    newer, failed = (each.value for each in opened("electronics_sales", folder).warning)
    assert f"{first:%Y-%m} changed since the copy was made" in newer
    assert f"the newest attempt of {second:%Y-%m} failed" in failed
    assert not opened("retail_sales", folder).warning


def test_a_page_of_a_domain_that_the_copy_could_not_renew_says_why_and_of_when_it_is(
    opened: Opened, relived: Relived
) -> None:
    folder = relived(lambda row: None)
    copy = folder / "published.duckdb"
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as db:
        db.execute(
            "insert into ops.published_copy_domains "
            "values ('retail', '2020-05-05 05:05:00+00', 'its models failed')"
        )

    page = opened("retail_sales", folder)

    assert "Figures of the published copy, made at 2020-05-05 05:05 UTC" in said(page)
    (warning,) = [each.value for each in page.warning]
    assert "could not renew these figures: its models failed" in warning
    assert not opened("electronics_sales", folder).warning


def test_a_copy_of_an_earlier_version_is_not_dated(opened: Opened, relived: Relived) -> None:
    folder = relived(lambda row: None)
    copy = folder / "published.duckdb"
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as db:
        db.execute("drop table ops.published_copy; drop table ops.published_copy_domains")
    assert "it does not say when" in said(opened("retail_sales", folder))
