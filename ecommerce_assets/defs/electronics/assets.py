"""The electronics purchases from their one file to the raw table, one month a partition."""

from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.defs.shared.partitions import ELECTRONICS_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

(PURCHASES,) = DOMAINS["electronics"].tables
files, lake, raw = loading_assets(PURCHASES, ELECTRONICS_MONTHLY)
