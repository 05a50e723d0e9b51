"""What the ledger and the truths of the published copy hold: loads that end in every way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ecommerce_assets.dbt.freshness import PART, project_fingerprint
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import COMMAND, FOLDER, Ledger, ledger_columns
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.truths import Truth, Versions, judge, not_applicable, publish_verdicts
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.duckdb_views import json_view

MONTHS = {
    "cosmetics.events": [date(2019, month, 1) for month in (10, 11, 12)],
    "electronics.purchases": [date(2020, month, 1) for month in (1, 2, 3)],
    "retail.invoices_archive": [date(2010, 12, 1), date(2011, 1, 1)],
}
#: A month that failed, and what its message and its cure are.
FAILED = date(2020, 4, 1)
FAILURE = PermanentFailure("the test's own failure", "mend the test's file")
#: Failed at first and loaded later; begun and never ended.
MENDED, KILLED = date(2019, 11, 1), date(2020, 1, 1)
TRUTH = Truth(
    "a paper", "rows", date(2020, 1, 1), date(2020, 1, 1), date(2020, 1, 1), "rows of the file",
    Decimal(7), Decimal(0), "page 1", "totals", "rows",
)  # fmt: skip


def write_operations(lake: Lake, warehouse: DuckDBWarehouse) -> None:
    """A ledger with loads that ended in every way; one truth of each verdict."""
    ledger = Ledger(lake)
    _failed(ledger, "cosmetics.events", "lake", MENDED)
    for dataset, months in MONTHS.items():
        for month in months:
            _loaded(ledger, dataset, month)
    _failed(ledger, "electronics.purchases", "raw", FAILED)
    ledger.begin("cosmetics.events", "lake", Month(KILLED))
    with ledger.attempt("cosmetics.events", COMMAND, Month(KILLED)):
        pass
    versions = Versions("x", project=project_fingerprint(DOMAINS["electronics"])[:PART])
    verdicts = [judge(TRUTH, Decimal(7), versions), judge(TRUTH, Decimal(8), versions)]
    verdicts.append(not_applicable(TRUTH, "not loaded"))
    publish_verdicts(lake, "electronics.purchases", verdicts)
    warehouse.show_truths(lake)
    # `load_operations` would look for a quarantine in the lake, and the shop wrote its own.
    ledger_view = json_view(lake.location(FOLDER) + "/*/*/*.json", ledger_columns())
    with warehouse.connect() as connection:
        connection.execute(f"create or replace view ops.load_ledger as {ledger_view}")
        connection.execute(
            "update electronics_raw.purchases_quarantine set month = "
            "case when len(reasons) = 1 and starts_with(raw_line, '2020') "
            "then date '2020-01-01' else date '1970-01-01' end"
        )

    _write_quarantine(lake, warehouse)


def _write_quarantine(lake: Lake, warehouse: DuckDBWarehouse) -> None:
    """Put the shop's bad rows into the lake, where the page of operations looks for them."""
    contract = load_contract("electronics", "purchases")
    columns = ("line", "accepted_before", "reasons", "raw_line", "file_name", "source_sha256")
    rows = warehouse.query_named("select * from electronics_raw.purchases_quarantine")
    for month in sorted({row["month"] for row in rows}):
        own = [row for row in rows if row["month"] == month]
        batch = {name: [row[name] for row in own] for name in (*columns, "run_id")}
        with lake.staging() as folder:
            Quarantine(Slice(lake, contract, Month(month))).publish(
                "made-up", iter([batch]), folder
            )


def _loaded(ledger: Ledger, dataset: str, month: date) -> None:
    """All steps of a month; the retail shop's models were charged for, as BigQuery does."""
    with ledger.attempt(dataset, "lake", Month(month)) as row:
        row.rows_received, row.rows_accepted = 1000 + month.month, 990
        row.rows_quarantined, row.blank_lines = 7, 3 + month.month
    with ledger.attempt(dataset, "raw", Month(month)):
        pass
    with ledger.attempt(dataset, "models", Month(month)) as row:
        if dataset.startswith("retail"):
            row.bytes_processed, row.bytes_billed, row.usd = 10**7, 10**8, 0.125


def _failed(ledger: Ledger, dataset: str, step: str, month: date) -> None:
    """An attempt of a minute ago that failed."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    ledger.finish(ledger.begin(dataset, step, Month(month), started=began), "failed", str(FAILURE))
