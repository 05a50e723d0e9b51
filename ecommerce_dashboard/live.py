"""What is true now: ledger, quarantine and verdicts, read from the lake itself.

Belongs here: the queries of `sql/ops/` over the live ledger and verdicts, what lies in quarantine,
and whether the figures of the other pages are older. Stays out: the published copy (`data.py`).

The copy is of the moment in which it was made: a load that failed since is not in it. Nothing here
opens the warehouse, so the pages work while a run holds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake.ledger import Ledger, LedgerRow, ledger_columns, newest_failures
from ecommerce_assets.lib.truths import COLUMNS, Verdict
from ecommerce_assets.lib.warehouse.duckdb_copy import age_of
from ecommerce_assets.settings import Settings, load_settings
from ecommerce_dashboard.data import frame_of, on_bigquery
from ecommerce_dashboard.queries import sql_of

if TYPE_CHECKING:
    import pandas as pd

    from ecommerce_assets.lib.contracts.contract import TableContract

#: Seconds after which the lake is read again: no page is older than that.
KEEP_S = 5
#: Steps after which the figures of the pages would be others.
CHANGING = ("lake", "replay", "raw", "models", "history")


@dataclass(frozen=True)
class Now:
    """The ledger at a moment.

    Attributes:
        at: the moment, UTC.
        rows: the attempts, oldest first.
        unreadable: objects of the ledger that are not rows.
    """

    at: datetime
    rows: list[LedgerRow]
    unreadable: list[str]


def now() -> Now:
    """The ledger, at most `KEEP_S` seconds old.

    Raises:
        LakehouseError: the lake cannot be read.
    """
    settings = load_settings()
    return _ledger(settings.lake_uri, str(settings.home))


@st.cache_data(ttl=KEEP_S, max_entries=5, show_spinner=False)
def _ledger(lake: str, home: str) -> Now:
    at = datetime.now(UTC)
    rows, broken = Ledger(lake_of(load_settings())).read()
    return Now(at, rows, [each.key for each in broken])


def ledger_frame(query: str, *parameters: Any) -> pd.DataFrame:
    """The rows of a query over the live ledger.

    Args:
        query: `<page>.<query>`, of a page of no domain.
        parameters: the values of its question marks, in their order.
    """
    columns = {n: kind for n, kind in ledger_columns().items() if kind not in _COMPOUND}
    return _asked(query, "load_ledger", columns, now().rows, parameters)


def verdict_frame(query: str) -> pd.DataFrame:
    """The rows of a query over the verdicts as they stand now."""
    return _asked(query, "truths", COLUMNS, _verdicts(), ())


#: Of columns that no query here reads.
_COMPOUND = ("MAP(VARCHAR, BIGINT)", "VARCHAR[]")


def _verdicts() -> list[Verdict]:
    # Here, because it takes Dagster along.
    from ecommerce_assets.planning.standing import standing_of

    settings, rows = load_settings(), now().rows
    lake = lake_of(settings)
    found: list[Verdict] = []
    for domain in DOMAINS.values():
        found += standing_of(settings, lake, domain, rows).tally.verdicts
    return found


def _asked(
    query: str,
    table: str,
    columns: dict[str, str],
    rows: Sequence[LedgerRow | Verdict],
    parameters: Sequence[Any],
) -> pd.DataFrame:
    """The rows of a query over one table of `ops`, made of these rows."""
    import duckdb
    import pyarrow as pa

    texts = pa.table(
        {
            each: pa.array(
                [None if (v := getattr(row, each)) is None else str(v) for row in rows], pa.string()
            )
            for each in columns
        }
    )
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("create schema ops")
        db.register("texts", texts)
        typed = ", ".join(f"cast({each} as {kind}) as {each}" for each, kind in columns.items())
        db.execute(f"create table ops.{table} as select {typed} from texts")
        return frame_of(db.sql(sql_of("", query), params=list(parameters)).to_arrow_table())


def quarantine_frame(contract: TableContract) -> pd.DataFrame | None:
    """A table's quarantined rows by month and reasons; None where no month was ever loaded."""
    import pandas as pd
    import pyarrow.parquet as pq

    lake = lake_of(load_settings())
    home = f"quarantine/{contract.domain}/{contract.table}"
    keys = sorted(key for key in lake.keys_below(home) if key.endswith(".parquet"))
    if not keys:
        return None
    counts: Counter[tuple[date, str]] = Counter()
    for key in _newest_of_each_month(keys):
        with lake.open(key) as handle:
            found = pq.read_table(handle, columns=["month", "reasons"], partitioning=None)
        for month, reasons in zip(*(found[n].to_pylist() for n in found.column_names), strict=True):
            counts[month, ", ".join(reasons)] += 1
    rows = [(*key, number) for key, number in sorted(counts.items())]
    frame = pd.DataFrame(rows, columns=["month", "reasons", "quarantined_rows"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def _newest_of_each_month(keys: Sequence[str]) -> list[str]:
    """One file a month: while a month is loaded again, the one before is still beside it."""
    return list({key.rpartition("/")[0]: key for key in keys}.values())


@dataclass(frozen=True)
class Figures:
    """Of when the figures of a domain's pages are, beside the ledger.

    Attributes:
        made: when they were copied from the warehouse, UTC; None where a BigQuery warehouse is
            asked instead, or the copy does not say.
        why_old: why they are older than the copy; None where they are not.
        newer: months, as `2019-10`, that were loaded or built since.
        failed: months whose newest attempt failed or was killed.
    """

    made: datetime | None
    why_old: str | None
    newer: list[str]
    failed: list[str]


def figures_of(settings: Settings, domain: str) -> Figures:
    """How old the figures of a domain's pages are.

    Args:
        settings: the environment.
        domain: its name.
    """
    own = [row for row in now().rows if row.dataset.partition(".")[0] == domain]
    failed = sorted({row.key.words for row in newest_failures(own)})
    age = None if on_bigquery() else age_of(settings.published_path)
    if age is None:
        return Figures(None, None, [], failed)
    said = age.of(domain)
    newer = {
        row.key.words
        for row in own
        if row.step in CHANGING
        and row.status == "loaded"
        and row.finished_at
        and said.as_of
        and datetime.fromisoformat(row.finished_at) > said.as_of
    }
    return Figures(said.as_of, said.why_kept, sorted(newer), failed)
