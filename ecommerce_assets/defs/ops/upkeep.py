"""The checks on the whole: no month is failed, stale or damaged, no mart lags behind its parents.

Belongs here: the checks, the job and the daily schedule that run them. Stays out: what is stale
(`dbt/freshness.py`) and how months are read from tables (`lib/warehouse/months.py`). Which marts
there are comes from dbt's manifest.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import dagster as dg

from ecommerce_assets.dbt.freshness import (
    ModelState,
    model_state,
    stale_months,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.mart_months import MartMonths, mart_months, marts
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.shared.failures import as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain, contracts_of_all_tables
from ecommerce_assets.lib.failures import CURE, LakehouseError
from ecommerce_assets.lib.lake.ledger import OVER_ALL_MONTHS, LedgerRow, newest_failures
from ecommerce_assets.lib.lake.seal import damage_of
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months, published_slices
from ecommerce_assets.lib.lake.undated import undated_of
from ecommerce_assets.lib.text.plain import harmless
from ecommerce_assets.runs.keys import COPY

MANIFEST: dict[str, Any] = json.loads(manifest_path().read_text())
#: How long what was loaded may wait for its models before it is an error and not a warning: models
#: may be queued behind a day's loads.
GRACE = timedelta(hours=24)
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, and what makes it good."""

    what: str
    why: str
    severity: dg.AssetCheckSeverity
    cure: str


@dg.asset_check(
    asset=COPY,
    pool=WAREHOUSE_POOL,  # the warehouse says what it holds
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
        found: list[Finding] = []
        for domain in DOMAINS.values():
            found += _left_behind(lakehouse, domain, _of(lakehouse, domain, rows))
    return _result(found)


@dg.asset_check(
    asset=COPY,
    pool=WAREHOUSE_POOL,
    description=(
        "Every monthly mart has the months that its parents gave it rows of, and every mart over "
        "all months was made from the months as they are now."
    ),
)
def marts_keep_up_with_their_parents(lakehouse: Lakehouse) -> dg.AssetCheckResult:
    """Name the marts that lag: by the ledger, and by the rows that they have."""
    with as_dagster_failure():
        rows = lakehouse.ledger.rows()
        found: list[Finding] = []
        for domain in DOMAINS.values():
            own = _of(lakehouse, domain, rows)
            if not own:
                continue  # a domain that nobody uses lags behind nothing
            whole = model_state(lakehouse.lake, lakehouse.warehouse, domain, own)
            state, loaded_at = whole.without_damage, _loaded_at(own)  # tables are looked at here
            if state.contents:
                found += _lagging_months(lakehouse, domain, state, loaded_at)
                found += _lagging_history(domain, state, max(loaded_at.values(), default=None))
    return _result(found)


@dg.asset_check(
    asset=COPY,
    description=(
        "Every published month's file in a lake on local disk has the bytes that were published. "
        "A bucket compares checksums itself."
    ),
)
def published_files_are_whole(lakehouse: Lakehouse) -> dg.AssetCheckResult:
    """Name the months whose files are damaged."""
    with as_dagster_failure():
        slices = (published_slices(lakehouse.lake, each) for each in contracts_of_all_tables())
        found = [damage_of(slice_) for slice_ in chain.from_iterable(slices)]
    return _result([Finding(f"{d.dataset} {d.slice}", d.why, ERROR, d.cure) for d in found if d])


check_upkeep = dg.define_asset_job(
    "check_upkeep",
    selection=dg.AssetSelection.checks(
        no_partition_left_failed_or_stale,
        marts_keep_up_with_their_parents,
        published_files_are_whole,
    ),
    description="Check that nothing is left failed, stale, behind or damaged.",
)

check_upkeep_daily = dg.ScheduleDefinition(
    name="check_upkeep_daily",
    job=check_upkeep,
    cron_schedule="0 7 * * *",
    execution_timezone="UTC",
    default_status=schedule_status("check_upkeep_daily"),
    description=AUTOMATIONS["check_upkeep_daily"].does,
)


def _of(lakehouse: Lakehouse, domain: Domain, rows: Collection[LedgerRow]) -> list[LedgerRow]:
    """The ledger's rows of a domain; a table that lost its source cannot be made good."""
    names = {table.contract.dataset for table in domain.present(lakehouse.settings)}
    return [row for row in rows if row.dataset in names | {domain.dataset}]


def _left_behind(lakehouse: Lakehouse, domain: Domain, rows: list[LedgerRow]) -> list[Finding]:
    """A domain's months that failed, are stale, or are offered and not loaded."""
    if not rows:
        return []  # nobody waits for a domain that was never loaded
    state = model_state(lakehouse.lake, lakehouse.warehouse, domain, rows)
    name = domain.name
    months, cure = domain.months(lakehouse.settings), f"ecommerce backfill {domain.name}"
    found = [
        Finding(
            f"{name} {row.key.words} {row.step}",
            f"{row.status}: {row.reason or 'no reason'}",
            ERROR,
            f"{cure}; `ecommerce status {name}` shows every month",
        )
        for row in newest_failures(rows)
        if row.step in OVER_ALL_MONTHS or not row.is_outside(months)
    ]
    loaded_at = _loaded_at(rows)
    found += [
        Finding(
            f"{name} {m:%Y-%m} models", str(why_stale(state, m)), _by_age(loaded_at.get(m)), cure
        )
        for m in stale_months(state)
    ]
    found += [
        Finding(
            f"{each.dataset} rows without a month",
            each.words,
            WARN,
            f"ecommerce quarantine show {name} undated",
        )
        for each in undated_of(lakehouse.lake, [table.contract for table in domain.tables])
        if each.unknown
    ]
    try:
        offered = _offered(lakehouse, domain)
    except LakehouseError as failure:
        found.append(Finding(f"{name} source", failure.message, WARN, failure.cure))
        return found
    found += [
        Finding(f"{name} {month:%Y-%m}", "offered by the source and not loaded", WARN, cure)
        for month in offered
        if month not in state.contents
    ]
    return found


def _lagging_months(
    lakehouse: Lakehouse,
    domain: Domain,
    state: ModelState,
    loaded_at: Mapping[date, datetime],
) -> Iterator[Finding]:
    """Monthly marts that lost rows that they had when they were built, or are not up to date."""
    cure, region = f"ecommerce backfill {domain.name}", lakehouse.settings.gcp_region
    found, stale = mart_months(MANIFEST, domain, lakehouse.warehouse, region), stale_months(state)
    worst = ERROR if ERROR in (_by_age(loaded_at.get(month)) for month in stale) else WARN
    for table in found.tables:
        if table not in found.existing:
            age = _by_age(max(loaded_at.values(), default=None)) if stale else ERROR
            yield Finding(table, "was never built", age, f"{cure} --force")
            continue
        lost = [m for m in state.own_months if m not in stale and _lost(state, found, table, m)]
        if lost:
            yield Finding(table, f"has no rows of {_named(lost)}", ERROR, f"{cure} --force")
        if stale:
            yield Finding(table, f"is not up to date in {_named(stale)}", worst, cure)
    primary = domain.primary(lakehouse.settings).contract
    there = set(published_months(lakehouse.lake, primary.domain, primary.table)) - set(stale)
    for month in sorted(there & set(state.own_months)):
        if not found.existing or set(found.without(month)) != found.existing:
            continue
        _, rows = Slice(lakehouse.lake, primary, Month(month)).footer()
        if rows:
            why = f"no mart has a row of it, and {primary.dataset} has {rows:,}"
            yield Finding(f"{domain.name} {month:%Y-%m}", why, ERROR, f"{cure} --force")


def _lost(state: ModelState, found: MartMonths, table: str, month: date) -> bool:
    """Whether a mart lacks rows of a month that it had when the month's models were built."""
    if month in found.months.get(table, ()):
        return False
    built = state.built.get(month)
    quiet = built.without_rows if built else None
    # Built by a version that did not look: only a month without any row is sure to lack nothing.
    return state.rows[month] > 0 if quiet is None else table not in quiet


def _lagging_history(
    domain: Domain, state: ModelState, newest_load: datetime | None
) -> Iterator[Finding]:
    """Marts over all months that were not made from the months as they are built now."""
    reason = why_history_is_stale(state)
    if reason:
        for node in marts(MANIFEST, domain, "unpartitioned"):
            table, cure = f"{node['schema']}.{node['name']}", f"ecommerce backfill {domain.name}"
            yield Finding(table, reason, _by_age(newest_load), cure)


def _loaded_at(rows: Collection[LedgerRow]) -> dict[date, datetime]:
    """When each month's rows in the lake became what they are."""
    return {
        row.first_day: datetime.fromisoformat(row.finished_at)
        for row in rows
        if row.step == "lake" and row.status == "loaded" and row.finished_at
    }


def _offered(lakehouse: Lakehouse, domain: Domain) -> list[date]:
    """The months of the domain that its first table's source offers, where asking costs nothing."""
    settings = lakehouse.settings
    if domain.source_kind(settings) == "kaggle":
        return []  # two calls over the network; its sensor asks
    offered = domain.tables[0].source(settings).available()
    return [month for month in domain.months(settings) if month in offered]


def _by_age(loaded: datetime | None) -> dg.AssetCheckSeverity:
    return WARN if loaded and datetime.now(UTC) - loaded < GRACE else ERROR


def _named(months: Collection[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in sorted(months))


def _result(found: list[Finding]) -> dg.AssetCheckResult:
    table = [
        dg.TableRecord(
            {"what": harmless(f.what), "why": harmless(f.why), "what to do": harmless(f.cure)}
        )
        for f in found
    ]
    told = harmless("; ".join(f"{each.what}: {each.why}" for each in found[:5]))
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    cures = ", ".join(dict.fromkeys(each.cure for each in found[:5]))
    return dg.AssetCheckResult(
        passed=not found,
        severity=ERROR if any(each.severity is ERROR for each in found) else WARN,
        description=f"{told}{more}{CURE}{cures}" if found else None,
        metadata={"found": len(found)} | ({"list": dg.MetadataValue.table(table)} if found else {}),
    )
