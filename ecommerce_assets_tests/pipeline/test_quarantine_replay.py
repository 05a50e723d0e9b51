"""Rows that a mended rule lets in again come back to where they would have been all along."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
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
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import KILLED, MONTHS, ROOT, Done, Shop
from ecommerce_assets_tests.pipeline.tables import contents, differing

MONTH = MONTHS[0]
CONTRACTS = ROOT / "ecommerce_assets" / "domains" / "cosmetics" / "contracts"
DRIVER = Path(__file__).with_name("replay_driver.py")
TYPES = (
    "[view, cart, remove_from_cart, purchase]",
    "[view, cart, remove_from_cart, purchase, wishlist]",
)
#: A rule that dbt's own tests do not know of, so that the models can be built after it is mended.
PRODUCTS = (
    "physicalType: int64\n        logicalTypeOptions: {minimum: 0}",
    "physicalType: int64\n        logicalTypeOptions: {minimum: -9}",
)
WISHLISTS, PRICES, NEGATIVE = 20, 14, 9
Mend = Callable[..., Path]


@pytest.fixture
def mend(tmp_path: Path) -> Mend:
    """Writes a folder of contracts with one text of the events' replaced, at its first place."""

    def write(old: str, new: str) -> Path:
        folder = tmp_path / f"contracts-{len(list(tmp_path.glob('contracts-*')))}"
        folder.mkdir()
        text = (CONTRACTS / "events.odcs.yaml").read_text()
        assert old in text
        (folder / "events.odcs.yaml").write_text(text.replace(old, new, 1))
        return folder

    return write


@pytest.fixture(scope="module")
def file(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month's file with wishlists, prices of three decimals and negative products among it."""
    with zipfile.ZipFile(reference.files[0]) as archive:
        header, *lines = archive.read(archive.namelist()[0]).decode().splitlines()
    rows = [line.split(",") for line in lines]
    for row in rows[10 : 10 + 7 * WISHLISTS : 7]:
        row[1] = "wishlist"
    for row in rows[200 : 200 + 11 * PRICES : 11]:
        row[6] += "5"
    for row in rows[400 : 400 + 13 * NEGATIVE : 13]:
        row[2] = "-7"
    path = tmp_path_factory.mktemp("bad") / "2019-Oct.csv"
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n")
    return path


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


def test_a_replay_gives_what_a_full_load_under_the_mended_contract_gives(
    tmp_path: Path, mend: Mend, file: Path
) -> None:
    old, new = (
        load_contract("cosmetics", "events"),
        load_contract("cosmetics", "events", mend(*TYPES)),
    )
    replayed, anew = Lake(f"{tmp_path}/replayed"), Lake(f"{tmp_path}/anew")
    before = load(replayed, old, file)
    assert before.reasons == {
        "below_minimum:product_id": NEGATIVE,
        "not_a_decimal:price": PRICES,
        "not_allowed:event_type": WISHLISTS,
    }

    result = replay(Slice(replayed, new, Month(MONTH)))

    assert result is not None
    assert (result.taken_back, result.still_quarantined) == (WISHLISTS, PRICES + NEGATIVE)
    load(anew, new, file)
    assert published(replayed, new) == published(anew, new)
    found, wanted = (published_info(Slice(lake, new, Month(MONTH))) for lake in (replayed, anew))
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
    old: str, new: str, words: str, tmp_path: Path, mend: Mend, file: Path
) -> None:
    lake, contract = Lake(f"{tmp_path}/lake"), load_contract("cosmetics", "events")
    load(lake, contract, file)
    before = published(lake, contract)

    with pytest.raises(ContractBroken, match=words) as caught:
        replay(Slice(lake, load_contract("cosmetics", "events", mend(old, new)), Month(MONTH)))

    assert "ecommerce backfill cosmetics --from 2019-10 --to 2019-10" in caught.value.cure
    assert published(lake, contract) == before


# Through the command line -----------------------------------------------------------------------


def under(shop: Shop, folder: Path, point: str, *arguments: str) -> Done:
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(folder), point, *arguments],
        env=shop.environment,
        cwd=shop.home,
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout + done.stderr)


def one_month(home: Path, file: Path) -> Shop:
    span = f"{date(2019, 10, 1):%Y-%m}"
    shop = Shop(
        home,
        {"ECOMMERCE_SOURCE": "files", "ECOMMERCE_COSMETICS_MONTHS": f"{span}:{span}"},
    )
    shop.land([file])
    return shop


@pytest.mark.full  # two minutes
def test_a_replay_from_the_command_line_killed_and_given_again_ends_in_the_marts(
    tmp_path: Path, mend: Mend, file: Path
) -> None:
    shop, mended = one_month(tmp_path / "home", file), mend(*PRODUCTS)
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

    assert under(shop, mended, "in_replay", "quarantine", "replay").code == KILLED
    again = under(shop, mended, "-", "quarantine", "replay")

    assert again.code == 0, again.output
    taken = f"{NEGATIVE} rows taken back, {WISHLISTS + PRICES} still in quarantine"
    assert f"2019-10: {taken}" in again.output
    anew = one_month(tmp_path / "anew", file)
    done = under(anew, mended, "-", "backfill", "cosmetics")
    assert done.code == 0, done.output
    assert differing(contents(shop.warehouse), contents(anew.warehouse)) == {}
    assert "interrupted" not in shop.ok("status")
    (folder,) = (shop.home / "lake" / "quarantine" / "cosmetics" / "events").iterdir()
    assert len(list(folder.iterdir())) == 1
