"""The producer keeps its promise while the broker comes and goes, or says that it could not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.stream.producer import Producer, hosts_elsewhere
from ecommerce_assets.lib.stream.topics import make_topics
from ecommerce_assets_tests.support.servers.kafka import KafkaServer

if not os.environ.get("CI"):
    pytest.importorskip("confluent_kafka", reason="the client is an extra: make install-dev")


def test_times_keys_partitions_and_headers_are_those_given(server: KafkaServer) -> None:
    make_topics(server.config, ["given"], partitions=3, retention_ms=-1)
    with Producer(server.config) as producer:
        producer.send("given", "a", b"1", at_ms=1_700_000_000_000, partition=2)
        producer.send("given", None, None, at_ms=5, partition=2, headers=[("why", b"test")])
    found = [(m.partition, m.key, m.value, m.at_ms) for m in server.messages("given")]
    assert found == [(2, b"a", b"1", 1_700_000_000_000), (2, None, None, 5)]
    assert producer.delivered == {"given": 2}


def test_keys_go_where_clients_in_java_put_them(server: KafkaServer) -> None:
    """The partitions are those that Kafka's own DefaultPartitioner gives for four partitions."""
    make_topics(server.config, ["as-in-java"], partitions=4, retention_ms=-1)
    keys = [str(number) for number in range(40)]
    with Producer(server.config) as producer:
        for key in keys:
            producer.send("as-in-java", key, b"-")
    found = {m.key: m.partition for m in server.messages("as-in-java")}
    assert found == {key.encode(): murmur2(key.encode()) % 4 for key in keys}


def murmur2(data: bytes) -> int:
    """The hash of `org.apache.kafka.common.utils.Utils.murmur2`, made positive."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for place in range(0, whole, 4):
        k = int.from_bytes(data[place : place + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF


def test_messages_wait_for_a_broker_that_is_restarted(tmp_path: Path) -> None:
    with KafkaServer(tmp_path) as server:
        make_topics(server.config, ["restarted"], partitions=1, retention_ms=-1)
        with Producer(server.config) as producer:
            for number in range(500):
                producer.send("restarted", None, b"%d" % number, partition=0)
            producer.flush()
            server.stop()
            for number in range(500, 1_000):
                producer.send("restarted", None, b"%d" % number, partition=0)
            server.start()
        found = [m.value for m in server.messages("restarted")]
    assert found == [b"%d" % number for number in range(1_000)]
    assert producer.delivered.total() == 1_000


def test_a_broker_that_stays_away_is_said(tmp_path: Path) -> None:
    with KafkaServer(tmp_path) as server:
        make_topics(server.config, ["away"], partitions=1, retention_ms=-1)
        producer = Producer(server.config, gives_up_after_s=2)
        producer.send("away", None, b"1")
        producer.flush()
        server.kill()
        producer.send("away", None, b"2")
        with pytest.raises(TransientFailure, match=server.address) as failed:
            producer.flush()
    assert "did not take all messages" in failed.value.message
    assert producer.delivered == {"away": 1}


def test_a_message_that_is_too_large_fails_and_those_before_it_arrive(server: KafkaServer) -> None:
    make_topics(server.config, ["large"], partitions=1, retention_ms=-1)
    producer = Producer(server.config)
    producer.send("large", None, b"small")
    producer.send("large", None, os.urandom(3_000_000))  # compression does not help
    with pytest.raises(PermanentFailure, match="larger than the broker"):
        producer.flush()
    assert [m.value for m in server.messages("large")] == [b"small"]


@pytest.mark.parametrize(
    ("servers", "elsewhere"),
    [
        ("127.0.0.1:9092", []),
        ("localhost:9092, [::1]:9093", []),
        ("PLAINTEXT://127.1.2.3:9092", []),
        ("127.0.0.1:9092,10.0.0.5:9092", ["10.0.0.5"]),
        ("SASL_SSL://kafka.example.org:9093", ["kafka.example.org"]),
        ("localhost.example.org:1,0.0.0.0:1", ["localhost.example.org", "0.0.0.0"]),
    ],
)
def test_hosts_that_are_not_this_machine_are_told_apart(servers: str, elsewhere: list[str]) -> None:
    assert hosts_elsewhere(servers) == elsewhere
