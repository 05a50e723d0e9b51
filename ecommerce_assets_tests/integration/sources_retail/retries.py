"""Retries that lose no time, and the months that the tests speak of."""

from __future__ import annotations

from datetime import date

from ecommerce_assets.lib.sources.retries import Retries

QUICK = Retries(attempts=3, first_wait_s=0.01, longest_wait_s=0.05)
DECEMBER, JANUARY, FEBRUARY = date(2010, 12, 1), date(2011, 1, 1), date(2011, 2, 1)
MONTHS = (DECEMBER, JANUARY, FEBRUARY)
