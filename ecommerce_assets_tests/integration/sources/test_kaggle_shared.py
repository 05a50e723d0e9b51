"""A Kaggle data set whose one file holds all months, asked through Kaggle's own client."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import SourceMissing
from ecommerce_assets.lib.ingest.fetch import fetch_month, open_delivery
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets.lib.sources.protocol import SharedName
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    MAY,
    MONTHS,
    PURCHASES,
    electronics_file,
    purchase,
    rows_of,
)

Make = Callable[..., KaggleDataset]
STORE = "shop/purchases-of-a-store"
ALL = tuple(date(2020, month, 1) for month in range(1, 12))
FILE = electronics_file([purchase(n, (APRIL, MAY)[n % 2]) for n in range(3000)])


@pytest.fixture
def store(server: KaggleServer, dataset: Make) -> KaggleDataset:
    server.publish(STORE, {"kz.csv": FILE, "2020-Apr.csv": b"another set's", "KZ.CSV": b"x"})
    return dataset(STORE, names=SharedName("kz", ALL))


def test_every_month_is_offered_with_the_same_file(store: KaggleDataset) -> None:
    offered = store.available()
    assert tuple(offered) == ALL
    (file,) = set(offered.values())
    assert file == store.find(MAY)
    assert (file.name, file.size, file.shared_by) == ("kz.csv", len(FILE), 11)
    assert file.version == f"kaggle:v1:2020-01-01T00:00:00Z:{len(FILE)}"


def test_a_set_without_the_file_is_missing_it_by_its_name(
    server: KaggleServer, dataset: Make
) -> None:
    server.publish(STORE, {"purchases.csv": FILE})
    store = dataset(STORE, names=SharedName("kz", ALL))
    assert store.available() == {}
    with pytest.raises(SourceMissing, match=r"has no file kz\.csv .* it has purchases\.csv"):
        store.find(APRIL)


def test_it_is_downloaded_once_and_each_month_is_taken_from_it(
    server: KaggleServer, store: KaggleDataset, tmp_path: Path
) -> None:
    lake, fetched = lake_at(tmp_path), []
    for month in (MAY, APRIL):
        note, new = fetch_month(store, Slice(lake, PURCHASES, Month(month)), tmp_path / "downloads")
        fetched.append(new)
        assert note.name == "kz.csv.zip", "as Kaggle delivers it"
        with open_delivery(Slice(lake, PURCHASES, Month(month))) as delivery:
            result = ingest_part(
                Slice(lake, PURCHASES, Month(month)), MONTHS["electronics"], delivery
            )
        assert (result.rows_accepted, result.rows_quarantined) == (1500, 0)
        assert {row["event_time"].month for row in rows_of(tmp_path, month, PURCHASES)} == {
            month.month
        }
    assert fetched == [True, False]
    assert len(server.calls("GET")) == 1
