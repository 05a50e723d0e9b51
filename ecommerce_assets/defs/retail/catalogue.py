"""Prices on a shop's public pages, from the reading to the raw table: optional, for comparison.

Belongs here: the assets of the catalogue, and its months. Stays out: how a shop is read politely
(`lib/sources/catalogue/shop.py`). It is no part of a backfill: a shop shows today's prices alone.
"""

import dagster as dg

from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.domains.registry import DOMAINS

#: From the first month that this software could have read on, the current one included.
CATALOGUE_MONTHLY = dg.MonthlyPartitionsDefinition(start_date="2025-01-01", end_offset=1)

(CATALOGUE,) = DOMAINS["retail"].apart
files, lake, raw = loading_assets(CATALOGUE, CATALOGUE_MONTHLY)
