"""What a user may set of the stream of orders alone."""

from ecommerce_assets.domains.streams import StreamSettings


class OrdersSettings(StreamSettings, env_prefix="ECOMMERCE_ORDERS_"):
    """The settings of the stream of orders."""
