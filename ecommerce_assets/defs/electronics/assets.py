"""The electronics purchases from their one file to the raw table, one month a partition."""

from ecommerce_assets.defs.platform.loading import loading_assets
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.partitions import ELECTRONICS_MONTHLY

(PURCHASES,) = DOMAINS["electronics"].tables
files, lake, raw = loading_assets(PURCHASES, ELECTRONICS_MONTHLY)
