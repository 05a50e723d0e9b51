"""Each model says what the definitions say, computed a second time in plain Python."""

from __future__ import annotations

import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.comparison import rows_apart
from ecommerce_assets_tests.integration.dbt.conftest import Shop
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.reference import EXPECTED, World
from ecommerce_assets_tests.integration.dbt.reference.traffic import event_rows

ONE_DAY = "event_at >= '2019-10-05 00:00:00+00:00' and event_at < '2019-10-06 00:00:00+00:00'"


@pytest.fixture(scope="module")
def world(shop: Shop) -> World:
    return World(shop.events)


@pytest.mark.parametrize("relation", EXPECTED)
def test_model_equals_the_definition_computed_in_python(
    relation: str, built: Dbt, world: World
) -> None:
    expected = EXPECTED[relation](world)

    assert expected, "a comparison of nothing with nothing"
    assert rows_apart(built, relation, expected) == ([], [])


def test_event_ids_and_duplicate_ranks_equal_those_computed_in_python(
    built: Dbt, shop: Shop
) -> None:
    found = built.rows(
        "select event_id, date_trunc('month', event_at), source_row_no, event_date, dup_rank, "
        "is_exact_duplicate from cosmetics_staging.stg_cosmetics__events"
    )

    wanted = [tuple(row.values()) for row in event_rows(shop.events)]

    assert sorted(found) == sorted(wanted)
    assert len({row[0] for row in found}) == len(found)


def test_the_shop_of_the_tests_has_every_kind_of_session(world: World) -> None:
    sessions = world.sessions

    assert {s["split_reason"] for s in sessions} == {
        None,
        "over_24h",
        "gap_over_24h",
        "several_users",
    }
    assert {s["is_valid"] for s in sessions} == {True, False}
    assert sum(s["crosses_month_end"] for s in sessions) >= 3
    assert any(
        s["first_purchase_at"] and s["first_purchase_at"].month != s["session_start_at"].month
        for s in sessions
    )


def test_a_session_id_used_again_in_another_month_is_split_in_each_month(built: Dbt) -> None:
    found = built.rows(
        "select session_source_id, user_id, month(session_start_at), was_split, split_reason, "
        "n_users_in_source_session from cosmetics_marts.fct_sessions "
        "where session_source_id in ('ten_days', 'months', 'far_apart') order by all"
    )

    assert found == [
        ("far_apart", 13, 10, True, "several_users", 2),
        ("far_apart", 14, 12, True, "several_users", 2),
        ("months", 24, 10, True, "gap_over_24h", 2),
        ("months", 24, 12, True, "gap_over_24h", 2),
        ("months", 25, 11, True, "several_users", 2),
        ("ten_days", 23, 10, True, "gap_over_24h", 1),
        ("ten_days", 23, 11, True, "gap_over_24h", 1),
    ]


def test_the_days_count_the_split_sessions_that_the_facts_hold(built: Dbt) -> None:
    reasons = ("over_24h", "gap_over_24h", "several_users")
    days = built.rows(
        f"select session_date, {', '.join(f'split_{reason}' for reason in reasons)} "
        "from cosmetics_marts.agg_session_quality_daily order by session_date"
    )
    counts = ", ".join(f"count(*) filter (split_reason = '{reason}')" for reason in reasons)
    facts = built.rows(
        f"select session_date, {counts} from cosmetics_marts.fct_sessions "
        "group by session_date order by session_date"
    )

    assert days == facts


@pytest.mark.parametrize("policy", ["true", "not is_exact_duplicate"])
def test_a_filter_on_the_instant_reaches_the_parquet_scan(policy: str, built: Dbt) -> None:
    plan = built.rows(
        "explain select count(*) from cosmetics_staging.stg_cosmetics__events "
        f"where {ONE_DAY} and {policy}"
    )[0][1]

    scan = plan[plan.index("READ_PARQUET") :]
    assert "event_time >= '2019-10-05" in scan
    assert "event_time < '2019-10-06" in scan


def test_a_reader_of_one_column_pays_for_no_window_and_no_hash(built: Dbt) -> None:
    plan = built.rows(
        "explain select event_type, count(*) from cosmetics_staging.stg_cosmetics__events "
        "group by event_type"
    )[0][1].lower()

    assert "row_number" not in plan
    assert "sha256" not in plan


def test_the_sources_documented_columns_are_those_of_the_lake(built: Dbt) -> None:
    source = built.manifest()["sources"]["source.ecommerce.cosmetics_raw.events"]

    assert list(source["columns"]) == [field.name for field in lake.SCHEMA] + ["source_row_no"]
