"""The checks on a month of a source table in the lake and in the raw table.

Belongs here: what is checked, how severe it is, and the figures it shows. Stays out: checks on
models, which are dbt tests. Those that guard a number are blocking.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from ecommerce_assets.defs.loading.metadata import undated_metadata
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import IngestResult
from ecommerce_assets.lib.lake.completeness import days_with_rows
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.lake.undated import Undated
from ecommerce_assets.lib.months import next_month

#: A month with more than this share of rows in quarantine deserves a look; the numbers still hold.
QUARANTINE_WARNING = 0.01
#: The check on the rows of a file of all months that lie in none.
HAVE_A_MONTH = "rows_have_a_month"


def key_of(contract: TableContract, layer: str) -> dg.AssetKey:
    """The key of a source table's asset in a layer."""
    return dg.AssetKey([contract.domain, layer, contract.table])


def lake_checks(
    contract: TableContract, partitions: dg.PartitionsDefinition[Any]
) -> list[dg.AssetCheckSpec]:
    """The checks on the slices of a source table in the lake."""
    asset = key_of(contract, "lake")
    of_a_month = [
        dg.AssetCheckSpec(
            "month_complete",
            asset=asset,
            description="Every day of the month on which rows are expected has rows.",
            partitions_def=partitions,
        )
    ]
    of_the_file = [
        dg.AssetCheckSpec(
            HAVE_A_MONTH,
            asset=asset,
            description=(
                "Every row of the file lies in a month, but for those with a time that the "
                "contract declares as not known. Speaks of the whole file, whatever month is "
                "loaded."
            ),
        )
    ]
    return [
        *(of_the_file if contract.shared_file else []),
        dg.AssetCheckSpec(
            "rows_conserved",
            asset=asset,
            description="Rows received are rows accepted, quarantined and blank lines.",
            blocking=True,
            partitions_def=partitions,
        ),
        *(of_a_month if contract.slices == Month.kind else []),
        dg.AssetCheckSpec(
            "empty_values_are_empty",
            asset=asset,
            description=(
                "No value is a program's word for one that is not known, such as NaN; the contract "
                "lists them, and they become null."
            ),
            partitions_def=partitions,
        ),
        dg.AssetCheckSpec(
            "contract_kept",
            asset=asset,
            description=f"At most {QUARANTINE_WARNING:.0%} of the rows are in quarantine.",
            partitions_def=partitions,
        ),
    ]


def raw_checks(
    contract: TableContract, partitions: dg.PartitionsDefinition[Any]
) -> list[dg.AssetCheckSpec]:
    """The checks on the slices of a raw table."""
    return [
        dg.AssetCheckSpec(
            "rows_as_published",
            asset=key_of(contract, "raw"),
            description="The raw table has exactly the rows that the lake published for the month.",
            blocking=True,
            partitions_def=partitions,
        )
    ]


def check_lake_slice(slice_: Slice, result: IngestResult) -> Iterator[dg.AssetCheckResult]:
    """Check a published slice against the figures of its load."""
    contract = slice_.contract
    _, published = slice_.footer()
    accounted = published + result.rows_quarantined + result.blank_lines
    yield dg.AssetCheckResult(
        asset_key=key_of(contract, "lake"),
        check_name="rows_conserved",
        passed=accounted == result.rows_received,
        metadata={
            "rows_received": result.rows_received,
            "rows_published": published,
            "rows_quarantined": result.rows_quarantined,
            "blank_lines": result.blank_lines,
        },
    )
    if isinstance(slice_.key, Month):
        yield _check_days(slice_)
    words = {f"rows with {key}": rows for key, rows in result.null_words.items()}
    yield dg.AssetCheckResult(
        asset_key=key_of(contract, "lake"),
        check_name="empty_values_are_empty",
        passed=not words,
        severity=dg.AssetCheckSeverity.WARN,
        description=", ".join(f"{k}: {n:,}" for k, n in words.items()) or None,
        metadata={"rows_with_such_words": sum(result.null_words.values()), **words},
    )
    rows = max(result.rows_received - result.blank_lines, 1)
    yield dg.AssetCheckResult(
        asset_key=key_of(contract, "lake"),
        check_name="contract_kept",
        passed=result.rows_quarantined <= QUARANTINE_WARNING * rows,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "rows_quarantined": result.rows_quarantined,
            "rows": rows,
            **{f"reason {code}": number for code, number in result.reasons.items()},
        },
    )


def _check_days(slice_: Slice) -> dg.AssetCheckResult:
    """Check that a month has rows of every day on which they are expected."""
    contract, month = slice_.contract, slice_.month
    span = (month + timedelta(n) for n in range((next_month(month) - month).days))
    days = [day for day in span if day.isoweekday() not in contract.closed_weekdays]
    seen = days_with_rows(slice_)
    missing = [str(day) for day in days if day not in seen]
    return dg.AssetCheckResult(
        asset_key=key_of(contract, "lake"),
        check_name="month_complete",
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "days": len(days),
            "days_with_rows": len(seen),
            "days_missing": ", ".join(missing) or "none",
        },
    )


def check_undated(contract: TableContract, undated: Undated) -> dg.AssetCheckResult:
    """Check that a file of all months has no row without one but for those it declares."""
    return dg.AssetCheckResult(
        asset_key=key_of(contract, "lake"),
        check_name=HAVE_A_MONTH,
        passed=not undated.unknown,
        severity=dg.AssetCheckSeverity.WARN,
        description=undated.words or None,
        metadata=undated_metadata(undated),
    )


def check_raw_slice(slice_: Slice, rows: int) -> dg.AssetCheckResult:
    """Check the raw table's rows of a slice against the lake's."""
    _, published = slice_.footer()
    return dg.AssetCheckResult(
        asset_key=key_of(slice_.contract, "raw"),
        check_name="rows_as_published",
        passed=rows == published,
        metadata={"rows_published": published, "rows_in_raw_table": rows},
    )
