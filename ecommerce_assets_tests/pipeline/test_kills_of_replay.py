"""`quarantine replay` killed with SIGKILL anywhere: given again, it ends as if nobody killed it.

Everything counts: the tables of the warehouse, what readers have, the quarantine, what the ledger
says of the month, and that nothing is called failed, interrupted or out of date any more.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.pipeline.quarantined import (
    MONTH,
    NEGATIVE,
    PRICES,
    PRODUCTS,
    WISHLISTS,
    file_with_bad_rows,
    fixed_contracts,
    one_month,
    start_under,
    under,
)
from ecommerce_assets_tests.pipeline.shop import KILLED, Shop
from ecommerce_assets_tests.pipeline.tables import Content, contents, differing
from ecommerce_assets_tests.pipeline.test_kills_at_random import (
    SEED,
    killed_after,
    moments,
    seconds_of,
)

pytestmark = pytest.mark.full  # minutes

REPLAY = ("quarantine", "replay")
#: In the order in which a replay comes to them.
POINTS = {
    "between quarantine and Parquet": "in_replay",
    "with the Parquet published, before the ledger knows": "after_parquet",
    "while the warehouse forgets the builds": "before_commit",
    "a batch between delete and insert": "dbt:group:insert into[^;]*int_cosmetics__sessions",
    "a table about to take its name": "dbt:group:alter table.*user_history__dbt_tmp.*rename",
    "the copy for readers": "in_publish_copy",
}


@dataclass(frozen=True)
class Loaded:
    """A lakehouse before its replay, the contracts that call for one, and what it ends in."""

    shop: Shop
    contracts: Path
    ends_in: dict[str, Any]
    seconds: float

    def copy(self, home: Path) -> Shop:
        """The lakehouse before its replay, elsewhere."""
        shop = Shop(home, self.shop.variables)
        shutil.copytree(self.shop.home, shop.home, dirs_exist_ok=True)
        return shop

    def ended(self, shop: Shop) -> dict[str, Any]:
        """All that a lakehouse holds of its month after a replay."""
        return {
            "warehouse": contents(shop.warehouse),
            "readers": contents(shop.home / "published.duckdb"),
            "ledger": figures(shop),
            "quarantine files": len(list(quarantine(shop).iterdir())),
        }


def quarantine(shop: Shop) -> Path:
    slice_ = Slice(shop.lake, load_contract("cosmetics", "events"), Month(MONTH))
    return Path(shop.lake.location(slice_.quarantine))


def figures(shop: Shop) -> tuple[Any, ...]:
    """What the ledger says of the month's rows: its newest attempt that counted them."""
    rows = [row for row in Ledger(shop.lake).rows("cosmetics.events", Month(MONTH))
            if row.step in ("lake", "replay") and row.rows_received is not None]  # fmt: skip
    newest = rows[-1]
    counts = (newest.rows_received, newest.rows_accepted, newest.rows_quarantined)
    return (*counts, newest.blank_lines, newest.reasons, newest.load_key)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("replay")
    contracts = fixed_contracts(folder / "contracts", *PRODUCTS)
    shop = one_month(folder / "home", file_with_bad_rows(folder))
    shop.ok("backfill", "cosmetics")
    made = Loaded(shop, contracts, {}, 0.0)
    undisturbed = made.copy(folder / "undisturbed")
    seconds = seconds_of(lambda: replayed(undisturbed, contracts))
    ends_in = made.ended(undisturbed)
    assert ends_in["ledger"][2] == WISHLISTS + PRICES
    before = contents(shop.warehouse)["cosmetics_raw.events"]
    assert ends_in["warehouse"]["cosmetics_raw.events"].rows == before.rows + NEGATIVE
    return Loaded(shop, contracts, ends_in, seconds)


def replayed(shop: Shop, contracts: Path) -> str:
    """Replay to the end; returns what was printed."""
    done = under(shop, contracts, *REPLAY)
    assert done.code == 0, done.output
    return done.output


def require_same(shop: Shop, loaded: Loaded, what: str) -> None:
    """All of it is as if nobody had killed the replay, and nothing is left to say."""
    found, wanted = loaded.ended(shop), loaded.ends_in
    for part in ("warehouse", "readers"):
        tables: dict[str, Content] = found.pop(part)
        assert differing(tables, wanted[part]) == {}, f"{part}, {what}"
    assert found == {name: value for name, value in wanted.items() if name in found}, what
    status = under(shop, loaded.contracts, "status", "cosmetics")
    assert status.code == 0, f"{what}: {status.output}"
    assert "interrupted" not in status.output and "failed" not in status.output
    assert shop.open_runs() == []
    assert [path for path in (shop.home / "lake" / ".staging").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("place", POINTS)
def test_a_replay_killed_at_a_place_and_given_again_ends_the_same(
    place: str, tmp_path: Path, loaded: Loaded
) -> None:
    shop = loaded.copy(tmp_path / "home")
    done = under(shop, loaded.contracts, *REPLAY, kill_at=POINTS[place])
    assert done.code == KILLED, done.output

    output = replayed(shop, loaded.contracts)

    if place != "between quarantine and Parquet":
        assert "that is done now" in output
    require_same(shop, loaded, place)


def test_a_replay_killed_at_random_and_given_again_ends_the_same(
    tmp_path: Path, loaded: Loaded
) -> None:
    for number, moment in enumerate(moments(loaded.seconds)):
        shop = loaded.copy(tmp_path / f"home-{number}")
        killed_after(start_under(shop, loaded.contracts, *REPLAY), moment)

        replayed(shop, loaded.contracts)

        require_same(shop, loaded, f"killed after {moment:.2f} s, seed {SEED}")


def test_a_load_of_the_whole_month_makes_a_killed_replay_good(
    tmp_path: Path, loaded: Loaded
) -> None:
    shop = loaded.copy(tmp_path / "home")
    done = under(shop, loaded.contracts, *REPLAY, kill_at="after_parquet")
    assert done.code == KILLED, done.output

    done = under(shop, loaded.contracts, "backfill", "cosmetics")

    assert done.code == 0, done.output
    require_same(shop, loaded, "then a backfill")
