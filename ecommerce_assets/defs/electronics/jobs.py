"""The job that loads a month of electronics purchases, which the sensors start."""

from ecommerce_assets.defs.loading.jobs import load_job
from ecommerce_assets.defs.shared.partitions import ELECTRONICS_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

(PURCHASES,) = DOMAINS["electronics"].tables
load_electronics_month = load_job(PURCHASES, ELECTRONICS_MONTHLY)
