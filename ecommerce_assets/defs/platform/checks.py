"""The checks on the whole: no month is left failed or stale, and no mart lags behind its parents.

Belongs here: both checks, the job and the daily schedule that run them. Stays out: what is stale
(`defs/dbt/freshness.py`) and how months are read from tables (`lib/watermarks.py`). Which marts
there are comes from dbt's manifest.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from ecommerce_assets.defs.dbt.freshness import (
    ModelState,
    model_state,
    stale_months,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.defs.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.translator import asset_key, domain_and_layer
from ecommerce_assets.defs.platform.automation import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.platform.failures import as_dagster_failure
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.ledger import COMMAND, LedgerRow
from ecommerce_assets.lib.undated import undated_of
from ecommerce_assets.lib.watermarks import (
    existing_tables_sql,
    missing_months,
    months_by_table,
    months_sql,
)

MANIFEST: dict[str, Any] = json.loads(manifest_path().read_text())
COPY = dg.AssetKey(["ops", "marts", "published_copy"])
#: How long what was loaded may wait for its models before it is an error and not a warning: models
#: may be queued behind a day's loads.
GRACE = timedelta(hours=24)
REBUILD = "what to do: ecommerce backfill DOMAIN, or materialise them in the UI"

Found = list[tuple[str, str, dg.AssetCheckSeverity]]
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@dg.asset_check(
    asset=COPY,
    description=(
        "No month's newest attempt failed or was interrupted, no month's models are stale, no "
        "month that the source offers is left out, and no row lies in no month unless its contract "
        "declares it."
    ),
)
def no_partition_left_failed_or_stale(lakehouse: Lakehouse) -> dg.AssetCheckResult:
    """Name the months that need somebody."""
    with as_dagster_failure():
        rows = lakehouse.ledger.rows()
        found: Found = []
        for domain in DOMAINS.values():
            found += _left_behind(lakehouse, domain, _of(domain, rows))
    return _result(found, f"{REBUILD}; `ecommerce status` shows every month")


@dg.asset_check(
    asset=COPY,
    pool=WAREHOUSE_POOL,
    description=(
        "Every monthly mart has every month of the raw table, and every mart over all months was "
        "built after its parents. Marts without rows of a month are named, whyever."
    ),
)
def marts_keep_up_with_their_parents(
    context: dg.AssetCheckExecutionContext, lakehouse: Lakehouse
) -> dg.AssetCheckResult:
    """Name the marts that lag: by the ledger, by the tables' rows, and by Dagster's records."""
    with as_dagster_failure():
        rows = lakehouse.ledger.rows()
        found: Found = []
        for domain in DOMAINS.values():
            own = _of(domain, rows)
            state, loaded_at = model_state(lakehouse.lake, domain, own), _loaded_at(own)
            if not own:
                continue  # a domain that nobody uses lags behind nothing
            newest = max(loaded_at.values(), default=None)
            found += _lagging_months(lakehouse, domain, state, loaded_at)
            found += _lagging_history(context.instance, domain, state, newest)
    return _result(found, REBUILD)


check_upkeep = dg.define_asset_job(
    "check_upkeep",
    selection=dg.AssetSelection.checks(
        no_partition_left_failed_or_stale, marts_keep_up_with_their_parents
    ),
    description="Check that nothing is left failed, stale or behind.",
)

check_upkeep_daily = dg.ScheduleDefinition(
    name="check_upkeep_daily",
    job=check_upkeep,
    cron_schedule="0 7 * * *",
    execution_timezone="UTC",
    default_status=schedule_status("check_upkeep_daily"),
    description=AUTOMATIONS["check_upkeep_daily"].does,
)


def _of(domain: Domain, rows: Collection[LedgerRow]) -> list[LedgerRow]:
    """The ledger's rows of a domain."""
    names = {table.contract.dataset for table in domain.tables}
    return [row for row in rows if row.dataset in names]


def _left_behind(lakehouse: Lakehouse, domain: Domain, rows: list[LedgerRow]) -> Found:
    """A domain's months that failed, are stale, or are offered and not loaded."""
    state = model_state(lakehouse.lake, domain, rows)
    name = domain.name
    found: Found = [
        (f"{name} {row.month[:7]} {row.step}", f"{row.status}: {row.reason or 'no reason'}", ERROR)
        for row in _newest_failures(rows)
    ]
    loaded_at = _loaded_at(rows)
    found += [
        (f"{name} {m:%Y-%m} models", str(why_stale(state, m)), _by_age(loaded_at.get(m)))
        for m in stale_months(state)
    ]
    contracts = [table.contract for table in domain.tables]
    found += [
        (f"{each.dataset} rows without a month", each.words, WARN)
        for each in undated_of(lakehouse.lake, contracts)
        if each.unknown
    ]
    if rows:  # nobody waits for a domain that was never loaded
        found += [
            (f"{name} {month:%Y-%m}", "offered by the source and not loaded", WARN)
            for month in _offered(lakehouse, domain)
            if month not in state.contents
        ]
    return found


def marts(manifest: Mapping[str, Any], domain: Domain, tag: str) -> list[dict[str, Any]]:
    """The nodes of a domain's mart models that are tables, by their tag."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and tag in node["tags"]
        and domain_and_layer(str(node["schema"])) == (domain.name, "marts")
        and node["config"]["materialized"] != "view"
    ]


def table_parents(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> set[dg.AssetKey]:
    """The keys of the tables that a model reads, through views."""
    found = set()
    for name in node["depends_on"]["nodes"]:
        parent = manifest["nodes"].get(name) or manifest["sources"][name]
        if parent.get("config", {}).get("materialized") == "view":
            found |= table_parents(manifest, parent)
        else:
            found.add(asset_key(parent))
    return found


def _lagging_months(
    lakehouse: Lakehouse,
    domain: Domain,
    state: ModelState,
    loaded_at: Mapping[date, datetime],
) -> Iterator[tuple[str, str, dg.AssetCheckSeverity]]:
    """Monthly marts that lack months of the raw table; stale months count for each of them."""
    columns = {
        f"{node['schema']}.{node['name']}": str(node["config"]["event_time"])
        for node in marts(MANIFEST, domain, "monthly")
    }
    if not state.contents or not columns:
        return
    warehouse, stale = lakehouse.warehouse, stale_months(state)
    listing = existing_tables_sql(warehouse.kind, lakehouse.settings.gcp_region)
    existing = {f"{schema}.{name}" for schema, name in warehouse.query(listing)}
    there = {table: column for table, column in columns.items() if table in existing}
    found = months_by_table(warehouse.query(months_sql(there))) if there else {}
    lacks = missing_months(columns, found, state.contents)
    for table in sorted(columns):
        old = [month for month in stale if month not in lacks.get(table, ())]
        if table not in existing:
            yield table, "was never built", _by_age(max(loaded_at.values(), default=None))
        elif table in lacks:
            ages = [loaded_at.get(month) if month in stale else None for month in lacks[table]]
            worst = ERROR if ERROR in map(_by_age, ages) else WARN
            yield table, f"has no rows of {_named(lacks[table])}", worst
        if old and table in existing:
            worst = ERROR if ERROR in (_by_age(loaded_at.get(m)) for m in old) else WARN
            yield table, f"was built from something else in {_named(old)}", worst


def _lagging_history(
    instance: dg.DagsterInstance, domain: Domain, state: ModelState, newest_load: datetime | None
) -> Iterator[tuple[str, str, dg.AssetCheckSeverity]]:
    """Marts over all months that are not up to date by the ledger, or older than a parent."""
    reason = why_history_is_stale(state)
    for node in marts(MANIFEST, domain, "unpartitioned"):
        table = f"{node['schema']}.{node['name']}"
        if reason:
            yield table, reason, _by_age(newest_load)
        late = _newer_parents(instance, asset_key(node), table_parents(MANIFEST, node))
        if late:
            names = ", ".join(key.path[-1] for key in sorted(late))
            yield table, f"was built before {names}", _by_age(max(late.values()))


def _newer_parents(
    instance: dg.DagsterInstance, key: dg.AssetKey, parents: Collection[dg.AssetKey]
) -> dict[dg.AssetKey, datetime]:
    """The parents that another run made after the run began that made the asset, and when."""
    own = instance.get_latest_materialization_event(key)
    if own is None:
        return {}  # the history of Dagster may be younger than the tables
    record = instance.get_run_record_by_id(own.run_id)
    began = record.start_time if record and record.start_time else own.timestamp
    found = {}
    for parent in parents:
        made = instance.get_latest_materialization_event(parent)
        if made and made.run_id != own.run_id and made.timestamp > began:
            found[parent] = datetime.fromtimestamp(made.timestamp, UTC)
    return found


def _newest_failures(rows: Collection[LedgerRow]) -> list[LedgerRow]:
    newest = {(row.dataset, row.step, row.month): row for row in rows if row.step != COMMAND}
    return [row for row in newest.values() if row.status in ("failed", "interrupted")]


def _loaded_at(rows: Collection[LedgerRow]) -> dict[date, datetime]:
    """When each month's rows in the lake became what they are."""
    return {
        date.fromisoformat(row.month): datetime.fromisoformat(row.finished_at)
        for row in rows
        if row.step == "lake" and row.status == "loaded" and row.finished_at
    }


def _offered(lakehouse: Lakehouse, domain: Domain) -> list[date]:
    """The months of the domain that its first table's source offers, where asking costs nothing."""
    settings = lakehouse.settings
    if settings.source_of(domain.name) == "kaggle":
        return []  # two calls over the network; its sensor asks
    offered = domain.tables[0].source(settings).available()
    return [month for month in domain.months(settings) if month in offered]


def _by_age(loaded: datetime | None) -> dg.AssetCheckSeverity:
    return WARN if loaded and datetime.now(UTC) - loaded < GRACE else ERROR


def _named(months: Collection[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in sorted(months))


def _result(found: Found, cure: str) -> dg.AssetCheckResult:
    table = [dg.TableRecord({"what": what, "why": why}) for what, why, _ in found]
    told = "; ".join(f"{what}: {why}" for what, why, _ in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return dg.AssetCheckResult(
        passed=not found,
        severity=ERROR if any(severity is ERROR for *_, severity in found) else WARN,
        description=f"{told}{more} — {cure}" if found else None,
        metadata={"found": len(found)} | ({"list": dg.MetadataValue.table(table)} if found else {}),
    )
