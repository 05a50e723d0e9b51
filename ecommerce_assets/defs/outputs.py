"""Marts as tables of a PostgreSQL database, for the systems that read there.

Belongs here: the asset, which rows go, and when. Stays out: which marts go (`domains/<domain>/`),
and how a table is brought in step (`lib/outputs/postgres.py`).
"""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from ecommerce_assets.defs.shared.conditions import monthly_model
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.domain import Output
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.settings import variable_of


def output_asset(
    domain: Domain, output: Output, partitions: dg.PartitionsDefinition[Any]
) -> dg.AssetsDefinition:
    """The asset that keeps a mart as a table of a database.

    Args:
        domain: whose mart it is.
        output: the mart, the table and the setting of its address.
        partitions: the months of the domain.
    """
    setting = variable_of(domain.settings, output.address_setting)

    @dg.asset(
        key=[domain.name, "marts", output.name],
        deps=[dg.AssetKey([domain.name, "marts", output.mart])],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=domain.name,
        kinds={"postgres", "table"},
        owners=["team:data-platform"],
        tags={"layer": "marts", "domain": domain.name},
        pool=WAREHOUSE_POOL,
        retry_policy=TRANSIENT_RETRIES,
        automation_condition=monthly_model(reads_raw=False),
        metadata={"dagster/table_name": output.table},
        description=(
            f"{output.rows} as a table of the database {setting}: new, changed and vanished rows "
            "of the months, in one transaction. Without that setting nothing is written."
        ),
    )
    def written(
        context: dg.AssetExecutionContext, lakehouse: Lakehouse
    ) -> dg.MaterializeResult[None]:
        """Bring the months of the table in step with the mart."""
        address = domain.address_of(output, lakehouse.settings)
        if address is None:
            return dg.MaterializeResult(metadata={"written": False, "why": f"{setting} is not set"})
        months = [date.fromisoformat(key) for key in context.partition_keys]
        with as_dagster_failure():
            metadata = write_months(lakehouse, domain, output, address, months[0], months[-1])
        return dg.MaterializeResult(metadata=metadata)

    made: dg.AssetsDefinition = written
    return made


def write_months(
    lakehouse: Lakehouse, domain: Domain, output: Output, address: Any, first: date, last: date
) -> dict[str, Any]:
    """Make the table hold exactly the mart's rows of the months; gives the rows by fate.

    Args:
        lakehouse: gives the warehouse.
        domain: whose mart it is.
        output: the mart and the table.
        address: of the database.
        first: first month.
        last: last month, included.
    """
    from ecommerce_assets.connect import patience_of
    from ecommerce_assets.lib.outputs.postgres import Window, upsert_table

    start = datetime(first.year, first.month, 1, tzinfo=UTC)
    following = next_month(last)
    end = datetime(following.year, following.month, 1, tzinfo=UTC)
    query = (
        f"select * from {domain.name}_marts.{output.mart} "
        f"where {output.instant} >= ? and {output.instant} < ?"
    )
    rows = lakehouse.warehouse.read(query, [start, end])
    done = upsert_table(
        address,
        output.table,
        rows.to_batches(),
        schema=rows.schema,
        key=output.key,
        window=Window(output.instant, start, end),
        patience=patience_of(lakehouse.settings),
    )
    return {
        "written": True,
        "rows_inserted": done.inserted,
        "rows_updated": done.updated,
        "rows_deleted": done.deleted,
        "rows_unchanged": done.unchanged,
        "table_created": done.created,
    }
