"""The simulated stream holds exactly what its truth says, counted once more from the messages."""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ecommerce_assets.domains.orders.simulator.mishaps import DAMAGES
from ecommerce_assets.domains.orders.simulator.plan import (
    COURSES,
    FEWEST_MESSAGES,
    TOPICS,
    StreamPlan,
)
from ecommerce_assets.domains.orders.simulator.stream import SimulatedStream, simulate_stream
from ecommerce_assets.domains.orders.simulator.truth import read_stream_truth, write_stream_truth
from ecommerce_assets.simulation.messages import Message

if not os.environ.get("CI"):
    pytest.importorskip("faker", reason="the generator is an extra: make install-dev")

PLANS = [StreamPlan(42, 20_000), StreamPlan(7, 2_999), StreamPlan(0, FEWEST_MESSAGES)]
WHOLE = {"id", "product_id", "customer_id", "quantity", "revision_number", "status"}
SHIPMENT = {"order_id", "revision_number", "status", "vendor_id", "shipping_method_id"}
FIELDS = {
    "shops": {"id", "name"},
    "products": {"id", "title", "category", "vendor", "price"},
    "customers": {"id", "name"},
    "orders": {"id", "product_id", "customer_id", "quantity", "total_price", "created_at"},
    "shipments": SHIPMENT | {"cost", "modified_at"},
    "shipment_dispatches": SHIPMENT | {"cost", "modified_at"},
    "shipment_completions": SHIPMENT | {"cost", "modified_at"},
}


@cache
def stream(plan: StreamPlan) -> SimulatedStream:
    return simulate_stream(plan)


def accepted(message: Message) -> dict[str, Any] | None:
    """The fields of a message that keeps every rule of its topic; None of any other one."""
    try:
        pairs = json.loads((message.value or b"").decode(), object_pairs_hook=list)
        value = dict(pairs)
        if len(value) < len(pairs) or not FIELDS[message.topic] <= value.keys():
            return None
        for name in WHOLE & value.keys() - ({"id"} if message.topic == "orders" else set()):
            if not re.fullmatch(r"[1-9][0-9]*", str(value[name])):
                return None
        for name in {"total_price", "cost", "price"} & value.keys():
            if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", str(value[name])):
                return None
        for name in {"created_at", "modified_at"} & value.keys():
            datetime.fromisoformat(value[name])
    except (ValueError, TypeError):
        return None
    return value


def readable(found: SimulatedStream) -> Iterator[tuple[int, Message, dict[str, Any]]]:
    for place, message in enumerate(found.messages):
        value = accepted(message)
        if value is not None:
            yield place, message, value


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_stream_has_as_many_messages_as_are_asked_for(plan: StreamPlan) -> None:
    found = stream(plan)
    assert len(found.messages) == plan.messages == found.truth.messages
    per_topic = Counter(message.topic for message in found.messages)
    assert per_topic == {name: each.messages for name, each in found.truth.topics.items()}
    assert set(per_topic) == set(TOPICS)


def test_equal_plans_give_equal_streams_and_other_seeds_other_ones() -> None:
    plan = PLANS[2]
    assert simulate_stream(plan) == stream(plan)
    other = simulate_stream(StreamPlan(1, plan.messages))
    same = set(other.messages) & set(stream(plan).messages)
    assert not same
    assert other.truth.orders.quantity != stream(plan).truth.orders.quantity


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_exactly_the_poison_is_refused(plan: StreamPlan) -> None:
    found = stream(plan)
    good = Counter(message.topic for _, message, _ in readable(found))
    for name, topic in found.truth.topics.items():
        assert good[name] == topic.accepted == topic.messages - sum(topic.poisoned.values())
    poisoned = sum(sum(each.poisoned.values()) for each in found.truth.topics.values())
    assert poisoned == plan.poisoned == plan.messages // 100


def test_every_kind_of_damage_is_planted() -> None:
    kinds = {kind for topic in stream(PLANS[0]).truth.topics.values() for kind in topic.poisoned}
    assert kinds == set(DAMAGES)


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_the_truth_of_each_topic_is_found_in_its_messages(plan: StreamPlan) -> None:
    found = stream(plan)
    keys, lags = defaultdict(set), defaultdict(list)
    seen: dict[str, Counter[Message]] = defaultdict(Counter)
    coupons: Counter[str] = Counter()
    for _, message, value in readable(found):
        keys[message.topic].add(message.key)
        seen[message.topic][message] += 1
        coupons[message.topic] += "coupon" in value
        if told := value.get("created_at") or value.get("modified_at"):
            lags[message.topic].append(
                message.at_ms / 1000 - datetime.fromisoformat(told).timestamp()
            )
    for name, topic in found.truth.topics.items():
        assert topic.keys == len(keys[name])
        assert topic.doubles == sum(times - 1 for times in seen[name].values())
        assert topic.late == sum(lag > 3600 for lag in lags[name])
        assert topic.ahead == sum(lag < -3600 for lag in lags[name])
        assert topic.with_unknown_field == coupons[name]


def loaded(found: SimulatedStream) -> duckdb.DuckDBPyConnection:
    """The accepted messages in a database, one row each."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, message, value in readable(found):
        told = value.get("created_at") or value.get("modified_at")
        amount = value.get("total_price", value.get("price"))
        rows[message.topic].append(
            {
                "place": place,
                "at_ms": message.at_ms,
                "key": message.key,
                "told": told and int(datetime.fromisoformat(told).timestamp() * 1000 + 0.5),
                "cents": amount and int(Decimal(str(amount)) * 100),
                "product": value.get("product_id", value["id"] if "price" in value else None),
                "quantity": value.get("quantity"),
                "content": json.dumps(value, sort_keys=True),
            }
        )
    db = duckdb.connect()
    for name, listed in rows.items():
        db.register(name, pa.Table.from_pylist(listed))
    return db


MET = """
with newest as (
    select * from orders
    qualify row_number() over (partition by key order by at_ms desc, place desc) = 1
), versions as (
    select product, at_ms as since, any_value(cents) as price,
        row_number() over (partition by product order by at_ms) as version
    from products group by product, at_ms
), known as (
    select product, since, price, version,
        if(version = 1, 0, since) as start,
        coalesce(lead(since) over (partition by product order by since), 1e15) as finish
    from versions
)
select newest.*, since, price, abs(newest.at_ms - since) <= 86400000 as near
from newest left join known
    on newest.product = known.product and newest.at_ms >= start and newest.at_ms < finish
"""


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_the_truth_of_the_orders_is_found_by_sql(plan: StreamPlan) -> None:
    found = stream(plan)
    db = loaded(found)
    row = db.execute(
        f"""
        select count(*) as orders, sum(quantity) as quantity, sum(cents) as total_cents,
            count(*) filter (near) as within_24h, count(*) filter (not near) as outside_24h,
            count(*) filter (since is null) as without_product,
            count(*) filter (since > at_ms) as before_product,
            sum(quantity * price) as revenue_cents,
            sum(quantity * price) filter (near) as revenue_within_24h_cents,
            count(distinct (product, at_ms // 1800000)) filter (since is not null)
                as revenue_windows
        from ({MET})
        """
    ).fetchnumpy()
    counted = {name: int(values[0]) for name, values in row.items()}
    (changed,) = db.execute(
        "select count(*) from (select key from orders group by key "
        "having count(distinct content) > 1)"
    ).fetchone() or (None,)
    (unshipped,) = db.execute(
        "select count(distinct key) from orders where key not in (select key from shipments)"
    ).fetchone() or (None,)
    assert counted | {"changed": changed, "without_shipment": unshipped} == asdict(
        found.truth.orders
    )


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_the_truth_of_the_shipments_is_found_by_sql(plan: StreamPlan) -> None:
    found = stream(plan)
    row = (
        loaded(found)
        .execute(
            """
        with step as (
            select key, 1 as step, at_ms, told from shipments
            union all by name select key, 2 as step, at_ms, told from shipment_dispatches
            union all by name select key, 3 as step, at_ms, told from shipment_completions
        ), shipment as (
            select key, min(told) filter (step = 1) as created, min(told) filter (step = 2) as sent,
                min(told) filter (step = 3) as done, max(at_ms) filter (step = 2) as sent_at,
                max(at_ms) filter (step = 3) as done_at
            from step group by key
        ), ordered as (select key, min(told) as ordered from orders group by key)
        select count(*) as shipments,
            count(*) filter (sent is null and done is null) as created_only,
            count(*) filter (sent is not null and done is null) as dispatched,
            count(*) filter (done is not null) as completed,
            count(*) filter (done is not null and sent is null) as not_dispatched,
            count(*) filter (ordered is null) as not_ordered,
            count(*) filter (sent_at > done_at) as overtaken,
            count(*) filter (sent < created) as swapped,
            sum(done - ordered) as delay_ms
        from shipment left join ordered using (key)
        """
        )
        .fetchnumpy()
    )
    assert {name: int(values[0]) for name, values in row.items()} == asdict(found.truth.fulfilment)


@pytest.mark.parametrize("topic", ["products", "customers"])
def test_versions_are_messages_that_differ_from_the_one_before(topic: str) -> None:
    found = stream(PLANS[0])
    (count,) = loaded(found).execute(
        f"""
        select count(*) from (
            select content, lag(content) over (partition by key order by at_ms, place) as before
            from {topic}
        ) where content is distinct from before
        """
    ).fetchone() or (None,)
    truth = found.truth
    assert count == (truth.product_versions if topic == "products" else truth.customer_versions)
    assert count == 3 * truth.topics[topic].keys


def test_messages_are_sent_out_of_the_order_of_their_times() -> None:
    found = stream(PLANS[0])
    newest: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for message in found.messages:
        behind[message.topic] += message.at_ms < newest[message.topic]
        newest[message.topic] = max(newest[message.topic], message.at_ms)
    assert sum(behind.values()) > 150 and min(behind[name] for name in TOPICS[1:]) > 0


def test_the_courses_share_the_shipped_orders_out() -> None:
    assert sum(course.share for course in COURSES) == 100
    truth = stream(PLANS[0]).truth.fulfilment
    assert truth.completed + truth.dispatched + truth.created_only == truth.shipments
    assert truth.shipments // 100 <= truth.swapped // 3 + 1


def test_a_truth_is_kept_as_it_is(tmp_path: Path) -> None:
    assert read_stream_truth(tmp_path) is None
    truth = stream(PLANS[2]).truth
    write_stream_truth(truth, tmp_path)
    assert read_stream_truth(tmp_path) == truth
    (tmp_path / "stream.json").write_text("{}")
    with pytest.raises(ValueError, match=r"stream\.json"):
        read_stream_truth(tmp_path)


@pytest.mark.parametrize(("seed", "messages"), [(-1, 20_000), (0, 999), (0, 5_000_001)])
def test_a_plan_out_of_range_is_refused(seed: int, messages: int) -> None:
    with pytest.raises(ValueError, match=r"range|0 or more"):
        StreamPlan(seed, messages)
