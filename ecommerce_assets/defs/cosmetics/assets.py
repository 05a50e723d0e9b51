"""The cosmetics events from their file to the raw table, one month a partition."""

from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.defs.shared.partitions import COSMETICS_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

(EVENTS,) = DOMAINS["cosmetics"].tables
files, lake, raw = loading_assets(EVENTS, COSMETICS_MONTHLY)
