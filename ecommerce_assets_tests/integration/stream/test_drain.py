"""A topic of a real broker into the lake: each offset once, and nothing that is not said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import accept_loss, lanes_of
from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets.lib.stream.failures import RetentionLoss, TopicReplaced
from ecommerce_assets.lib.stream.seam import segments_of
from ecommerce_assets_tests.integration.stream.conftest import Stream
from ecommerce_assets_tests.support.builders import files_in, lake_at
from ecommerce_assets_tests.support.messages import EVERY, POISON, contract_of, value
from ecommerce_assets_tests.support.servers.ports import free_port


def test_every_message_is_accepted_or_in_quarantine_and_a_second_drain_finds_nothing(
    stream: Stream,
) -> None:
    for partition in range(4):
        stream.fill(0, 2_500, partition)

    done = stream.drain()

    assert (done.received, done.quarantined, done.lag) == (10_000, 10_000 // EVERY, 0)
    assert done.accepted == done.received - done.quarantined
    assert set(done.reasons) == set(POISON)
    assert len(done.segments) == 12
    for partition in range(4):
        assert stream.settled(partition) == list(range(2_500))
    before = files_in(stream.folder / "lake")
    assert stream.drain().segments == []
    assert files_in(stream.folder / "lake") == before


def test_the_next_drain_goes_on_where_the_lake_ends(stream: Stream) -> None:
    stream.fill(0, 700)
    stream.drain()
    stream.fill(700, 1_300)
    assert [key.text for key in stream.drain().segments] == [f"{stream.topic}_0_700_1300"]
    assert stream.settled() == list(range(1_300))


def test_offsets_without_a_message_are_passed_over(stream: Stream) -> None:
    """Markers of transactions, and messages of one that was taken back."""
    good = [value(number) for number in range(4)]
    stream.send(good, transaction="commit")
    stream.send(good, transaction="abort")
    stream.send(good)
    with Broker(stream.config) as found:
        high = found.partitions(stream.topic)[0].high

    done = stream.drain()

    assert (done.received, done.lag) == (8, 0)
    assert done.segments == [Offsets(stream.topic, 0, 0, high)] and high > 12
    assert stream.drain().segments == []


def test_a_range_of_large_messages_ends_early(stream: Stream) -> None:
    stream.send([b"[" + b" " * 100_000] * 60)
    done = stream.drain(most_bytes=1_000_000)
    assert (done.received, done.quarantined) == (60, 60)
    assert len(done.segments) >= 6
    assert stream.settled() == list(range(60))


def test_a_partition_that_is_added_is_read_from_its_first_message(stream: Stream) -> None:
    from confluent_kafka.admin import AdminClient, NewPartitions

    stream.fill(0, 100)
    stream.drain()
    admin = AdminClient(stream.config)
    for made in admin.create_partitions([NewPartitions(stream.topic, 6)]).values():
        made.result()
    stream.fill(0, 50, partition=5)
    assert stream.drain().received == 50
    assert stream.settled(5) == list(range(50))


def test_messages_that_expired_unread_stop_the_topic_until_their_loss_is_accepted(
    stream: Stream,
) -> None:
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    stream.fill(0, 100)
    stream.drain()
    stream.fill(100, 300)
    admin = AdminClient(stream.config)
    for gone in admin.delete_records([TopicPartition(stream.topic, 0, 150)]).values():
        gone.result()

    with pytest.raises(RetentionLoss, match=r"50 messages .* \(offsets 100-149\)"):
        stream.drain()

    lake, contract = lake_at(stream.folder), contract_of(stream.folder)
    with Broker(stream.config) as found:
        (lane, *_) = lanes_of(found, lake, contract, stream.topic)
        with pytest.raises(RetentionLoss, match="offsets 100-148 are not those that are missing"):
            accept_loss(lake, contract, lane, Offsets(stream.topic, 0, 100, 149), "too short")
        accept_loss(lake, contract, lane, Offsets(stream.topic, 0, 100, 150), "kept a day")
    assert stream.drain().received == 150
    assert stream.settled() == [*range(100), *range(150, 300)]
    _, gap, _ = segments_of(lake, contract, stream.topic, 0)
    footer, rows = gap.footer()
    assert (footer["source_version"], rows) == ("lost: kept a day", 0)


@pytest.mark.parametrize("again", [40, 400], ids=["shorter", "grown past our offset"])
def test_a_topic_that_was_made_again_is_not_read_on(stream: Stream, again: int) -> None:
    from confluent_kafka.admin import AdminClient

    stream.fill(0, 100)
    stream.drain()
    before = files_in(stream.folder / "lake")
    admin = AdminClient(stream.config)
    for gone in admin.delete_topics([stream.topic]).values():
        gone.result()
    stream.make()
    stream.fill(1_000, 1_000 + again)

    with pytest.raises(TopicReplaced, match="deleted and made again"):
        stream.drain()

    assert files_in(stream.folder / "lake") == before


def test_a_broker_that_is_gone_is_said_and_costs_nothing(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "broker", free_port()) as running:
        stream = Stream(tmp_path, running.address, "orders")
        stream.make()
        stream.fill(0, 100)
        stream.drain()
    before = files_in(tmp_path / "lake")
    with pytest.raises(TransientFailure, match=f"the broker {stream.address} does not answer"):
        stream.drain()
    assert files_in(tmp_path / "lake") == before
