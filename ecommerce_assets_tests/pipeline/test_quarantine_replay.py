"""Rows that a fixed rule lets in again come back to where they would have been all along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.month_file import (
    Delivery,
    IngestResult,
    ingest_slice,
    published_info,
)
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.pipeline.quarantined import (
    MONTH,
    NEGATIVE,
    PRICES,
    PRODUCTS,
    TYPES,
    WISHLISTS,
    file_with_bad_rows,
    fixed_contracts,
    one_month,
    under,
)
from ecommerce_assets_tests.pipeline.shop import KILLED
from ecommerce_assets_tests.pipeline.tables import contents, differing

Fix = Callable[..., Path]


@pytest.fixture
def fix(tmp_path: Path) -> Fix:
    """Writes a folder of contracts with one text of the events' replaced, at its first place."""

    def write(old: str, new: str) -> Path:
        number = len(list(tmp_path.glob("contracts-*")))
        return fixed_contracts(tmp_path / f"contracts-{number}", old, new)

    return write


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month's file with wishlists, prices of three decimals and negative products among it."""
    return file_with_bad_rows(tmp_path_factory.mktemp("bad"))


def load(lake: Lake, contract: TableContract, file: Path) -> IngestResult:
    return ingest_slice(
        Slice(lake, contract, Month(MONTH)), Delivery(file, file.name, "1", "f" * 64)
    )


def published(lake: Lake, contract: TableContract) -> tuple[list[object], list[object]]:
    """A month's rows and its quarantine, both in order; a run's id does not count."""
    slice_ = Slice(lake, load_contract("cosmetics", "events"), Month(MONTH))
    rows = slice_.location
    (held,) = Path(lake.location(slice_.quarantine)).iterdir()
    return (
        pq.read_table(rows, partitioning=None).to_pylist(),
        pq.read_table(held, partitioning=None).drop_columns(["run_id"]).to_pylist(),
    )


def test_a_replay_gives_what_a_full_load_under_the_fixed_contract_gives(
    tmp_path: Path, fix: Fix, file: Path
) -> None:
    old, new = (
        load_contract("cosmetics", "events"),
        load_contract("cosmetics", "events", fix(*TYPES)),
    )
    replayed, again = Lake(f"{tmp_path}/replayed"), Lake(f"{tmp_path}/again")
    before = load(replayed, old, file)
    assert before.reasons == {
        "below_minimum:product_id": NEGATIVE,
        "not_a_decimal:price": PRICES,
        "not_allowed:event_type": WISHLISTS,
    }

    result = replay(Slice(replayed, new, Month(MONTH)))

    assert result is not None
    assert (result.taken_back, result.still_quarantined) == (WISHLISTS, PRICES + NEGATIVE)
    load(again, new, file)
    assert published(replayed, new) == published(again, new)
    found, wanted = (published_info(Slice(lake, new, Month(MONTH))) for lake in (replayed, again))
    assert (found.load_key, found.rows_accepted, found.reasons) == (
        wanted.load_key,
        wanted.rows_accepted,
        wanted.reasons,
    )
    assert found.rows_accepted + found.rows_quarantined + found.blank_lines == found.rows_received
    assert replay(Slice(replayed, new, Month(MONTH))) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(TYPES[0], TYPES[0].replace("cart, ", "", 1), "accepted rows", id="rule"),
        pytest.param("decimal(9,2)", "decimal(9,3)", "columns changed", id="type"),
    ],
)
def test_a_change_that_concerns_accepted_rows_is_refused_with_the_cure(
    old: str, new: str, words: str, tmp_path: Path, fix: Fix, file: Path
) -> None:
    lake, contract = Lake(f"{tmp_path}/lake"), load_contract("cosmetics", "events")
    load(lake, contract, file)
    before = published(lake, contract)

    with pytest.raises(ContractBroken, match=words) as caught:
        replay(Slice(lake, load_contract("cosmetics", "events", fix(old, new)), Month(MONTH)))

    assert "ecommerce backfill cosmetics --from 2019-10 --to 2019-10" in caught.value.cure
    assert published(lake, contract) == before


# Through the command line -----------------------------------------------------------------------


@pytest.mark.full  # two minutes
def test_a_replay_from_the_command_line_killed_and_given_again_ends_in_the_marts(
    tmp_path: Path, fix: Fix, file: Path
) -> None:
    shop, fixed = one_month(tmp_path / "home", file), fix(*PRODUCTS)
    shop.ok("backfill", "cosmetics")
    listed = shop.ok("quarantine", "list")
    for reason, rows in (
        ("not_allowed:event_type", WISHLISTS),
        ("not_a_decimal:price", PRICES),
        ("below_minimum:product_id", NEGATIVE),
    ):
        (line,) = [line for line in listed.splitlines() if reason in line]
        assert line.split()[-1] == f"{rows}"
    shown = shop.ok("quarantine", "show", "cosmetics", "2019-10", "--limit", "100")
    assert sum(",wishlist," in line for line in shown.splitlines()) == WISHLISTS
    assert "Nothing to replay" in shop.ok("quarantine", "replay")

    assert under(shop, fixed, "quarantine", "replay", kill_at="in_replay").code == KILLED
    again = under(shop, fixed, "quarantine", "replay")

    assert again.code == 0, again.output
    taken = f"{NEGATIVE} rows taken back, {WISHLISTS + PRICES} still in quarantine"
    assert f"2019-10: {taken}" in again.output
    fresh = one_month(tmp_path / "fresh", file)
    done = under(fresh, fixed, "backfill", "cosmetics")
    assert done.code == 0, done.output
    assert differing(contents(shop.warehouse), contents(fresh.warehouse)) == {}
    assert "interrupted" not in shop.ok("status")
    (folder,) = (shop.home / "lake" / "quarantine" / "cosmetics" / "events").iterdir()
    assert len(list(folder.iterdir())) == 1
