"""In whatever order months come, how often, and by however many processes: the same tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import EVENTS, MONTHS, Done, Shop, finish, month_text
from ecommerce_assets_tests.pipeline.tables import contents, differing, query


def load(shop: Shop, first: date, last: date, *options: str) -> None:
    span = ["--from", month_text(first), "--to", month_text(last)]
    shop.ok("backfill", "cosmetics", *span, *options)


@pytest.fixture(scope="module")
def reversed_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The months loaded one by one, the newest first."""
    shop = Shop(tmp_path_factory.mktemp("reverse") / "home")
    for month in reversed(MONTHS):
        load(shop, month, month)
    return shop


def test_the_reference_has_rows_in_every_table_but_the_quarantine(reference: Reference) -> None:
    empty = [name for name, content in reference.tables.items() if not content.rows]

    assert empty == ["cosmetics_raw.events_quarantine"]
    assert len(reference.tables) >= 15
    assert reference.tables["cosmetics_raw.events"].rows == EVENTS * len(MONTHS)


def test_the_copy_for_readers_has_the_tables_of_the_warehouse(reference: Reference) -> None:
    copy = contents(reference.shop.home / "published.duckdb")

    assert differing(copy, reference.tables) == {}


@pytest.mark.full  # the models alone are built in every order in integration/dbt
def test_months_in_reverse_one_by_one_give_the_same_tables(
    reversed_shop: Shop, reference: Reference
) -> None:
    assert differing(contents(reversed_shop.warehouse), reference.tables) == {}


@pytest.mark.full  # the models alone are built in every order in integration/dbt
def test_a_month_built_twice_changes_nothing(reversed_shop: Shop, reference: Reference) -> None:
    load(reversed_shop, MONTHS[1], MONTHS[1], "--force")

    assert differing(contents(reversed_shop.warehouse), reference.tables) == {}


@pytest.mark.full
def test_two_processes_at_once_give_the_same_tables(shop: Shop, reference: Reference) -> None:
    """They load different months and one and the same; they wait for each other or say why not."""
    middle = MONTHS[1]
    first = shop.start("backfill", "cosmetics", "--to", month_text(middle))
    second = shop.start("backfill", "cosmetics", "--from", month_text(middle))

    ended = [finish(first), finish(second)]

    assert [clear(done) for done in ended] == ["", ""]
    shop.ok("backfill", "cosmetics")
    assert differing(contents(shop.warehouse), reference.tables) == {}
    assert shop.open_runs() == []
    assert leftovers(shop.home / "lake") == []


def test_every_loaded_month_is_accounted_for_in_the_ledger(
    reference: Reference,
) -> None:
    rows = query(
        reference.shop.warehouse,
        "select month, rows_received - rows_accepted - rows_quarantined - blank_lines "
        "from ops.load_ledger where step = 'lake' and status = 'loaded' order by month",
    )
    assert rows == [(month, 0) for month in MONTHS]


def clear(done: Done) -> str:
    """What is wrong with the way a command ended: nothing where it went well or said why not."""
    if "Traceback" in done.output:
        return done.output
    if done.code == 0 or (done.code == 1 and "failed" in done.output):
        return ""
    if done.code == ExitCode.INCOMPLETE and "INCOMPLETE: cosmetics" in done.output:
        return ""  # the other command was not done yet
    return f"exit code {done.code}: {done.output}"


def leftovers(lake: Path) -> list[Path]:
    """Staged files that nobody published."""
    return [path for path in (lake / ".staging").rglob("*") if path.is_file()]
