"""What is built is what the warehouse holds: not what the ledger remembers of another one, or of
this one before it was lost, replaced, put back or damaged.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.dbt.freshness import (
    ModelState,
    model_state,
    stale_months,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import MONTHS, Shop
from ecommerce_assets_tests.pipeline.tables import contents, differing

COSMETICS = DOMAINS["cosmetics"]
ELSEWHERE = "built in another warehouse, and this one does not hold it"
ORDERS = "cosmetics_marts.fct_orders"


def state_of(shop: Shop, warehouse: Path) -> ModelState:
    rows = Ledger(shop.lake).rows()
    return model_state(shop.lake, DuckDBWarehouse(warehouse), COSMETICS, rows)


@pytest.fixture
def warehouse(reference: Reference, tmp_path: Path) -> Path:
    """A copy of the warehouse of a finished lakehouse, beside the ledger of the original."""
    return shutil.copyfile(reference.shop.warehouse, tmp_path / "warehouse.duckdb")


def reasons(shop: Shop, warehouse: Path) -> dict[date, str | None]:
    state = state_of(shop, warehouse)
    return {month: why_stale(state, month) for month in state.contents}


def test_a_copy_of_the_warehouse_is_up_to_date(reference: Reference, warehouse: Path) -> None:
    state = state_of(reference.shop, warehouse)
    assert list(state.contents) == MONTHS
    assert (stale_months(state), why_history_is_stale(state)) == ([], None)


def test_a_warehouse_that_is_gone_holds_nothing(reference: Reference, tmp_path: Path) -> None:
    found = reasons(reference.shop, tmp_path / "nowhere.duckdb")
    assert found == dict.fromkeys(
        MONTHS, "built in another warehouse, and this one does not hold it"
    )


def test_a_new_warehouse_on_the_same_home_holds_nothing(
    reference: Reference, tmp_path: Path
) -> None:
    other = DuckDBWarehouse(tmp_path / "other.duckdb")
    other.show_raw(COSMETICS.tables[0].contract, reference.shop.lake)
    assert all(reasons(reference.shop, other.path).values())


def test_a_warehouse_that_was_put_back_holds_what_it_held(
    reference: Reference, warehouse: Path, tmp_path: Path
) -> None:
    """Of the time before the last month, whose build the ledger remembers."""
    dataset = COSMETICS.dataset
    DuckDBWarehouse(warehouse).forget_builds(dataset, {"models": [MONTHS[-1]]})
    with duckdb.connect(str(warehouse)) as db:
        db.execute("update ops.build_state set number = 1 where kind = 'warehouse'")
    assert reasons(reference.shop, warehouse) == {
        **dict.fromkeys(MONTHS[:-1]),
        MONTHS[-1]: "the warehouse is of an earlier state, which does not hold it",
    }


DAMAGE = {
    "a table is dropped": (f"drop table {ORDERS}", f"the warehouse lacks {ORDERS}"),
    "a table is emptied": (f"truncate {ORDERS}", f"{ORDERS} has 0 rows, its build left"),
    "a month is deleted": (
        f"delete from {ORDERS} where order_date >= '{MONTHS[-1]}'",
        f"{ORDERS} has ",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_table_that_is_not_what_its_build_left_makes_all_months_due(
    damage: str, reference: Reference, warehouse: Path
) -> None:
    statement, words = DAMAGE[damage]
    with duckdb.connect(str(warehouse)) as db:
        db.execute(statement)
    found = reasons(reference.shop, warehouse)
    assert [why for why in found.values() if not (why or "").startswith(words)] == []


def test_killed_between_the_build_and_its_record_the_month_is_due(
    reference: Reference, warehouse: Path
) -> None:
    """What a build leaves behind that ended and noted nothing: the tables, and no word of them."""
    forgotten = {"models": [MONTHS[0]], "history": None}
    DuckDBWarehouse(warehouse).forget_builds(COSMETICS.dataset, forgotten)
    state = state_of(reference.shop, warehouse)
    assert stale_months(state) == [MONTHS[0]]
    assert why_history_is_stale(state) == "the warehouse does not hold it"


@pytest.mark.parametrize("part", [0.0, 0.001, 0.4])
def test_half_a_warehouse_is_called_damaged(
    part: float, reference: Reference, warehouse: Path
) -> None:
    content = warehouse.read_bytes()
    warehouse.write_bytes(content[: int(part * len(content))])
    with pytest.raises(PermanentFailure, match="cannot be read") as caught:
        state_of(reference.shop, warehouse)
    assert "move it away and build it again: ecommerce backfill" in caught.value.cure


@pytest.fixture(scope="module")
def rebuilt(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, str]:
    """The lakehouse elsewhere, its warehouse cut in half and moved away, then one backfill."""
    shop = Shop(tmp_path_factory.mktemp("lost") / "home")
    shutil.copytree(reference.shop.home, shop.home, dirs_exist_ok=True)
    content = shop.warehouse.read_bytes()
    shop.warehouse.write_bytes(content[: len(content) // 2])
    done = shop.run("backfill", "cosmetics")
    assert done.code != 0 and "move it away" in done.output and "Traceback" not in done.output
    shop.warehouse.rename(shop.warehouse.with_suffix(".damaged"))
    return shop, shop.ok("backfill", "cosmetics", "--plan") + shop.ok("backfill", "cosmetics")


def test_after_the_warehouse_was_lost_a_backfill_builds_all_of_it(
    rebuilt: tuple[Shop, str], reference: Reference
) -> None:
    shop, output = rebuilt
    assert "built in another warehouse" in output
    assert differing(contents(shop.warehouse), reference.tables) == {}


def test_readers_never_have_fewer_tables_than_before(
    rebuilt: tuple[Shop, str], reference: Reference
) -> None:
    shop, _ = rebuilt
    assert differing(contents(shop.home / "published.duckdb"), reference.tables) == {}


@pytest.fixture(scope="module")
def moved(rebuilt: tuple[Shop, str]) -> Shop:
    """The home that was rebuilt, under another name: nothing is left where it was."""
    shop, _ = rebuilt
    place = shop.home.parent / "moved elsewhere"
    shop.home.rename(place)
    return Shop(place, shop.variables)


def test_a_home_that_was_moved_needs_no_command(moved: Shop, reference: Reference) -> None:
    plan = moved.ok("backfill", "cosmetics", "--plan")
    assert "nothing to do" in plan
    status = moved.ok("status", "cosmetics")
    assert status.count(" built ") == len(MONTHS), status
    assert "all" in moved.ok("truths")
