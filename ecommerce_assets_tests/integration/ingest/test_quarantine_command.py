"""`ecommerce quarantine show` for months of a shared file, and for the rows without a month."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecommerce_assets.cli import app
from ecommerce_assets.terminal import console
from ecommerce_assets_tests.shared_files import (
    APRIL,
    MAY,
    PURCHASES,
    SENTINEL,
    electronics_file,
    load_part,
    purchase,
)

UNKNOWN = [purchase(n, event_time=SENTINEL) for n in range(30)]
BODY = [*(purchase(n) for n in range(40)), *UNKNOWN, purchase(1, price="1.234"), "half [/a] line"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    monkeypatch.setattr(console, "width", 300)
    return tmp_path


def run(*arguments: str) -> tuple[int, list[str]]:
    """Exit code and printed lines of a command."""
    before, console.file = console.file, io.StringIO()
    try:
        done = CliRunner().invoke(app, ["quarantine", *arguments])
        assert isinstance(console.file, io.StringIO)
        return done.exit_code, console.file.getvalue().splitlines()
    finally:
        console.file = before


def cells(lines: list[str]) -> list[list[str]]:
    return [[c.strip() for c in line.split("│")[1:-1]] for line in lines if line.startswith("│")]


def test_rows_without_a_month_are_shown_with_line_reason_and_text(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "undated", "--limit", "100")
    assert code == 0
    assert "31 rows of electronics.purchases, undated" in lines[0]
    shown = cells(lines)
    assert [int(line) for line, _, _ in shown] == [*range(42, 72), 73]
    assert {reason for _, reason, _ in shown[:-1]} == {"sentinel_timestamp:event_time"}
    assert [row for _, _, row in shown] == [*UNKNOWN, "half [/a] line"]


def test_a_month_shows_its_own_rows_alone(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "2020-04")
    assert code == 0
    assert cells(lines) == [["72", "not_a_decimal:price", purchase(1, price="1.234")]]


def test_a_narrow_terminal_folds_a_row_and_cuts_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "width", 80)
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    _, lines = run("show", "electronics", "2020-04")
    parts = [row for _, _, row in cells(lines)]
    assert len(parts) > 1 and "".join(parts) == purchase(1, price="1.234").replace(" UTC", "UTC")


def test_the_number_of_shown_rows_is_limited(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "undated", "--limit", "3")
    assert code == 0 and len(cells(lines)) == 3


def test_after_another_file_the_rows_are_the_new_ones(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    load_part(home, electronics_file([purchase(0), "other"]), MAY, PURCHASES)
    code, lines = run("show", "electronics", "undated")
    assert code == 0 and [row for _, _, row in cells(lines)] == ["other"]


def test_nothing_loaded_is_said_with_the_command_that_helps(home: Path) -> None:
    for month in ("undated", "2020-04"):
        code, lines = run("show", "electronics", month)
        assert code == 1
        assert f"{month} is not loaded" in lines[0] and "ecommerce status electronics" in lines[0]


def test_the_list_counts_what_lies_in_quarantine(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("list", "electronics")
    assert code == 0
    assert cells(lines) == [
        ["2020-04", "not_a_decimal:price", "1"],
        ["undated", "missing_columns", "1"],
        ["undated", "sentinel_timestamp:event_time", "30"],
    ]


def test_an_empty_quarantine_is_said_in_words(home: Path) -> None:
    load_part(home, electronics_file([purchase(0)]), APRIL, PURCHASES)
    assert run("list", "electronics") == (0, ["No row is in quarantine."])
