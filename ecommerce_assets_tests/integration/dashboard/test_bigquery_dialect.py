"""The pages' queries are GoogleSQL over the marts' contracts, as far as Google's analyzer tells."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from ecommerce_assets_tests.integration.dashboard.pages import ROOT

pytest.importorskip("zetasql", reason="the analyzer comes with the dev extra")

from ecommerce_assets_tests.integration.dbt.googlesql import GoogleSql
from ecommerce_assets_tests.integration.dbt.warehouse_types import STAGING_TYPES
from ecommerce_dashboard.queries import VIEWS, queries_in

#: Those of no domain are asked of the lake, with DuckDB, whatever the warehouse is.
QUERIES = {
    f"{path.parent.name}/{path.stem}.{name}": text
    for path in sorted(VIEWS.glob("*/*.sql"))
    for name, text in queries_in(path).items()
}
TABLE = re.compile(r"\b(\w+_marts|\w+_staging|\w+_raw|ops)\.(\w+)")
SLICE = (2011, 2, 0)
DAYS = (date(2019, 10, 1), date(2019, 10, 31))
#: Values of every query with question marks.
PARAMETERS: dict[str, tuple[object, ...]] = {
    "cosmetics/traffic.active_users": ("week", "any"),
    "cosmetics/traffic.stickiness": ("any",),
    "cosmetics/traffic.lifecycle": ("week",),
    "cosmetics/funnels.funnel_daily": ("user_view_cart_purchase", *DAYS),
    "cosmetics/retention.cohorts": ("first_seen", "week"),
    "cosmetics/retention.curve": ("first_seen", "week"),
    **{f"cosmetics/sales.{name}": DAYS for name in ("daily", "hourly", "cart_abandonment")},
    "cosmetics/sales.predecessors": DAYS,
    **{f"cosmetics/quality.{name}": DAYS for name in ("path_edges", "duplicate_policy")},
    **{f"cosmetics/quality.session_{name}": DAYS for name in ("quality", "agreement")},
    **dict.fromkeys(
        [f"cosmetics/products.{name}" for name in ("brands", "categories", "products")],
        (datetime(2019, 10, 1, tzinfo=UTC),),
    ),
    **{f"cosmetics/product.{name}": (5600122,) for name in ("months", "pairs")},
    "electronics/products.abc": (date(2020, 1, 1),),
    "electronics/brands.brands": (date(2020, 1, 5),),
    "retail/sales.periods": ("quarter", "quarter", *SLICE),
    **dict.fromkeys(
        [
            f"retail/sales.{name}"
            for name in ("totals", "customers_known", "countries", "customers")
        ],
        SLICE,
    ),
    "retail/sales.items": SLICE,
    **{f"retail/customer.{p}": (17850,) for p in ("customer", "months", "items", "invoices")},
    **{f"retail/item.{part}": ("85123A",) for part in ("item", "months", "customers", "pairs")},
}


def contract(path: Path) -> dict[str, dict[str, str]]:
    """The columns of a model's contract with their types on BigQuery."""
    (model,) = yaml.safe_load(path.read_text())["models"]
    types = {column["name"]: str(column["data_type"]) for column in model["columns"]}
    chosen = {name: re.sub(r"^\{\{ '([^']+)'.*", r"\1", kind) for name, kind in types.items()}
    return {f"{path.parent.name}_marts__{model['name']}": chosen}


@pytest.fixture(scope="module")
def analyzer() -> GoogleSql:
    tables: dict[str, dict[str, str]] = {}
    for domain in ("cosmetics", "electronics", "retail"):
        for path in (ROOT / "ecommerce_dbt" / "models" / "marts" / domain).glob("*.yml"):
            tables |= contract(path)
    staging = "stg_retail__invoice_lines"
    tables[f"retail_staging__{staging}"] = STAGING_TYPES[staging]
    return GoogleSql(tables)


def literal(value: object) -> str:
    """A value as GoogleSQL writes it."""
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    if isinstance(value, date):
        return f"date '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_googlesql(analyzer: GoogleSql, query: str) -> None:
    sql = TABLE.sub(r"\1__\2", QUERIES[query])
    values = PARAMETERS.get(query, ())
    assert sql.count("?") == len(values)
    for value in values:
        sql = sql.replace("?", literal(value), 1)
    assert analyzer.columns(sql)
