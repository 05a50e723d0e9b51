"""The job that loads a month of cosmetics events, which the schedule and the sensors start."""

from ecommerce_assets.defs.loading.jobs import load_job
from ecommerce_assets.defs.shared.partitions import COSMETICS_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

(EVENTS,) = DOMAINS["cosmetics"].tables
load_cosmetics_month = load_job(EVENTS, COSMETICS_MONTHLY)
