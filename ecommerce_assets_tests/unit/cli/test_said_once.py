"""What concerns many months is said once, with the months."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest

from ecommerce_assets.cli.terminal import console, say_failures, say_latest
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.months import in_words, months_between, said_once
from ecommerce_assets.running.outcomes import LoadFailure

YEAR = months_between(date(2010, 12, 1), date(2011, 12, 1))
WHY = "data.csv is not a data file: it is a web page — what to do: fetch it again"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    before, console.file = console.file, io.StringIO()
    monkeypatch.setattr(console, "width", 300)
    yield console.file
    console.file = before


def row(month: date, reason: str, status: str = "failed", step: str = "files") -> LedgerRow:
    made = LedgerRow("a", "retail.invoices_archive", step, f"{month}", "failed", "then")
    made.reason, made.status = reason, status  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (YEAR, "2010-12 to 2011-12"),
        (YEAR[:1], "2010-12"),
        ([YEAR[4], YEAR[0], YEAR[1]], "2010-12 to 2011-01, 2011-04"),
        ([], ""),
    ],
)
def test_months_in_words(months: list[date], words: str) -> None:
    assert in_words(months) == words


def test_months_of_one_reason_are_one_thing_to_say() -> None:
    other = {YEAR[3]: "another"}
    assert said_once(dict.fromkeys(YEAR, WHY)) == [("2010-12 to 2011-12", WHY)]
    assert said_once(dict.fromkeys(YEAR, WHY) | other) == [
        ("2010-12 to 2011-02, 2011-04 to 2011-12", WHY),
        ("2011-03", "another"),
    ]


def test_a_file_of_all_months_fails_once_on_the_terminal(printed: io.StringIO) -> None:
    failures = [LoadFailure("retail.invoices_archive", month, WHY) for month in YEAR]
    plan = SimpleNamespace(domain=DOMAINS["retail"])
    say_failures(
        SimpleNamespace(plan=plan, failures=failures, models_failure=None, plan_failure=None)
    )
    assert printed.getvalue().splitlines() == [
        f"retail.invoices_archive, 2010-12 to 2011-12 failed: {WHY}"
    ]


def test_the_newest_failures_are_said_once_for_each_reason(printed: io.StringIO) -> None:
    rows = [row(month, WHY) for month in YEAR] + [row(YEAR[2], "", "interrupted", "raw")]
    say_latest(rows)
    assert printed.getvalue().splitlines() == [
        f"retail.invoices_archive 2010-12 to 2011-12, files: failed {WHY}",
        "retail.invoices_archive 2011-02, raw: interrupted ",
    ]
