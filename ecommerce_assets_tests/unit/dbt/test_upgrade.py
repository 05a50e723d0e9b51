"""When a change of columns makes a domain's tables new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest

from ecommerce_assets.dbt.freshness import ModelState, models_due, month_fingerprint
from ecommerce_assets.dbt.holdings import Holdings
from ecommerce_assets.dbt.upgrade import COLUMNS, all_months, monthly_columns, why_all_months
from ecommerce_assets.dbt.windows import build_arguments
from ecommerce_assets.lib.warehouse.columns import difference
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets_tests.unit.planning.test_cost_history import row

OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)
CONTENTS = {month: f"content of {month}" for month in (OCT, NOV, DEC)}
WANTED: dict[str, str | None] = {"a": "bigint", "b": "string", "c": "decimal(18,4)", "d": None}
NOBODY = cast(Warehouse, None)  # a call to it would fail


def built_by(project: str, now: str, **values: Any) -> ModelState:
    """Months built by one version of the models, seen by another."""
    state = ModelState(CONTENTS, dict.fromkeys(CONTENTS, 10), {}, None, project, Holdings())
    rows = {
        month: replace(row("models", month=f"{month}", load_key=month_fingerprint(state, month)))
        for month in CONTENTS
    }
    for name, value in values.items():
        setattr(rows[NOV], name, value)
    return replace(state, built=rows, project=now)


DUCKDB = {"a": "BIGINT", "b": "VARCHAR", "c": "DECIMAL(18,4)", "d": "DATE"}
BIGQUERY = {"a": "INT64", "b": "STRING", "c": "NUMERIC(18, 4)", "d": "BOOL"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (DUCKDB, None),
        (BIGQUERY, None),
        ({name: kind for name, kind in DUCKDB.items() if name != "d"}, "lacks d"),
        (DUCKDB | {"e": "DATE"}, "still has e"),
        (DUCKDB | {"a": "INTEGER"}, "has a as INTEGER, not bigint"),
        (DUCKDB | {"c": "DECIMAL(18,2)"}, "has c as DECIMAL(18,2), not decimal(18,4)"),
    ],
)
def test_a_difference_of_columns_is_named(found: dict[str, str], said: str | None) -> None:
    assert difference(found, WANTED) == said


def test_the_warehouse_is_not_asked_where_the_sql_is_that_of_every_build() -> None:
    assert why_all_months(built_by("one", "one"), NOBODY, "cosmetics") is None


def test_a_call_that_made_tables_new_and_did_not_end_is_made_again() -> None:
    """Killed after its last table got its columns, it would otherwise leave months out."""
    state = built_by("one", "one", status="interrupted", change=COLUMNS)
    reason = why_all_months(state, NOBODY, "cosmetics")

    assert reason == "tables that a release gave other columns were not finished"
    work = models_due(state, [DEC], all_because=reason)
    assert list(work.months) == [OCT, NOV, DEC] and work.history
    assert all_months(state) == (OCT, date(2020, 1, 1))


def test_new_tables_are_asked_of_dbt_for_the_whole_window() -> None:
    arguments = build_arguments((OCT, date(2020, 1, 1)), new_tables=True)

    assert arguments[-1] == "--full-refresh"
    assert arguments[arguments.index("--event-time-start") + 1] == "2019-10-01"
    assert "--full-refresh" not in build_arguments((OCT, NOV))


def test_views_and_models_over_all_months_are_not_compared() -> None:
    def node(name: str, tag: str, materialized: str, domain: str = "cosmetics") -> dict[str, Any]:
        return {
            "resource_type": "model",
            "fqn": ["ecommerce", "marts", domain, name],
            "schema": f"{domain}_marts",
            "name": name,
            "tags": [tag],
            "config": {"materialized": materialized},
            "columns": {"a": {"data_type": "bigint"}, "b": {}},
        }

    nodes = {
        "1": node("monthly", "monthly", "incremental"),
        "2": node("whole", "unpartitioned", "table"),
        "3": node("seen", "monthly", "view"),
        "4": node("other", "monthly", "incremental", "retail"),
    }
    found = monthly_columns({"nodes": nodes}, "cosmetics")
    assert found == {"cosmetics_marts.monthly": {"a": "bigint", "b": None}}
