"""Which offsets are read next, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.failures import RetentionLoss, TopicReplaced
from ecommerce_assets.lib.stream.plan import Lane, Watermarks, next_range
from ecommerce_assets.lib.stream.seam import End, Mark, end_of, segments_of
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.messages import TOPIC, contract_of, load_range

MARK = Mark.of(9, 1_700_000_000_000, b"k", b"v")


def lane(low: int, high: int, published: int | None) -> Lane:
    end = None if published is None else End(published, MARK)
    return Lane("orders", 3, Watermarks(low, high), end)


def test_a_new_lane_begins_with_the_oldest_message_that_there_is() -> None:
    assert next_range(lane(40, 100, None), 1_000) == Offsets("orders", 3, 40, 100)


def test_a_lane_goes_on_where_the_lake_ends_and_ends_where_it_has_all() -> None:
    assert next_range(lane(0, 100, 60), 25) == Offsets("orders", 3, 60, 85)
    assert next_range(lane(0, 100, 100), 25) is None
    assert lane(0, 100, 60).lag == 40


def test_offsets_that_left_the_topic_unread_are_named_with_the_command_that_gives_them_up() -> None:
    with pytest.raises(RetentionLoss, match=r"50 messages of orders/3 \(offsets 100-149\)") as told:
        next_range(lane(150, 200, 100), 25)
    assert "ecommerce stream accept-loss orders/3 100-149 --because REASON" in told.value.cure


def test_a_topic_that_ends_before_what_was_read_is_another_one() -> None:
    with pytest.raises(TopicReplaced, match="up to offset 99, but the topic ends at 49"):
        next_range(lane(0, 50, 100), 25)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 900), st.integers(1, 90))
def test_ranges_meet_and_end_with_the_topic(low: int, more: int, start: int, at_most: int) -> None:
    high, seen = low + more, start
    if not low <= start <= high:
        with pytest.raises((RetentionLoss, TopicReplaced)):
            next_range(lane(low, high, start), at_most)
        return
    while wanted := next_range(lane(low, high, seen), at_most):
        assert wanted.start == seen and 0 < wanted.end - wanted.start <= at_most
        seen = wanted.end
    assert seen == high


def test_a_mark_reads_back_and_tells_messages_apart() -> None:
    assert Mark.read(str(MARK)) == MARK
    assert Mark.read("lost: retention") is None
    others = [(b"k", None), (None, b"v"), (b"kv", b""), (b"", b"kv"), (None, None), (b"", b"")]
    digests = {Mark.of(9, 0, key, value).digest for key, value in others}
    assert len(digests | {Mark.of(9, 0, b"k", b"v").digest}) == len(others) + 1


def test_the_end_of_a_lane_is_that_of_its_last_segment(tmp_path: Path) -> None:
    contract, lake = contract_of(tmp_path), lake_at(tmp_path)
    assert end_of(lake, contract, TOPIC, 3) is None
    for key in (Offsets(TOPIC, 3, 0, 90), Offsets(TOPIC, 3, 90, 1_200), Offsets(TOPIC, 30, 0, 5)):
        load_range(tmp_path, contract, key)
    found = end_of(lake, contract, TOPIC, 3)
    assert found is not None and found.offset == 1_200
    assert [each.key for each in segments_of(lake, contract, TOPIC, 3)] == [
        Offsets(TOPIC, 3, 0, 90),
        Offsets(TOPIC, 3, 90, 1_200),
    ]
