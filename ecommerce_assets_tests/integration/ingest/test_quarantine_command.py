"""`ecommerce quarantine show` for months of a shared file, and for the rows without a month."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecommerce_assets.cli.app import app
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.text.console import console
from ecommerce_assets_tests.support.shared_files import (
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
    """The rows between the heading and the notes: columns stand two blanks apart."""
    return [re.split(r" {2,}", line.strip()) for line in lines[2:] if "  " in line]


def test_rows_without_a_month_are_shown_with_line_reason_and_text(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "undated", "--limit", "100")
    assert code == 0
    assert lines[0] == "electronics.purchases, undated: 31 of 31 rows"
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
    at = lines[1].index("row")
    parts = [line[at:] for line in lines[2:]]
    assert len(parts) > 1 and max(map(len, lines)) <= 80
    assert "".join(parts) == purchase(1, price="1.234").replace(" UTC", "UTC")


def test_the_number_of_shown_rows_is_limited(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "undated", "--limit", "3")
    assert code == 0 and len(cells(lines)) == 3
    assert "3 of 31 rows" in lines[0] and "--limit 31 shows all." in lines


def test_rows_of_one_reason_are_shown_with_how_many_more_there_are(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run("show", "electronics", "undated", "--reason", "missing_columns")
    assert code == 0 and [row for _, _, row in cells(lines)] == ["half [/a] line"]
    assert "30 more rows of the month have other reasons." in lines


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "electronics", "undated", "--reason", "nope"], "one of: missing_columns"),
        (["show", "electronic", "undated"], "cosmetics, electronics, retail"),
        (["show", "electronics", "2020-13"], "write it as 2019-10"),
        (["list", "nope"], "cosmetics, electronics, retail"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_are_known(
    arguments: list[str], words: str, home: Path
) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    code, lines = run(*arguments)
    assert code == ExitCode.USAGE and words in lines[1]


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_no_rows_at_all_cannot_be_asked_for(limit: str, home: Path) -> None:
    assert run("show", "electronics", "undated", "--limit", limit)[0] == ExitCode.USAGE


def test_the_rows_are_there_for_programs_as_they_came(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    done = CliRunner().invoke(
        app, ["quarantine", "show", "electronics", "undated", "--limit", "2", "--json"]
    )
    (found,) = json.loads(done.stdout)["tables"]
    assert (found["rows_of_the_month"], found["rows_found"]) == (31, 31)
    assert [row["raw_line"] for row in found["rows"]] == UNKNOWN[:2]
    listed = json.loads(CliRunner().invoke(app, ["quarantine", "list", "--json"]).stdout)
    counts = {each["dataset"]: each["rows"] for each in listed["tables"]}
    assert counts["electronics.purchases"] == 32 and sum(counts.values()) == 32


def test_after_another_file_the_rows_are_the_new_ones(home: Path) -> None:
    load_part(home, electronics_file(BODY), APRIL, PURCHASES)
    load_part(home, electronics_file([purchase(0), "other"]), MAY, PURCHASES)
    code, lines = run("show", "electronics", "undated")
    assert code == 0 and [row for _, _, row in cells(lines)] == ["other"]


def test_nothing_loaded_is_said_with_the_command_that_helps(home: Path) -> None:
    for month in ("undated", "2020-04"):
        code, lines = run("show", "electronics", month)
        assert code == 1
        assert f"{month} is not loaded" in lines[0] and "ecommerce status electronics" in lines[1]


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
    assert run("list", "electronics") == (
        0,
        ["No row is in quarantine of electronics.purchases."],
    )
