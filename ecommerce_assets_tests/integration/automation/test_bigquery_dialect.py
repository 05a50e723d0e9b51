"""The query of the tables' months passes Google's analyzer, too."""

import pytest

pytest.importorskip("zetasql", reason="the analyzer comes with the dev extra")

from ecommerce_assets.lib.warehouse.months import months_sql
from ecommerce_assets_tests.integration.dbt.googlesql import KINDS, GoogleSql


def test_the_query_of_the_months_is_googlesql() -> None:
    analyzer = GoogleSql({"orders": {"ordered_at": "timestamp"}, "days": {"day": "date"}})
    found = analyzer.columns(months_sql({"orders": "ordered_at", "days": "day"}))
    assert found == {"name": KINDS["string"], "month": KINDS["bigint"]}
