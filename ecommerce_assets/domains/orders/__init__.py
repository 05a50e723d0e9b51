"""The live stream of a shop: its products, customers, orders and shipments as they change."""

from collections.abc import Sequence

from ecommerce_assets.domains.orders.settings import OrdersSettings
from ecommerce_assets.domains.streams import StreamDomain, Topic
from ecommerce_assets.simulation.messages import Message


def _simulated(seed: int, number: int) -> Sequence[Message]:
    from ecommerce_assets.domains.orders.simulator.stream import StreamPlan, simulate_stream

    return simulate_stream(StreamPlan(seed, number)).messages


DOMAIN = StreamDomain(
    "orders",
    OrdersSettings,
    tuple(
        Topic("orders", name)
        for name in (
            "shops",
            "products",
            "customers",
            "orders",
            "shipments",
            "shipment_dispatches",
            "shipment_completions",
        )
    ),
    simulated=_simulated,
)
