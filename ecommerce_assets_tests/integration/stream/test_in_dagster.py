"""The drain as assets, and the sensor that starts it, with a real broker."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ecommerce_assets.cli.quarantine_tables import quarantine_counts
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.defs.stream.assets import CHECK, drain_asset, topic_specs
from ecommerce_assets.defs.stream.sensors import drain_job, lag_sensor
from ecommerce_assets.domains.registry import STREAMS
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets.lib.stream.topics import make_topics
from ecommerce_assets_tests.integration.stream.conftest import Stream
from ecommerce_assets_tests.support.builders import lake_at

ORDERS = STREAMS["orders"]
GOOD = (
    b'{"id":"a%d","product_id":1,"customer_id":2,"quantity":3,"total_price":"12.30",'
    b'"created_at":"2024-12-21T04:16:54.482Z"}'
)
KEY = dg.AssetKey(["orders", "lake", "orders"])
_PREFIXES = (f"shop{number}-" for number in itertools.count())


@pytest.fixture
def stream(broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stream:
    """All topics of the domain under a prefix of their own; the stream of orders."""
    prefix = next(_PREFIXES)
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
    monkeypatch.setenv("ECOMMERCE_ORDERS_TOPIC_PREFIX", prefix)
    made = Stream(tmp_path, broker.address, f"{prefix}orders")
    names = [f"{prefix}{topic.name}" for topic in ORDERS.topics]
    make_topics(made.config, names, partitions=2, retention_ms=-1)
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def drain(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [*topic_specs(ORDERS), drain_asset(ORDERS)],
        instance=instance,
        resources={"lakehouse": Lakehouse()},
        raise_on_error=False,
    )


def tick(instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(
        instance=instance,
        definitions=dg.Definitions(
            assets=[*topic_specs(ORDERS), drain_asset(ORDERS)],
            jobs=[drain_job(ORDERS)],  # type: ignore[list-item]
            resources={"lakehouse": Lakehouse()},
        ),
        resources={"lakehouse": Lakehouse()},
    )
    found = lag_sensor(ORDERS)(context)
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def test_a_drain_says_what_it_read_and_checks_the_share_in_quarantine(
    stream: Stream, instance: dg.DagsterInstance
) -> None:
    stream.send([GOOD % number for number in range(30)] + [b"junk", b"more junk", None])

    done = drain(instance)

    assert done.success
    found = {
        e.asset_key: e.materialization.metadata for e in done.get_asset_materialization_events()
    }
    assert len(found) == len(ORDERS.topics)
    figures = found[KEY]
    names = ("messages_received", "messages_accepted", "messages_quarantined", "lag", "segments")
    assert [figures[name].value for name in names] == [33, 30, 3, 0, 1]
    (check,) = [c for c in done.get_asset_check_evaluations() if c.asset_key == KEY]
    assert (check.check_name, check.passed) == (CHECK, False)
    (orders,) = [topic for topic in ORDERS.topics if topic.name == "orders"]
    held = quarantine_counts(orders.contract, lake_at(stream.folder))
    assert (held.rows, held.by) == (3, "partition")
    assert held.counts == {f"{stream.topic}/0": {"not_json": 2, "tombstone": 1}}


def test_the_sensor_starts_a_drain_while_the_lake_is_behind(
    stream: Stream, instance: dg.DagsterInstance
) -> None:
    idle = tick(instance)
    assert isinstance(idle, dg.SkipReason)
    assert idle.skip_message == "the lake has all messages"
    stream.send([GOOD % 1])

    found = tick(instance)

    assert isinstance(found, dg.SensorResult)
    (request,) = found.run_requests or []
    assert request.run_key is None
    (seen,) = found.asset_events
    assert seen.asset_key == dg.AssetKey(["orders", "topics", "orders"])
    assert seen.metadata["lag"].value == 1
    assert drain(instance).success
    assert isinstance(tick(instance), dg.SkipReason)


def test_lost_messages_fail_the_drain_once_and_name_the_cure(
    stream: Stream, instance: dg.DagsterInstance
) -> None:
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    stream.send([GOOD % number for number in range(10)])
    assert drain(instance).success
    stream.send([GOOD % number for number in range(20)])
    stream.send([GOOD % 7], partition=1)
    admin = AdminClient(stream.config)
    for gone in admin.delete_records([TopicPartition(stream.topic, 0, 15)]).values():
        gone.result()

    assert isinstance(tick(instance), dg.SensorResult), "the other partition can be read"
    done = drain(instance)

    assert not done.success
    (failed,) = done.get_step_failure_events()
    said = failed.step_failure_data.error_display_string
    assert "5 messages" in said and "accept-loss" in said
    rows = Ledger(lake_at(stream.folder)).rows("orders.orders")
    assert [(row.status, row.key.text) for row in rows] == [
        ("failed", f"{stream.topic}_0_10_30"),
    ]
    stuck = tick(instance)
    assert isinstance(stuck, dg.SkipReason)
    assert stuck.skip_message is not None and "accept-loss" in stuck.skip_message


def test_without_a_broker_the_sensor_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    monkeypatch.setenv("ECOMMERCE_HOME", str(tmp_path))
    found = tick(instance)
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message is not None and "no broker is set" in found.skip_message
