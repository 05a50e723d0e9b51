"""Compare the built models with the same numbers computed in plain Python."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ecommerce_assets_tests.integration.dbt import reference
from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.project import Dbt

COMPARED = [
    "cosmetics_intermediate.int_cosmetics__derived_sessions",
    "cosmetics_marts.fct_sessions",
    "cosmetics_marts.fct_orders",
    "cosmetics_marts.agg_daily_traffic",
    "cosmetics_marts.agg_daily_new_users",
    "cosmetics_marts.agg_session_agreement_daily",
    "cosmetics_marts.agg_session_funnel_daily",
    "cosmetics_marts.agg_sales_hourly",
    "cosmetics_marts.agg_sales_daily",
]


def expected_rows(events: list[Event]) -> dict[str, list[reference.Row]]:
    """Every compared relation, from the events alone."""
    sessions = reference.sessions(events)
    derived = reference.derived_sessions(events)
    orders = reference.orders(sessions)
    return dict(
        zip(
            COMPARED,
            [
                derived,
                sessions,
                orders,
                reference.daily_traffic(events),
                reference.daily_new_users(events),
                reference.agreement(sessions, derived),
                reference.funnel(sessions),
                reference.sales_hourly(events, orders),
                reference.sales_daily(events, orders),
            ],
            strict=True,
        )
    )


def rows_apart(
    dbt: Dbt, relation: str, expected: list[reference.Row]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows that the relation lacks, and rows that it should not have."""
    columns = [row[0] for row in dbt.rows(f"describe {relation}")]
    assert sorted(columns) == sorted(expected[0])
    found = Counter(comparable(row) for row in dbt.rows(f"select * from {relation}"))
    wanted = Counter(comparable(tuple(row[c] for c in columns)) for row in expected)
    return sorted(wanted - found, key=str), sorted(found - wanted, key=str)


def comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row with floats at the six digits that the models keep."""
    return tuple(round(value, 6) if isinstance(value, float) else value for value in row)
