"""Every compiled statement has one answer, and knows no month but those of its call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets_tests.integration.dbt.conftest import COMPILED_MONTH
from ecommerce_assets_tests.integration.dbt.inlined import run_again
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.statements import Keys, faults

DIALECTS = {"local": "duckdb", "dev": "bigquery"}
#: Tell rows of one partition apart: the file's order within an instant, numbers and keys of rows.
ROW_NAMES = frozenset(
    {"source_row_no", "event_no", "line_place", "place", "order_proxy_key", "session_key"}
)
#: Numbered by an order that is total for a reason beyond the statement's text.
TOTAL_FOR_A_REASON = {
    ("int_cosmetics__cohort_days", "followed_purchase_days"): "days of a user are distinct",
    ("fct_electronics_order_lines", "followed"): "instants of an order are distinct",
    ("fct_electronics_order_lines", "runs"): "instants of an order are distinct",
    ("fct_cohort_period", "followed_periods"): "grouped by the periods of a cohort",
    ("agg_funnel_daily", "ranked_seconds"): "grouped by step and seconds",
    ("fct_retail_return_links", "final"): "each link of a line has a place of its own",
    ("stg_electronics__undated", "judged"): "a line of a file is one row",
    ("sessions_of_one_user_in_one_source_session_never_overlap", "followed"): (
        "two that start together overlap, and either order says so"
    ),
}
#: Before all months, and never.
BOUNDS = {"1900-01-01", "9999-12-31"}
DAY = re.compile(r"'(\d{4}-\d{2}-\d{2})")


def statements(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The SQL of all models, and of the tests that look at one."""
    return {
        node["name"]: node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "test") and node["depends_on"]["nodes"]
    }


def declared_keys(manifest: Mapping[str, Any]) -> dict[str, Keys]:
    """What the project's own tests hold to be unique, by model."""
    found: dict[str, Keys] = {}
    for node in manifest["nodes"].values():
        kind = (node.get("test_metadata") or {}).get("name")
        if kind in ("unique", "unique_combination"):
            given = node["test_metadata"]["kwargs"].get("columns") or [node["column_name"]]
            model = manifest["nodes"][node["attached_node"]]["name"]
            found.setdefault(model, []).append(set(given))
    return found


@pytest.mark.parametrize("target", DIALECTS)
def test_no_statement_has_an_answer_that_hangs_on_the_order_of_rows(
    target: str, compiled: Mapping[str, dict[str, Any]]
) -> None:
    manifest = compiled[target]
    keys, found = declared_keys(manifest), statements(manifest)

    assert len(found) > 200
    open_ones, excused = [], set()
    for name, sql in found.items():
        for fault in faults(sql, DIALECTS[target], ROW_NAMES, keys):
            if (name, fault.cte) in TOTAL_FOR_A_REASON:
                excused.add((name, fault.cte))
            else:
                open_ones.append((name, fault))
    assert open_ones == []
    assert excused == set(TOTAL_FOR_A_REASON), "an exception that nothing needs"


NUMBERED = "with n as (select {} as no, a from t) select * from n"
TWICE = "with n as (select {} as no, a from t) select n.a from n join n as m on n.no = m.no"


@pytest.mark.parametrize(
    ("sql", "readers"),
    [
        (NUMBERED.format("row_number() over ()"), 1),
        (TWICE.format("row_number() over ()"), 2),
        (TWICE.format("row_number() over (order by b)"), 2),
        (TWICE.format("lag(b) over (partition by c order by d)"), 2),
        (TWICE.format("sum(b) over (order by d rows unbounded preceding)"), 2),
        (
            "with n as (select row_number() over () as no, a from t), l as (select a, no from n), "
            "r as (select a, no from n) select l.a from l join r on l.no = r.no",
            2,
        ),
        ("select any_value(a) from t", 1),
        ("select current_date as today, a from t", 1),
        ("select a from t limit 5", 1),
        ("select string_agg(a, ',') from t", 1),
        ("select array_agg(a) from t", 1),
        ("select a from t where random() < 0.5", 1),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS.values())
def test_an_open_order_is_found_and_so_is_how_often_it_is_read(
    sql: str, readers: int, dialect: str
) -> None:
    assert [fault.readers for fault in faults(sql, dialect, ROW_NAMES, {"t": [{"e"}]})] == [readers]


@pytest.mark.parametrize(
    "sql",
    [
        TWICE.format("row_number() over (order by e)"),
        TWICE.format("row_number() over (partition by c order by source_row_no)"),
        TWICE.format("row_number() over (order by a)"),  # rows that agree may change places
        TWICE.format("rank() over (order by b)"),
        TWICE.format("sum(b) over (partition by d)"),
        "select a, row_number() over (order by count(*), a) as no from t group by a",
        "with g as (select a, sum(b) as b from t group by a), "
        "n as (select a, lag(b) over (order by a) as no from g) select * from n",
        "select string_agg(a, ',' order by a) from t",
        "select a from t order by a limit 5",
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS.values())
def test_an_order_that_tells_rows_apart_is_let_through(sql: str, dialect: str) -> None:
    assert faults(sql, dialect, ROW_NAMES, {"t": [{"e"}]}) == []


@pytest.mark.parametrize("target", DIALECTS)
def test_no_statement_knows_a_month_but_those_of_its_call(
    target: str, compiled: Mapping[str, dict[str, Any]]
) -> None:
    near = (f"{COMPILED_MONTH[0].year - 1}-12", *(day[:7] for day in map(str, COMPILED_MONTH)))
    known = {
        name: sorted(days)
        for name, sql in statements(compiled[target]).items()
        if (days := {d for d in DAY.findall(sql) if d not in BOUNDS and d[:7] not in near})
    }

    assert known == {}


def test_ctes_evaluated_at_each_reference_give_the_same_rows(built: Dbt, tmp_path: Path) -> None:
    found = list(run_again(built, Dbt(tmp_path), "cosmetics", ("2019-11-01", "2019-12-01")))

    assert len(found) > 35 and sum(each.rows > 0 for each in found) > 35
    assert [each for each in found if each.lacking or each.beyond] == []
