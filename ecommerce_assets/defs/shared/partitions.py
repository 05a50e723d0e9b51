"""The partitions of a domain, and of a source table with months of its own.

Belongs here: months as Dagster's partitions. Stays out: which months a domain has
(`domains/<domain>/settings.py`), what is done with a month, and the arithmetic (`lib/months.py`,
whose names are offered here, too).
"""

from __future__ import annotations

import dagster as dg

from ecommerce_assets.domains.domain import Domain, SourceTable
from ecommerce_assets.lib.months import MONTH_FORMAT, next_month
from ecommerce_assets.settings import Settings


def monthly_partitions(domain: Domain, settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """The partitions of a domain: its months, as the settings have them."""
    months = domain.months(settings)
    return dg.MonthlyPartitionsDefinition(
        start_date=months[0].strftime(MONTH_FORMAT),
        end_date=next_month(months[-1]).strftime(MONTH_FORMAT),
    )


def own_partitions(table: SourceTable) -> dg.MonthlyPartitionsDefinition:
    """The partitions of a table with months of its own, the current one included."""
    first = table.own_months_from
    assert first is not None  # noqa: S101 - only tables apart have months of their own
    return dg.MonthlyPartitionsDefinition(start_date=first.strftime(MONTH_FORMAT), end_offset=1)
