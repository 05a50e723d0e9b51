"""A key's text reads back as the same key, keys sort, and months lie where they always lay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.lake.slices import BEGINNING, Batch, Key, Month, Offsets, Slice, parse_key
from ecommerce_assets_tests.support.builders import EVENTS, MONTH, lake_at
from ecommerce_assets_tests.support.shared_files import PURCHASES

NOON = datetime(2024, 2, 10, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

months = st.dates(date(1970, 1, 1), date(2999, 12, 1)).map(lambda day: Month(day.replace(day=1)))
instants = st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))
batches = st.builds(
    lambda at, length, first: Batch(BEGINNING if first else at, at + length),
    instants,
    st.timedeltas(timedelta(microseconds=1), timedelta(days=400)),
    st.booleans(),
)
topics = st.text("abzAZ09._-", min_size=1, max_size=249).filter(
    lambda name: name not in (".", "..")
)
offsets = st.builds(
    lambda topic, partition, start, length: Offsets(topic, partition, start, start + length),
    topics,
    st.integers(0, 10_000),
    st.integers(0, 2**63),
    st.integers(1, 2**31),
)


@given(st.one_of(months, batches, offsets))
def test_a_key_is_its_kind_and_its_text(key: Key) -> None:
    again = parse_key(key.kind, key.text)
    assert again == key and hash(again) == hash(key) and again.text == key.text
    assert set(key.text).isdisjoint("/\\,:\n "), "it stands in paths and in partition keys"


@given(st.one_of(st.lists(months), st.lists(batches), st.lists(offsets)))
def test_keys_sort_as_their_places_do(keys: list[Key]) -> None:
    ordered = sorted(keys)  # type: ignore[type-var]
    of_one_lane = [key for key in ordered if key.lane == ordered[0].lane]
    names = [key.folder for key in of_one_lane]
    assert names == sorted(names), "files of a lane lie in the order of their keys"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("month", "2019-10-02"),
        ("month", "2019-10"),
        ("month", ""),
        ("batch", "20240210T120000.000000Z"),
        ("batch", "20240210T121500.000000Z_20240210T120000.000000Z"),
        ("batch", "20240210T120000.000000Z_20240210T120000.000000Z"),
        ("batch", "2024-02-10_2024-02-11"),
        ("batch", "00010101T000000.000000Z_20240210T120000.000000Z"),
        ("offsets", "orders_3_10"),
        ("offsets", "orders_3_10_10"),
        ("offsets", "orders_3_10_9"),
        ("offsets", "orders_03_1_2"),
        ("offsets", "orders_-1_1_2"),
        ("offsets", "_3_1_2"),
        ("offsets", ".._3_1_2"),
        ("offsets", "or/ders_3_1_2"),
        ("week", "2019-10-01"),
    ],
)
def test_a_text_that_is_not_a_key_s_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError):
        parse_key(kind, text)


def test_a_key_that_could_not_be_read_back_is_not_made() -> None:
    with pytest.raises(ValueError, match="day 1"):
        Month(datetime(2019, 10, 1))
    with pytest.raises(ValueError, match="time zone"):
        Batch(NOON, datetime(2024, 2, 10, 13))
    with pytest.raises(ValueError, match="range of offsets"):
        Offsets("orders/../x", 0, 1, 2)
    berlin = timezone(timedelta(hours=1))
    assert Batch(NOON, (NOON + QUARTER).astimezone(berlin)) == Batch(NOON, NOON + QUARTER)


def test_people_read_words() -> None:
    assert Month(MONTH).words == "2019-10"
    assert Batch(NOON, NOON + QUARTER).words == (
        "the changes from 2024-02-10 12:00:00 to 2024-02-10 12:15:00 UTC"
    )
    assert Batch(BEGINNING, NOON).words == "the changes to 2024-02-10 12:00:00 UTC"
    assert Offsets("orders", 3, 250, 260).words == "offsets 250 to 259 of orders, partition 3"


def test_months_lie_where_they_always_lay(tmp_path: Path) -> None:
    slice_ = Slice(lake_at(tmp_path), EVENTS, Month(MONTH))
    assert slice_.parquet == "cosmetics/events/event_month=2019-10-01/events.parquet"
    assert slice_.quarantine == "quarantine/cosmetics/events/event_month=2019-10-01"
    assert slice_.files == "files/cosmetics/events/event_month=2019-10-01"
    assert slice_.key.note == "event_month=2019-10-01"
    shared = Slice(lake_at(tmp_path), PURCHASES, Month(MONTH))
    assert shared.files == "files/electronics/purchases/all_months"


def test_what_is_added_and_never_replaced_is_named_by_its_start_alone(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    short, long = (Batch(NOON, NOON + minutes * QUARTER) for minutes in (1, 2))
    names = {Slice(lake, EVENTS, key).parquet for key in (short, long)}
    assert names == {"cosmetics/events/after=20240210T120000.000000Z/events.parquet"}
    few, many = (Offsets("orders", 3, 250_000, end) for end in (250_001, 260_000))
    names = {Slice(lake, EVENTS, key).parquet for key in (few, many)}
    assert names == {
        "cosmetics/events/topic=orders/partition=3/00000000000000250000.parquet",
    }
    assert Slice(lake, EVENTS, few).quarantine == (
        "quarantine/cosmetics/events/topic=orders/partition=3/00000000000000250000"
    )


def test_a_slice_that_is_not_a_month_has_no_first_day(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="offsets 1 to 1 of orders, partition 0 is not a month"):
        Slice(lake_at(tmp_path), EVENTS, Offsets("orders", 0, 1, 2)).month  # noqa: B018
