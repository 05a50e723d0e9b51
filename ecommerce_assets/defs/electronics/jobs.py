"""The job that loads a month of electronics purchases, which the sensors start."""

from ecommerce_assets.defs.platform.source_jobs import load_job
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.partitions import ELECTRONICS_MONTHLY

(PURCHASES,) = DOMAINS["electronics"].tables
load_electronics_month = load_job(PURCHASES, ELECTRONICS_MONTHLY)
