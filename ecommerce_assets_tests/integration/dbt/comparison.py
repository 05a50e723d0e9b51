"""Compare the built models with the same numbers computed in plain Python."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.reference import Row


def rows_apart(
    dbt: Dbt, relation: str, expected: list[Row]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows that the relation lacks, and rows that it should not have."""
    columns = [row[0] for row in dbt.rows(f"describe {relation}")]
    assert not expected or sorted(columns) == sorted(expected[0])
    found = Counter(comparable(row) for row in dbt.rows(f"select * from {relation}"))
    wanted = Counter(comparable(tuple(row[c] for c in columns)) for row in expected)
    return sorted(wanted - found, key=str), sorted(found - wanted, key=str)


def comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with floats at the six digits that the models keep."""
    return tuple(round(value, 6) if isinstance(value, float) else value for value in row)
