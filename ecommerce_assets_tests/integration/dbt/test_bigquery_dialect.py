"""The BigQuery side of the project, as far as it shows without BigQuery.

dbt compiles every model and test for the target `dev` without a connection, and each SELECT goes
through Google's analyzer.
"""

from __future__ import annotations

from typing import Any

import pytest

from ecommerce_assets_tests.integration.dbt.conftest import COMPILED_MONTH

pytest.importorskip("zetasql", reason="the analyzer comes with the dev extra")
pytest.importorskip("dbt.adapters.bigquery", reason="the adapter comes with the gcp extra")

from ecommerce_assets_tests.integration.dbt.googlesql import GoogleSql, kind_of
from ecommerce_assets_tests.integration.dbt.warehouse_types import RAW_TYPES, STAGING_TYPES


@pytest.fixture(scope="module")
def manifest(compiled: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The project compiled for `dev`, with credentials that lead nowhere."""
    return compiled["dev"]


def of_type(manifest: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The nodes of a type by name."""
    nodes = manifest["nodes"].values()
    return {n["name"]: n for n in nodes if n["resource_type"] == kind}


def contract_types(model: dict[str, Any]) -> dict[str, str]:
    """Declared types of a model's columns; staging has no contract."""
    if model["name"] in STAGING_TYPES:
        return STAGING_TYPES[model["name"]]
    return {name: column["data_type"] for name, column in model["columns"].items()}


@pytest.fixture(scope="module")
def analyzer(manifest: dict[str, Any]) -> GoogleSql:
    tables = {
        source["relation_name"]: RAW_TYPES.get(f"{source['source_name']}.{source['name']}")
        or {name: column["data_type"] for name, column in source["columns"].items()}
        for source in manifest["sources"].values()
    }
    for model in of_type(manifest, "model").values():
        tables[model["relation_name"]] = contract_types(model)
    return GoogleSql(tables)


def test_every_model_is_googlesql_and_gives_the_columns_of_its_contract(
    manifest: dict[str, Any], analyzer: GoogleSql
) -> None:
    for name, model in of_type(manifest, "model").items():
        found = analyzer.columns(model["compiled_code"])
        wanted = {column: kind_of(kind) for column, kind in contract_types(model).items()}
        assert {column: int(kind) for column, kind in found.items()} == wanted, name


def test_every_data_test_is_googlesql(manifest: dict[str, Any], analyzer: GoogleSql) -> None:
    tests = of_type(manifest, "test")
    assert len(tests) > 40
    for test in tests.values():
        analyzer.columns(test["compiled_code"])


@pytest.mark.parametrize(
    "sql",
    [
        "select now()",
        "select strftime(timestamp '2019-10-01 00:00:00+00', '%Y')",
        "select '1'::int",
        "select epoch_us(timestamp '2019-10-01 00:00:00+00')",
        "select cast(1 as double)",
        "select date '2019-10-01' = timestamp '2019-10-01 00:00:00+00'",
        "select no_such_column from `a-project`.`cosmetics_marts`.`fct_orders`",
    ],
)
def test_the_analyzer_refuses_what_bigquery_refuses(sql: str, analyzer: GoogleSql) -> None:
    with pytest.raises(Exception, match=r"INVALID_ARGUMENT"):
        analyzer.columns(sql)


def test_monthly_models_filter_the_bare_instant_by_the_months_window(
    manifest: dict[str, Any],
) -> None:
    for name, model in of_type(manifest, "model").items():
        if "monthly" not in model["tags"] or name.startswith("stg_"):
            continue
        sql = model["compiled_code"]
        first, second = COMPILED_MONTH
        assert f">= '{first} 00:00:00+00:00'" in sql, name
        assert f"< '{second} 00:00:00+00:00'" in sql, name
        assert "as timestamp) >= '" not in sql, name
    sessions = of_type(manifest, "model")["int_cosmetics__sessions"]["compiled_code"]
    assert "event_at >= '1979-12-30 00:00:00+00:00'" in sessions
    assert "event_at < '1980-02-03 00:00:00+00:00'" in sessions


def test_monthly_tables_are_partitioned_by_month_of_their_own_instant(
    manifest: dict[str, Any],
) -> None:
    for name, model in of_type(manifest, "model").items():
        if "monthly" not in model["tags"] or name.startswith("stg_"):
            continue
        column = model["config"]["event_time"]
        assert model["config"]["partition_by"] == {
            "field": column,
            "data_type": "timestamp",
            "granularity": "month",
        }
        assert contract_types(model)[column] == "timestamp", name


def test_every_test_of_the_raw_events_filters_its_partition(manifest: dict[str, Any]) -> None:
    """The raw table refuses a scan without a filter on its partitioning column."""
    filters = {
        "`stg_cosmetics__events`": "event_at >= '",
        "`stg_electronics__purchases`": "purchased_at >= '",
        "`stg_retail__invoice_lines`": "invoiced_at >= '",
    }
    for relation, condition in filters.items():
        readers = {
            name: test["compiled_code"]
            for name, test in of_type(manifest, "test").items()
            if relation in test["compiled_code"]
        }
        assert readers
        assert [name for name, sql in readers.items() if condition not in sql] == []
