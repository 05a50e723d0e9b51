"""The checks on a month of cosmetics events in the lake and in the raw table.

Belongs here: what is checked, how severe it is, and the figures it shows. Stays out: checks on
models, which are dbt tests. Those that guard a number are blocking.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from ecommerce_assets.lib.completeness import days_with_events
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.ingest import IngestResult, read_footer
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.partitions import COSMETICS_MONTHLY, next_month

LAKE = dg.AssetKey(["cosmetics", "lake", "events"])
RAW = dg.AssetKey(["cosmetics", "raw", "events"])
#: A month with more than this share of rows in quarantine deserves a look; the numbers still hold.
QUARANTINE_WARNING = 0.01

LAKE_CHECKS = [
    dg.AssetCheckSpec(
        "rows_conserved",
        asset=LAKE,
        description="Rows received are rows accepted, quarantined and blank lines.",
        blocking=True,
        partitions_def=COSMETICS_MONTHLY,
    ),
    dg.AssetCheckSpec(
        "month_complete",
        asset=LAKE,
        description="Every day of the month has events.",
        partitions_def=COSMETICS_MONTHLY,
    ),
    dg.AssetCheckSpec(
        "contract_kept",
        asset=LAKE,
        description=f"At most {QUARANTINE_WARNING:.0%} of the rows are in quarantine.",
        partitions_def=COSMETICS_MONTHLY,
    ),
]
RAW_CHECKS = [
    dg.AssetCheckSpec(
        "rows_as_published",
        asset=RAW,
        description="The raw table has exactly the rows that the lake published for the month.",
        blocking=True,
        partitions_def=COSMETICS_MONTHLY,
    )
]


def check_lake_month(
    lake: Lake, contract: TableContract, month: date, result: IngestResult
) -> Iterator[dg.AssetCheckResult]:
    """Check a published month against the figures of its load."""
    _, published = read_footer(lake, contract, month)
    accounted = published + result.rows_quarantined + result.blank_lines
    yield dg.AssetCheckResult(
        asset_key=LAKE,
        check_name="rows_conserved",
        passed=accounted == result.rows_received,
        metadata={
            "rows_received": result.rows_received,
            "rows_published": published,
            "rows_quarantined": result.rows_quarantined,
            "blank_lines": result.blank_lines,
        },
    )
    days = (next_month(month) - month).days
    seen = days_with_events(lake, contract, month)
    missing = [str(d) for d in (month + timedelta(n) for n in range(days)) if d not in seen]
    yield dg.AssetCheckResult(
        asset_key=LAKE,
        check_name="month_complete",
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days": days,
            "days_with_events": len(seen),
            "days_missing": ", ".join(missing) or "none",
        },
    )
    rows = max(result.rows_received - result.blank_lines, 1)
    yield dg.AssetCheckResult(
        asset_key=LAKE,
        check_name="contract_kept",
        passed=result.rows_quarantined <= QUARANTINE_WARNING * rows,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "rows_quarantined": result.rows_quarantined,
            "rows": rows,
            **{f"reason {code}": number for code, number in result.reasons.items()},
        },
    )


def check_raw_month(
    lake: Lake, contract: TableContract, month: date, rows: int
) -> dg.AssetCheckResult:
    """Check the raw table's rows of a month against the lake's."""
    _, published = read_footer(lake, contract, month)
    return dg.AssetCheckResult(
        asset_key=RAW,
        check_name="rows_as_published",
        passed=rows == published,
        metadata={"rows_published": published, "rows_in_raw_table": rows},
    )
