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

from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.translator import mart_keys
from ecommerce_assets.defs.shared.conditions import over_all_months
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.domains.truths import TruthBook
from ecommerce_assets.lib import truths as ledger
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.planning.verdicts import STATUSES, scene_of
from ecommerce_assets.runs.keys import TRUTHS

MANIFEST = json.loads(manifest_path().read_text())
CHECK = "figures_meet_the_truths"
#: The rows that the asset's page shows; all of them are in `ops.truths`.
SHOWN = 200
#: How the reason of a figure begins whose query failed.
UNMEASURABLE = "our figure could not be measured"


@dg.asset(
    key=TRUTHS,
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
            asset=TRUTHS,
            description=(
                "Wherever the rows that a published or planted figure speaks of are loaded, "
                "our figure meets it; it warns where a figure could not be judged."
            ),
        )
    ],
    description=(
        "Figures that others published of the full data sets, or that the simulated shop planted, "
        "beside ours: the table ops.truths. A figure whose rows are not loaded is not applicable; "
        "one whose rows or models changed since it was judged is stale."
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
    metadata: dict[str, Any] = {status: counts[status] for status in STATUSES}
    metadata["dagster/row_count"] = len(verdicts)
    yield dg.MaterializeResult(metadata=metadata | {"figures": _table(applicable[:SHOWN])})
    differing = [verdict for verdict in applicable if verdict.status == "differs"]
    unjudged = [v for v in applicable if v.status in ("stale", "not judged")]
    wrong = differing or [v for v in unjudged if UNMEASURABLE in (v.reason or "")]
    yield dg.AssetCheckResult(
        asset_key=TRUTHS,
        check_name=CHECK,
        passed=not differing and not unjudged,
        severity=dg.AssetCheckSeverity.ERROR if wrong else dg.AssetCheckSeverity.WARN,
        metadata=metadata
        | {
            f"{v.metric}, {v.scope}": f"{v.dataset}: {v.reason}"
            for v in [*differing, *unjudged][:SHOWN]
        },
    )


def check_domain(lakehouse: Lakehouse, domain: Domain) -> list[ledger.Verdict]:
    """The verdicts on a domain's figures; what has not changed is not measured again.

    A domain whose figures cannot be measured (a table is gone, a query fails) has none that holds,
    and says why; it does not keep the others from being judged.
    """
    lake = lakehouse.lake
    scene = scene_of(lakehouse.settings, lake, domain, lakehouse.ledger.rows(domain.dataset))
    known = ledger.read_verdicts(lake, domain.dataset)
    steps = (scene.book.truths, scene.reason_against)
    measure = _measure_in(lakehouse.warehouse, scene.book)
    try:
        with lakehouse.warehouse.held_open():
            return ledger.check_truths(*steps, scene.why_not_now, scene.versions_of, measure, known)
    except PermanentFailure as error:
        why = f"{UNMEASURABLE}: {error}"
        return ledger.check_truths(*steps, lambda _: why, scene.versions_of, measure, known)


def _measure_in(warehouse: Warehouse, book: TruthBook) -> ledger.Measure:
    import duckdb

    def measure(name: str, first: date, last: date, arguments: tuple[Any, ...]) -> dict[str, Any]:
        ends = [_instant(first), _instant(next_month(last))]
        try:
            (row,) = warehouse.query_named(book.measure_sql(name), [*ends, *arguments])
        except duckdb.Error as error:
            raise PermanentFailure(
                f"the query {name} fails ({str(error).splitlines()[0]})",
                "build the models again: ecommerce backfill DOMAIN --force",
            ) from error
        return row

    return measure


def _instant(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _table(verdicts: list[ledger.Verdict]) -> dg.TableMetadataValue:
    columns = ("scope", "metric", "expected", "found", "status", "checked_at", "reason")
    records = [
        dg.TableRecord({name: str(getattr(verdict, name)) for name in columns})
        for verdict in verdicts
    ]
    schema = dg.TableSchema([dg.TableColumn(name, "string") for name in columns])
    return dg.MetadataValue.table(records, schema=schema)
