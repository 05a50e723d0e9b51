"""Rows of a file of all months that lie in none are counted; only declared ones are expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecommerce_assets.cli.app import app
from ecommerce_assets.defs.loading.checks import check_undated
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.lake.undated import Undated, undated_of, undated_rows
from ecommerce_assets.planning.standing import standing_of
from ecommerce_assets.settings import load_settings
from ecommerce_assets_tests.support.builders import EVENTS, csv, lake_at, line, lines, load
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICES,
    MAY,
    PURCHASES,
    SENTINEL,
    electronics_file,
    load_part,
    purchase,
)

GOOD = [purchase(number) for number in range(40)]
DECLARED = [purchase(number, event_time=SENTINEL) for number in range(3)]
#: One row whose line cannot be read, one whose time cannot, one without a time; two outside.
UNREADABLE = ["half a line", purchase(1, event_time="24.04.2020"), purchase(2, event_time="")]
OUTSIDE = [purchase(3, event_time=f"{year}-12-31 23:59:59 UTC") for year in (2019, 2020)]
WORDS = (
    "8 rows of kz.csv have no month (3 cannot be read, 2 lie outside the months of "
    "ECOMMERCE_ELECTRONICS_MONTHS, 3 have a time that the contract declares as not known): "
    "ecommerce quarantine show electronics undated"
)


def test_every_row_without_a_month_is_counted_by_its_kind(tmp_path: Path) -> None:
    body = [*GOOD, *DECLARED, *UNREADABLE, *OUTSIDE]
    load_part(tmp_path, electronics_file(body), APRIL, PURCHASES)
    found = undated_rows(lake_at(tmp_path), PURCHASES)
    assert found == Undated("electronics.purchases", "kz.csv", known=3, outside=2, unreadable=3)
    assert (found.unknown, found.total) == (5, 8)
    assert found.words == WORDS


def test_a_declared_time_stays_known_whatever_else_is_wrong_with_its_row(tmp_path: Path) -> None:
    body = [*GOOD, purchase(1, event_time=SENTINEL, price="1.234")]
    load_part(tmp_path, electronics_file(body), APRIL, PURCHASES)
    found = undated_rows(lake_at(tmp_path), PURCHASES)
    assert (found.known, found.unknown) == (1, 0)


def test_the_next_file_counts_alone(tmp_path: Path) -> None:
    load_part(tmp_path, electronics_file([*GOOD, *UNREADABLE]), APRIL, PURCHASES)
    load_part(tmp_path, electronics_file([*GOOD, *DECLARED]), MAY, PURCHASES)
    found = undated_rows(lake_at(tmp_path), PURCHASES)
    assert (found.known, found.unknown) == (3, 0)


def test_nothing_loaded_and_files_of_one_month_have_none(tmp_path: Path) -> None:
    load(tmp_path, csv([*lines(40), line(40, event_time="yesterday")]))
    assert undated_of(lake_at(tmp_path), [EVENTS, PURCHASES, INVOICES]) == []


@pytest.mark.parametrize(("extra", "passed"), [(DECLARED, True), (UNREADABLE, False)])
def test_the_check_fails_for_rows_that_nobody_declared(
    tmp_path: Path, extra: list[str], passed: bool
) -> None:
    load_part(tmp_path, electronics_file([*GOOD, *extra]), APRIL, PURCHASES)
    check = check_undated(PURCHASES, undated_rows(lake_at(tmp_path), PURCHASES))
    assert check.passed == passed and "3 rows of kz.csv have no month" in str(check.description)
    assert sum(int(value.value) for value in check.metadata.values()) == 3  # type: ignore[call-overload]


@pytest.mark.parametrize(("extra", "complete"), [(DECLARED, True), (OUTSIDE, False)])
def test_commands_say_them_and_learn_whether_that_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: list[str], complete: bool
) -> None:
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    load_part(tmp_path, electronics_file([*GOOD, *extra]), APRIL, PURCHASES)
    standing = standing_of(load_settings(), lake_at(tmp_path), DOMAINS["electronics"], [])
    assert standing.notes[0].startswith(f"{len(extra)} rows of kz.csv have no month")
    told = (ExitCode.INCOMPLETE, f"electronics: {len(extra)} rows without a month")
    assert (told in standing.problems()) == (not complete)


def test_status_is_incomplete_while_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    load_part(tmp_path, electronics_file([*GOOD, *OUTSIDE]), APRIL, PURCHASES)
    assert CliRunner().invoke(app, ["status", "electronics"]).exit_code == ExitCode.INCOMPLETE
