"""The live stream of a shop: its products, customers, orders and shipments as they change."""

from ecommerce_assets.domains.orders.settings import OrdersSettings
from ecommerce_assets.domains.streams import StreamDomain, Topic

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
)
