"""The assets that bring a source table from its file to the raw table, one month a partition.

Belongs here: the assets `files`, `lake` and `raw` of any source table, and what each says of
itself. Stays out: how a file is fetched, read and published (`lib/`), which tables there are
(`domains/registry.py`), and the models (`defs/dbt/`).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ecommerce_assets.dbt.accepted_values import refuse_values_ahead_of_models
from ecommerce_assets.defs.loading.checks import (
    check_lake_slice,
    check_raw_slice,
    check_undated,
    key_of,
    lake_checks,
    raw_checks,
)
from ecommerce_assets.defs.loading.metadata import (
    PLAN_HINT,
    column_schema,
    load_metadata,
    undated_metadata,
)
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.defs.shared.usage import note_usage, own_usage, usage_metadata
from ecommerce_assets.domains.registry import DOMAINS, SourceTable
from ecommerce_assets.lib.failures import PermanentFailure, SettingMissing
from ecommerce_assets.lib.ingest.fetch import fetch_month, open_delivery
from ecommerce_assets.lib.ingest.month_file import (
    INGEST_VERSION,
    Delivery,
    IngestResult,
    fill_ledger_row,
    ingest_slice,
)
from ecommerce_assets.lib.ingest.originals import good_original, note_published
from ecommerce_assets.lib.ingest.redelivery import ACCEPT_TAG
from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.changes import content_of
from ecommerce_assets.lib.lake.publication import published_rows
from ecommerce_assets.lib.lake.seal import refuse_damaged
from ecommerce_assets.lib.lake.slices import Slice, parse_key
from ecommerce_assets.lib.lake.undated import undated_rows
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.planning.verdicts import mark_changed
from ecommerce_assets.settings import load_settings

#: A run a month: a month whose file is broken fails alone, and Dagster names it as the failed
#: partition while the others go on. Dagster marks every partition of a shared run alike. A file
#: that holds all months is read by the first of them.
ONE_MONTH_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)


def loading_assets(
    table: SourceTable, partitions: dg.PartitionsDefinition[Any]
) -> list[dg.AssetsDefinition]:
    """The assets `files`, `lake` and `raw` of a source table.

    They are in the group of their domain, so that the group can be materialised as a whole. A table
    that the settings give no source, and one that has months of its own, is in a group beside it.

    Args:
        table: its contract and source.
        partitions: the months of its domain.
    """
    files = _files(table, partitions)
    lake = _lake(table, partitions, files)
    return [files, lake, _raw(table, partitions, lake)]


def group_of(table: SourceTable) -> str:
    """The group of a source table's assets: what a backfill of the domain's group takes along."""
    if table.own_months_from:
        return f"{table.domain}_{table.name}"
    absent = table.why_absent(load_settings())
    return f"{table.domain}_without_source" if absent else table.domain


def _common(
    table: SourceTable, partitions: dg.PartitionsDefinition[Any], layer: str
) -> dict[str, Any]:
    contract = table.contract
    return {
        "partitions_def": partitions,
        "backfill_policy": ONE_MONTH_A_RUN,
        "group_name": group_of(table),
        "owners": [contract.owner],
        "tags": {"layer": layer, "domain": contract.domain},
    }


def _files(table: SourceTable, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The source's file as it is."""
    contract = table.contract
    held = "months' shared" if contract.shared_file else "month's"

    @dg.asset(
        key=key_of(contract, "files"),
        kinds={contract.form},
        description=(
            f"The {held} file as its source delivered it. An unchanged version is not fetched "
            f"again; a download that broke off goes on where it stopped. {PLAN_HINT}"
        ),
        retry_policy=TRANSIENT_RETRIES,
        **_common(table, partitions, "files"),
    )
    def files(
        context: dg.AssetExecutionContext, lakehouse: Lakehouse
    ) -> dg.MaterializeResult[None]:
        """Fetch the month's file."""
        slice_ = Slice(lakehouse.lake, contract, parse_key(contract.slices, context.partition_key))
        attempt = lakehouse.ledger.attempt(contract.dataset, "files", slice_.key, context.run_id)
        with as_dagster_failure(), attempt as row:
            absent = table.why_absent(lakehouse.settings)
            if absent:
                raise SettingMissing(f"{contract.dataset} has no source", absent)
            source = table.source(lakehouse.settings)
            row.source_name = source.kind
            got, is_new = fetch_month(source, slice_, lakehouse.downloads)
            row.source_name, row.source_version = got.name, got.version
            row.source_sha256, row.source_bytes = got.sha256, got.size
            row.status = "loaded" if is_new else "unchanged"
        return dg.MaterializeResult(
            metadata={
                "file": got.name,
                "source": got.kind,
                "source_version": got.version,
                "location": got.location,
                "size_bytes": got.size,
                "sha256": got.sha256,
                "fetched_at": got.fetched_at,
                "unchanged": not is_new,
                "path": lakehouse.lake.location(got.key),
            },
            data_version=dg.DataVersion(got.sha256[:16]),
        )

    made: dg.AssetsDefinition = files
    return made


def _lake(
    table: SourceTable, partitions: dg.PartitionsDefinition[Any], files: dg.AssetsDefinition
) -> dg.AssetsDefinition:
    """Typed Parquet and quarantine."""
    contract = table.contract

    @dg.asset(
        key=key_of(contract, "lake"),
        deps=[files],
        kinds={"parquet", "duckdb"},
        description=(
            f"{contract.description} Typed Parquet after the contract {contract.dataset} "
            f"{contract.version}; rows that break it are in quarantine with their reasons. A month "
            f"that comes again says how many rows it adds, removes and alters. {PLAN_HINT}"
        ),
        code_version=f"{INGEST_VERSION}.{contract.fingerprint[:12]}",
        metadata={"dagster/column_schema": column_schema(contract)},
        check_specs=lake_checks(contract, partitions),
        **_common(table, partitions, "lake"),
    )
    def lake(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
        """Turn the month's file into typed Parquet and quarantine."""
        lake, settings = lakehouse.lake, lakehouse.settings
        slice_ = Slice(lake, contract, parse_key(contract.slices, context.partition_key))
        attempt = lakehouse.ledger.attempt(contract.dataset, "lake", slice_.key, context.run_id)
        with as_dagster_failure(), attempt as row, open_delivery(slice_) as delivery:
            row.source_name, row.source_version = delivery.name, delivery.version
            row.source_sha256, row.contract_version = delivery.sha256, contract.version
            shares = len(DOMAINS[contract.domain].months(settings)) if contract.shared_file else 1
            row.source_bytes = delivery.path.stat().st_size // shares
            try:
                refuse_values_ahead_of_models(contract)
                result = _ingest(context, lakehouse, slice_, delivery)
            except PermanentFailure as refused:
                raise _stay_good(context, lakehouse, slice_, delivery, refused) from refused
            note_published(slice_, delivery.sha256)
            fill_ledger_row(row, result)
            row.status = "unchanged" if result.unchanged else "loaded"
            undated = undated_rows(lake, contract)
        yield dg.MaterializeResult(
            metadata=load_metadata(slice_, result)
            | (undated_metadata(undated) if contract.shared_file else {})
            | {"dagster/row_count": published_rows(lake, contract)}
            | {"path": slice_.location},
            data_version=dg.DataVersion(result.content),
        )
        yield from check_lake_slice(slice_, result)
        if contract.shared_file:
            yield check_undated(contract, undated)

    made: dg.AssetsDefinition = lake
    return made


def _ingest(
    context: dg.AssetExecutionContext,
    lakehouse: Lakehouse,
    slice_: Slice,
    delivery: Delivery,
) -> IngestResult:
    """Load the month from its own file, or from the one that all months share."""
    settings, contract = lakehouse.settings, slice_.contract
    limits: dict[str, Any] = {
        "run_id": context.run_id,
        "accept_worse": settings.accept_worse or context.run.tags.get(ACCEPT_TAG) == "yes",
        "memory_limit": settings.memory_limit,
        "max_bytes": settings.max_file_bytes,
    }
    if not contract.shared_file:
        return ingest_slice(slice_, delivery, **limits)
    months = DOMAINS[contract.domain].months(settings)
    return ingest_part(slice_, Months(months[0], months[-1]), delivery, **limits)


def _stay_good(
    context: dg.AssetExecutionContext,
    lakehouse: Lakehouse,
    slice_: Slice,
    refused: Delivery,
    why: PermanentFailure,
) -> PermanentFailure:
    """Make the month from the last good original where it has to be made, and give the failure.

    The failure of the newer delivery stays one, and says what the month holds instead.
    """
    good = good_original(slice_)
    if good is None or good.sha256 == refused.sha256:
        return why
    with lakehouse.lake.local_copy(good.key) as path:
        delivery = Delivery(path, good.name, good.version, good.sha256)
        try:
            _ingest(context, lakehouse, slice_, delivery)
        except PermanentFailure as again:
            said = f"nor can the delivery before it be read: {again.message}"
            return type(why)(f"{why.message}; {said}", why.cure)
    # Without the month: a file of all months fails for each of them in the same words.
    said = "the month keeps the rows of the delivery before it"
    return type(why)(f"{why.message}; {said}", why.cure)


def _into_warehouse(warehouse: Warehouse, slice_: Slice) -> int:
    """Show the month in the raw table; one that copies it notes what it holds. Gives its rows."""
    if not warehouse.copies_raw:
        return warehouse.load_slice(slice_)
    dataset, month = slice_.contract.dataset, slice_.month
    footer, published = slice_.footer()
    warehouse.forget_builds(dataset, {"raw": [month]})
    rows = warehouse.load_slice(slice_)
    if rows == published:
        warehouse.note_builds(dataset, "raw", {month: content_of(footer)}, ())
    return rows


def _raw(
    table: SourceTable, partitions: dg.PartitionsDefinition[Any], lake: dg.AssetsDefinition
) -> dg.AssetsDefinition:
    """The warehouse's raw table."""
    contract = table.contract
    raw_name = f"{contract.domain}_raw.{contract.table}"

    @dg.asset(
        key=key_of(contract, "raw"),
        deps=[lake],
        kinds={"duckdb", "table"},
        description=(
            f"{contract.description} The raw table, every published month of it. {PLAN_HINT}"
        ),
        metadata={
            "dagster/column_schema": column_schema(contract),
            "dagster/table_name": raw_name,
        },
        check_specs=raw_checks(contract, partitions),
        pool=WAREHOUSE_POOL,
        retry_policy=TRANSIENT_RETRIES,
        **_common(table, partitions, "raw"),
    )
    def raw(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
        """Show the published month in the warehouse's raw table."""
        slice_ = Slice(lakehouse.lake, contract, parse_key(contract.slices, context.partition_key))
        attempt = lakehouse.ledger.attempt(contract.dataset, "raw", slice_.key, context.run_id)
        with as_dagster_failure(), attempt as row:
            refuse_damaged([slice_])
            warehouse = lakehouse.warehouse_for(context)
            rows = _into_warehouse(warehouse, slice_)
            warehouse.load_operations(contract, lakehouse.lake)
            mark_changed(lakehouse.lake, DOMAINS[contract.domain], slice_.month)
            row.rows_read, row.engine = rows, warehouse.kind
            usage, price = own_usage(warehouse), lakehouse.settings.bigquery_usd_per_tib
            note_usage(row, usage, price)
            check = check_raw_slice(slice_, rows)
            if not check.passed:
                row.status, row.reason = "failed", "the raw table has not the rows of the lake"
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": warehouse.count_rows(raw_name),
                "dagster/partition_row_count": rows,
            }
            | usage_metadata(usage, price)
        )
        yield check

    made: dg.AssetsDefinition = raw
    return made
