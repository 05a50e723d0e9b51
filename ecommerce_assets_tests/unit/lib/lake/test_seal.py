"""A published file whose bytes changed is noticed before anything is made from it."""

from __future__ import annotations

import contextlib
import random
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import published_info
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.seal import Damaged, DamagedSlice, damage_of, fault, refuse_damaged
from ecommerce_assets.lib.lake.slices import Month, Slice, published_slices
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    PARQUET,
    changed_contract,
    csv,
    lake_at,
    line,
    lines,
    load,
    published,
)
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    MAY,
    PURCHASES,
    electronics_file,
    load_part,
    purchase,
)

BODY = csv([*lines(3000), line(3000, event_type="wishlist")])


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("october")
    load(folder, BODY)
    return folder


@pytest.fixture
def month(october: Path, tmp_path: Path) -> Path:
    """A lake with October, of one's own; returns the published file."""
    shutil.copytree(october / "lake", tmp_path / "lake")
    return tmp_path / "lake" / PARQUET


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def page_of(path: Path, column: str) -> int:
    """A place in the middle of a column's data page."""
    group = pq.read_metadata(path).row_group(0)
    chunks = (group.column(number) for number in range(group.num_columns))
    found = next(chunk for chunk in chunks if chunk.path_in_schema == column)
    return int(found.data_page_offset) + int(found.total_compressed_size) // 2


def test_a_file_is_whole_as_long_as_no_byte_changes(month: Path) -> None:
    assert fault(month) is None
    shutil.copy(month, month.with_name("copied.parquet"))
    assert fault(month.with_name("copied.parquet")) is None, "a copy keeps its seal"


def test_any_changed_byte_and_any_lost_end_is_noticed(month: Path) -> None:
    whole, chance = month.read_bytes(), random.Random(3)
    for _ in range(60):
        place = chance.randrange(len(whole))
        flip(month, place)
        assert fault(month), place
        month.write_bytes(whole[:place])
        assert fault(month), place
        month.write_bytes(whole)
    month.write_bytes(whole + b"\0")
    assert fault(month)


def test_duckdb_alone_would_read_other_rows_without_a_word(month: Path) -> None:
    before = pq.ParquetFile(month).metadata.num_rows
    query = f"select * from read_parquet('{month}', hive_partitioning = false)"
    unnoticed = 0
    whole = month.read_bytes()
    for place in range(page_of(month, "price"), page_of(month, "price") + 40):
        flip(month, place)
        with contextlib.suppress(duckdb.Error):
            unnoticed += len(duckdb.sql(query).fetchall()) == before
        assert fault(month)
        month.write_bytes(whole)
    assert unnoticed, "otherwise no checksum of our own were needed"


def damaged(lake: Lake, contract: TableContract) -> list[Damaged]:
    """The damaged files among all that are published of a table."""
    return [found for each in published_slices(lake, contract) if (found := damage_of(each))]


def test_the_file_is_named_with_a_cure_that_works(tmp_path: Path, month: Path) -> None:
    lake, before = lake_at(tmp_path), published(tmp_path)
    flip(month, page_of(month, "price"))
    (found,) = damaged(lake, EVENTS)
    assert found.why == f"{month} is damaged: its bytes are no longer those that were published"
    assert found.cure == (
        "delete that file and load the month again: "
        "ecommerce backfill cosmetics --from 2019-10 --to 2019-10"
    )
    with pytest.raises(DamagedSlice, match="is damaged"):
        refuse_damaged([Slice(lake, EVENTS, Month(MONTH))])
    refuse_damaged([])
    month.unlink()
    assert not load(tmp_path, BODY).unchanged and published(tmp_path) == before
    assert damaged(lake, EVENTS) == []


def test_loading_the_same_file_again_puts_the_damaged_one_right(
    tmp_path: Path, month: Path
) -> None:
    before = published(tmp_path)
    flip(month, page_of(month, "user_id"))
    result = load(tmp_path, BODY)
    assert not result.unchanged, "what is damaged is not what this load would publish"
    assert result.changes and result.changes.kind == "first", "nothing is compared with it"
    assert published(tmp_path) == before and fault(month) is None
    assert load(tmp_path, BODY).unchanged


def test_another_file_takes_the_place_of_a_damaged_one(tmp_path: Path, month: Path) -> None:
    month.write_bytes(month.read_bytes()[:5000])
    assert load(tmp_path, csv(lines(20))).rows_accepted == 20
    assert fault(month) is None


def test_a_replay_makes_nothing_from_a_damaged_month(tmp_path: Path, month: Path) -> None:
    flip(month, page_of(month, "price"))
    learned = changed_contract(tmp_path, ("[view,", "[wishlist, view,"))
    with pytest.raises(DamagedSlice, match="is damaged"):
        replay(Slice(lake_at(tmp_path), learned, Month(MONTH)))


def test_a_replay_seals_what_it_publishes(tmp_path: Path, month: Path) -> None:
    learned = changed_contract(tmp_path, ("[view,", "[wishlist, view,"))
    done = replay(Slice(lake_at(tmp_path), learned, Month(MONTH)))
    assert done and done.taken_back == 1 and fault(month) is None
    flip(month, page_of(month, "price"))
    assert fault(month)


def test_a_footer_that_cannot_be_read_is_a_failure_with_a_cure(tmp_path: Path, month: Path) -> None:
    month.write_bytes(month.read_bytes()[:-30])
    with pytest.raises(DamagedSlice, match="its footer cannot be read") as caught:
        published_info(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    assert caught.value.cure.startswith("delete that file and load the month again")


def test_months_of_a_shared_file_are_sealed_each(tmp_path: Path) -> None:
    data = electronics_file([purchase(n, (APRIL, MAY)[n % 2]) for n in range(400)])
    lake = lake_at(tmp_path)
    for at in (APRIL, MAY):
        load_part(tmp_path, data, at, PURCHASES)
    assert damaged(lake, PURCHASES) == []
    path = tmp_path / "lake" / Slice(lake, PURCHASES, Month(MAY)).parquet
    flip(path, page_of(path, "price"))
    (found,) = damaged(lake, PURCHASES)
    assert (found.dataset, found.slice) == ("electronics.purchases", "2020-05")


def test_a_month_of_a_version_without_seals_is_no_damage(tmp_path: Path, month: Path) -> None:
    table = pq.ParquetFile(month).read()
    metadata = {k: v for k, v in (table.schema.metadata or {}).items() if b"sha256_of" not in k}
    pq.write_table(table.replace_schema_metadata(metadata), month)
    assert damaged(lake_at(tmp_path), EVENTS) == []
