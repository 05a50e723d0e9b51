"""The metadata that all table assets carry in the same form.

Belongs here: contract to Dagster's column schema, load figures to metadata. Stays out: the figures.
"""

from typing import Any

import dagster as dg

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import IngestResult
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.lake.undated import Undated
from ecommerce_assets.lib.text.plain import harmless

#: Where to look before a backfill is launched; ends the descriptions of the monthly assets.
PLAN_HINT = "What a backfill would touch and cost stands on ops/marts/backfill_plan."


def column_schema(contract: TableContract) -> dg.TableSchema:
    """A contract's columns as Dagster shows them on an asset's page."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.duckdb_type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
            )
            for column in contract.columns
        ]
    )


def load_metadata(slice_: Slice, result: IngestResult) -> dict[str, Any]:
    """The figures of a load: rows by fate, reasons, bytes, and what it changed of the slice.

    A month is the partition; of any other slice its name is among them.
    """
    reasons = [
        dg.TableRecord({"reason": reason, "rows": rows}) for reason, rows in result.reasons.items()
    ]
    metadata: dict[str, Any] = {
        "dagster/partition_row_count": result.rows_accepted,
        "rows_received": result.rows_received,
        "rows_quarantined": result.rows_quarantined,
        "blank_lines": result.blank_lines,
        "lake_bytes": result.lake_bytes,
        "load_key": result.load_key,
        "unchanged": result.unchanged,
    }
    if not isinstance(slice_.key, Month):
        metadata["slice"] = slice_.key.words
    if result.changes:
        metadata |= {
            "rows_added": result.changes.added,
            "rows_removed": result.changes.removed,
            "rows_altered": result.changes.altered,
            "change": result.changes.words,
        }
    if reasons:
        metadata["quarantine_reasons"] = dg.MetadataValue.table(reasons)
    if result.null_words:
        metadata["words_taken_for_unknown"] = dg.MetadataValue.table(word_records(result))
    if result.unknown_columns:
        metadata["unknown_columns"] = harmless(", ".join(result.unknown_columns))
    return metadata


def word_records(result: IngestResult) -> list[dg.TableRecord]:
    """The words for "not known" that became null: column, word, and rows."""
    return [
        dg.TableRecord({"column": column, "word": word, "rows": rows})
        for key, rows in result.null_words.items()
        for column, _, word in [key.partition(":")]
    ]


def undated_metadata(undated: Undated) -> dict[str, Any]:
    """The rows of a file of all months that lie in none."""
    return {
        "rows_without_a_month_declared": undated.known,
        "rows_without_a_month_outside": undated.outside,
        "rows_without_a_month_unreadable": undated.unreadable,
    }
