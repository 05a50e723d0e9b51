"""The truth ledger as an asset: `ops.truths`, and the check that our figures meet the truths.

Belongs here: which truths there are, the asset and its check. Stays out: judging (`lib/truths.py`)
and the figures (`domains/<domain>/truths/`).
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from ecommerce_assets.defs.dbt.freshness import (
    model_state,
    month_fingerprint,
    stale_months,
    stale_outside,
)
from ecommerce_assets.defs.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.translator import mart_keys
from ecommerce_assets.defs.platform.conditions import over_all_months
from ecommerce_assets.defs.platform.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.domains.truths import (
    TruthBook,
    fingerprint_of,
    loaded_months,
    reason_against,
)
from ecommerce_assets.lib import truths as ledger
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.partitions import next_month

MANIFEST = json.loads(manifest_path().read_text())
KEY = dg.AssetKey(["ops", "marts", "truths"])
CHECK = "figures_meet_the_truths"
#: The rows that the asset's page shows; all of them are in `ops.truths`.
SHOWN = 200


@dg.asset(
    key=KEY,
    deps=[
        *(
            dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())
            for key in mart_keys(MANIFEST, "monthly")
        ),
        *mart_keys(MANIFEST, "unpartitioned"),
    ],
    group_name="ops",
    kinds={"table"},
    owners=["team:data-platform"],
    tags={"layer": "marts", "domain": "ops"},
    pool=WAREHOUSE_POOL,
    retry_policy=TRANSIENT_RETRIES,
    automation_condition=over_all_months(),
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=KEY,
            description=(
                "Wherever the rows that a published or planted figure speaks of are loaded, "
                "our figure meets it."
            ),
        )
    ],
    description=(
        "Figures that others published of the full data sets, or that the simulated shop planted, "
        "beside ours: the table ops.truths. A figure whose rows are not loaded is not applicable."
    ),
)
def truths(lakehouse: Lakehouse) -> Iterator[Any]:
    """Measure our figures and compare them with the truths."""
    with as_dagster_failure():
        verdicts = []
        for domain in DOMAINS.values():
            found = check_domain(lakehouse, domain)
            ledger.publish_verdicts(lakehouse.lake, domain.dataset, found)
            verdicts += found
        lakehouse.warehouse.show_truths(lakehouse.lake)
    counts = Counter(verdict.status for verdict in verdicts)
    applicable = [verdict for verdict in verdicts if verdict.status != "not applicable"]
    metadata: dict[str, Any] = {
        "matches": counts["matches"],
        "differs": counts["differs"],
        "not applicable": counts["not applicable"],
        "dagster/row_count": len(verdicts),
    }
    yield dg.MaterializeResult(metadata=metadata | {"figures": _table(applicable[:SHOWN])})
    differing = [verdict for verdict in applicable if verdict.status == "differs"]
    yield dg.AssetCheckResult(
        asset_key=KEY,
        check_name=CHECK,
        passed=not differing,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=metadata
        | {f"{v.metric}, {v.scope}": f"{v.dataset}: {v.reason}" for v in differing[:SHOWN]},
    )


def check_domain(lakehouse: Lakehouse, domain: Domain) -> list[ledger.Verdict]:
    """The verdicts on a domain's figures; what has not changed is not measured again."""
    lake, warehouse = lakehouse.lake, lakehouse.warehouse
    book = domain.truths(lakehouse.settings)
    state = model_state(lake, domain, lakehouse.ledger.rows(domain.dataset))
    stale = {*stale_months(state), *stale_outside(state)}
    loaded = loaded_months(lake, domain.tables[0].contract)
    return ledger.check_truths(
        book.truths,
        lambda truth: reason_against(truth, loaded, stale, book.speaks_of),
        lambda truth: fingerprint_of(truth, lambda m: month_fingerprint(state, m)),
        _measure_in(warehouse, book),
        ledger.read_verdicts(lake, domain.dataset),
    )


def _measure_in(warehouse: Warehouse, book: TruthBook) -> ledger.Measure:
    def measure(name: str, first: date, last: date, arguments: tuple[Any, ...]) -> dict[str, Any]:
        ends = [_instant(first), _instant(next_month(last))]
        (row,) = warehouse.query_named(book.measure_sql(name), [*ends, *arguments])
        return row

    return measure


def _instant(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _table(verdicts: list[ledger.Verdict]) -> dg.TableMetadataValue:
    columns = ("scope", "metric", "expected", "found", "status", "definition", "source")
    records = [
        dg.TableRecord({name: str(getattr(verdict, name)) for name in columns})
        for verdict in verdicts
    ]
    schema = dg.TableSchema([dg.TableColumn(name, "string") for name in columns])
    return dg.MetadataValue.table(records, schema=schema)
