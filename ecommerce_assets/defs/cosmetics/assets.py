"""The cosmetics events from their file to the raw table, one month a partition."""

from ecommerce_assets.defs.platform.loading import loading_assets
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.partitions import COSMETICS_MONTHLY

(EVENTS,) = DOMAINS["cosmetics"].tables
files, lake, raw = loading_assets(EVENTS, COSMETICS_MONTHLY)
