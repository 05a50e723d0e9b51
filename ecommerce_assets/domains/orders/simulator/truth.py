"""What the generator planted in the stream, with the definition of every figure.

Belongs here: the figures, and keeping them as JSON. Stays out: reading the messages. A pipeline
that computes the same figure from the topics must get the same number; a difference is a defect of
the pipeline or of this module.

Money is whole cents. A message's time is that of the message; the time that it tells is its
`created_at` or `modified_at`. An order is as its newest message says, by the message's time. A
double is the same message once more, with the same time. Poison is in no figure but those that name
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.simulation.truth_files import read_truth, write_truth


@dataclass(frozen=True)
class TopicTruth:
    """What is true of the messages of one topic.

    Attributes:
        messages: all of them: accepted and poisoned ones.
        accepted: messages that keep the contract, doubles included.
        poisoned: messages that break it, by what was done to them (`mishaps.DAMAGES`).
        doubles: accepted messages that an equal one precedes.
        keys: different keys of accepted messages.
        late: accepted messages that are sent more than an hour after the time that they tell.
        ahead: accepted messages that are sent more than an hour before it.
        with_unknown_field: accepted messages that have the field `coupon`.
    """

    messages: int
    accepted: int
    poisoned: dict[str, int]
    doubles: int
    keys: int
    late: int
    ahead: int
    with_unknown_field: int


@dataclass(frozen=True)
class OrdersTruth:
    """What is true of the orders.

    The version of a product that an order meets is the one in force at the time of the order's
    newest message; before the first version, it is the first one. In force is the newest message of
    the product that is not later.

    Attributes:
        orders: different orders.
        changed: orders with messages of different contents.
        quantity: pieces of all orders.
        total_cents: what the source gives as their totals.
        within_24h: orders that meet a version at most 24 hours away from their newest message.
        outside_24h: orders that meet one further away.
        without_product: orders of a product that never had a message.
        before_product: orders that meet a version that is later than they are.
        revenue_cents: quantity times the price of the version, of orders that meet one.
        revenue_within_24h_cents: that of the orders within 24 hours.
        revenue_windows: different pairs of a product and a half hour, counted from midnight UTC, in
            which orders that meet a version have their newest message.
        without_shipment: orders without any message of a shipment.
    """

    orders: int
    changed: int
    quantity: int
    total_cents: int
    within_24h: int
    outside_24h: int
    without_product: int
    before_product: int
    revenue_cents: int
    revenue_within_24h_cents: int
    revenue_windows: int
    without_shipment: int


@dataclass(frozen=True)
class FulfilmentTruth:
    """What is true of the shipments; each is known by the order that it is of.

    Attributes:
        shipments: different orders with a message of a shipment.
        created_only: of these, those that have no further message.
        dispatched: those that have a message of a dispatch and none of a completion.
        completed: those that have a message of a completion.
        not_dispatched: completed ones without a message of a dispatch.
        not_ordered: those whose order has no message.
        overtaken: those whose dispatch has a later message than their completion.
        swapped: those that were dispatched before they were created, by the times that are told.
        delay_ms: from an order's creation to the completion of its shipment, by the times that are
            told, over all completed ones whose order has a message.
    """

    shipments: int
    created_only: int
    dispatched: int
    completed: int
    not_dispatched: int
    not_ordered: int
    overtaken: int
    swapped: int
    delay_ms: int


@dataclass(frozen=True)
class StreamTruth:
    """What is true of the whole stream, as the generator knows it before writing.

    Attributes:
        seed: of the stream.
        messages: of all topics.
        topics: by topic.
        orders: of the orders.
        fulfilment: of their shipments.
        product_versions: messages of products that differ from the product's one before.
        customer_versions: the same of customers.
    """

    seed: int
    messages: int
    topics: dict[str, TopicTruth]
    orders: OrdersTruth
    fulfilment: FulfilmentTruth
    product_versions: int
    customer_versions: int


def write_stream_truth(truth: StreamTruth, directory: Path) -> Path:
    """Write `<directory>/stream.json`, replacing it in one step; the path it wrote."""
    return write_truth(truth, directory / "stream.json")


def read_stream_truth(directory: Path) -> StreamTruth | None:
    """The truth in a directory; None if there is none.

    Raises:
        ValueError: if the file is not a truth; the message names it.
    """
    return read_truth(directory / "stream.json", StreamTruth)
