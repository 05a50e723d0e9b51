"""The page of operations shows what the ledger, the quarantine and the truths hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import COMMAND, Ledger
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
#: The ledger as a table, which a test may change.
LEDGER_TABLE = (
    "create table ops.kept as from ops.load_ledger",
    "drop table ops.load_ledger",
    "alter table ops.kept rename to load_ledger",
)


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
    (row,) = table_with(page, "what to do").to_dict("records")
    assert (row["data set"], row["step"]) == ("electronics.purchases", "raw")
    assert row["month"] == f"{FAILED:%Y-%m}"
    assert row["what happened"] == FAILURE.message
    assert row["what to do"] == FAILURE.cure
    newest = {(each.dataset, each.step, each.month): each.status for each in ledger.rows()
              if each.step != COMMAND}  # fmt: skip
    ended = Counter(newest.values())
    assert cards(page)["Done"] == f"{ended['loaded'] + ended['unchanged']}"
    assert cards(page)["Failed"] == f"{ended['failed']}" == "1"
    # The ledger itself knows whether the process is gone; the page may be on another machine.
    assert cards(page)["Running"] == f"{ended['running'] + ended['interrupted']}" == "1"


def test_without_failures_the_page_says_so(opened: Opened, altered: Callable[..., Path]) -> None:
    folder = altered(*LEDGER_TABLE, "delete from ops.load_ledger where status = 'failed'")
    page = opened("operations", folder)
    assert not page.exception
    assert "Nothing failed that was not made good since" in said(page)
    assert not [each for each in tables(page) if "what to do" in each.columns]


def test_the_grid_shows_the_newest_attempt_of_the_chosen_data_set(opened: Opened) -> None:
    page = opened("operations")
    (grid,) = drawn(page)
    cells = {(row.month, row.step): row.status for row in grid.itertuples()}
    wanted = {(f"{month:%Y-%m}", step): "loaded" for month in MONTHS["cosmetics.events"]
              for step in ("lake", "raw", "models")}  # fmt: skip
    assert cells == wanted | {(f"{KILLED:%Y-%m}", "lake"): "running"}
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
    loaded = {f"{month:%Y-%m}": row for month, row in newest.items() if row.status == "loaded"}
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
    assert "Its quarantine comes with its first month in the warehouse" in said(page)


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


def test_a_warehouse_that_charges_nothing_has_no_price(
    opened: Opened, altered: Callable[..., Path]
) -> None:
    free = "update ops.load_ledger set usd = null, bytes_billed = null"
    page = opened("operations", altered(*LEDGER_TABLE, free))
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
    assert "1 / 2 figures = 50.0% match; 1 more" in said(page)


def test_a_ledger_without_rows_says_which_command_fills_it(
    opened: Opened, altered: Callable[..., Path]
) -> None:
    page = opened("operations", altered(*LEDGER_TABLE, "delete from ops.load_ledger"))
    assert not page.exception
    assert "ecommerce backfill DOMAIN" in said(page)
    assert not page.metric
    assert not drawn(page)
