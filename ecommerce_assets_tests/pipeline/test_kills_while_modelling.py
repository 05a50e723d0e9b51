"""Killed with SIGKILL while dbt builds or the readers' copy is made: the same command, given again,
ends in the tables of a run that nobody killed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import FULL, KILLED, MONTHS, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import Content, contents, differing
from ecommerce_assets_tests.pipeline.test_kills_while_loading import (
    killed_at,
    nothing_is_left_open,
)

SESSIONS = "int_cosmetics__sessions"
#: In the order in which a run comes to them. The second and third batch of a new table are a
#: `delete` and an `insert`; `@n` is the n-th statement that is found.
POINTS = {
    "the first view": "dbt:group:create view.*stg_cosmetics__events",
    "a batch between delete and insert": f"dbt:group:insert into[^;]*{SESSIONS}",
    "a data test": "dbt:group:every_event_is_in_exactly_one_session",
    "a table about to take its name": "dbt:group:alter table.*user_history__dbt_tmp.*rename",
    "the copy for readers": "in_publish_copy",
}
IN_A_ROW = [
    "a batch between delete and insert",
    *(["a table about to take its name"] if FULL else []),
    "the copy for readers",
]


def built(copy: Path) -> dict[str, Content]:
    """What the models made. Raw and staging are views, which show the lake's months at once."""
    views = ("cosmetics_raw.", "cosmetics_staging.")
    return {name: table for name, table in contents(copy).items() if not name.startswith(views)}


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A lakehouse that was complete but for its last month when the kills came, one after the
    other. Readers kept what they had; the last command went through.
    """
    shop = Shop(tmp_path_factory.mktemp("survivor") / "home")
    shop.ok("backfill", "cosmetics", "--to", month_text(MONTHS[-2]))
    copy = shop.home / "published.duckdb"
    before = built(copy)
    for place in IN_A_ROW:
        killed_at(shop, POINTS[place])
        assert differing(built(copy), before) == {}
    shop.ok("demo", "cosmetics")
    return shop


def test_models_killed_at_one_place_after_the_other_end_in_the_same_tables(
    survivor: Shop, reference: Reference
) -> None:
    assert differing(contents(survivor.warehouse), reference.tables) == {}
    nothing_is_left_open(survivor)


def test_a_copy_for_readers_that_was_there_is_not_left_behind(
    survivor: Shop, reference: Reference
) -> None:
    """Everything but the copy was done at the last kill: the next command still makes it."""
    copy = contents(survivor.home / "published.duckdb")

    assert differing(copy, reference.tables) == {}


def test_half_a_copy_does_not_stay(survivor: Shop) -> None:
    assert list(survivor.home.glob(".published.duckdb*")) == []


@pytest.mark.full
@pytest.mark.parametrize("place", POINTS)
def test_models_killed_once_end_in_the_same_tables(
    place: str, shop: Shop, reference: Reference
) -> None:
    killed_at(shop, POINTS[place])

    shop.ok("demo", "cosmetics")

    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)


@pytest.mark.full
@pytest.mark.parametrize("nth", [2, 5, 9, 14])
def test_models_killed_while_they_are_built_anew_end_in_the_same_tables(
    nth: int, shop: Shop, reference: Reference
) -> None:
    """All months are there and built; every batch is a replacement now."""
    shop.ok("demo", "cosmetics")
    killed_at(
        shop, f"dbt:group:insert into[^;]*cosmetics_@{nth}", "backfill", "cosmetics", "--force"
    )

    shop.ok("backfill", "cosmetics", "--force")

    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)


@pytest.mark.full  # a minute and a half
def test_a_command_given_again_while_the_killed_ones_dbt_still_runs_ends_right(
    shop: Shop, reference: Reference
) -> None:
    """Only the command dies; its dbt goes on, holds the warehouse, and the next one has to wait."""
    point = f"dbt:parent:insert into[^;]*{SESSIONS}"
    done = shop.run("demo", "cosmetics", kill_at=point)
    assert done.code == KILLED, done.output

    shop.ok("demo", "cosmetics")

    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)
