"""One partitions object per domain: which months there are, and why.

Belongs here: start, end and reason of each domain's months, and the arithmetic on months.
Stays out: what is done with a month.
"""

from __future__ import annotations

from datetime import date

import dagster as dg

from ecommerce_assets.settings import load_settings

MONTH_FORMAT = "%Y-%m-%d"


def next_month(month: date) -> date:
    """The first day of the month after `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before `month`."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """All months from `first` to `last`, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = next_month(first)
    return months


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
