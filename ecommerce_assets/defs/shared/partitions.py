"""One partitions object per domain: which months there are, and why.

Belongs here: start, end and reason of each domain's months. Stays out: what is done with a
month, and the arithmetic (`lib/months.py`).
"""

from __future__ import annotations

from datetime import date

import dagster as dg

from ecommerce_assets.lib.months import MONTH_FORMAT, next_month
from ecommerce_assets.settings import load_settings


def months_of(domain: str) -> list[date]:
    """The months of a domain, oldest first."""
    return load_settings().months_of(domain)


def _monthly(months: list[date]) -> dg.MonthlyPartitionsDefinition:
    return dg.MonthlyPartitionsDefinition(
        start_date=months[0].strftime(MONTH_FORMAT),
        end_date=next_month(months[-1]).strftime(MONTH_FORMAT),
    )


def monthly_partitions(domain: str) -> dg.MonthlyPartitionsDefinition:
    """The partitions of a domain: its months, as the settings have them."""
    return _monthly(months_of(domain))


#: October 2019 to February 2020: what the Kaggle data set covers and ends with. A shop that lands
#: its own files widens it by ECOMMERCE_COSMETICS_MONTHS.
COSMETICS_MONTHLY = _monthly(months_of("cosmetics"))
#: January to November 2020: what the Kaggle file of the electronics store holds.
ELECTRONICS_MONTHLY = _monthly(months_of("electronics"))
#: December 2010 to December 2011, of which it has nine days: what Online Retail holds.
RETAIL_MONTHLY = _monthly(months_of("retail"))
