"""What is rebuilt and why: a month, its neighbours, and the models over all months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ecommerce_assets.defs.dbt.freshness import (
    ModelState,
    history_fingerprint,
    models_due,
    month_fingerprint,
    stale_months,
    stale_outside,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.partitions import months_between
from ecommerce_assets_tests.unit.lib.test_cost_history import row

MONTHS = months_between(date(2019, 10, 1), date(2020, 2, 1))
OCT, NOV, DEC, JAN, FEB = MONTHS


def built(state: ModelState) -> ModelState:
    """The state after everything was built from it."""
    rows = {
        month: row("models", month=f"{month}", load_key=month_fingerprint(state, month))
        for month in state.contents
    }
    built = replace(state, built=rows)
    return replace(built, history=row("history", load_key=history_fingerprint(built)))


def published(*months: date) -> ModelState:
    contents = {month: f"content of {month}" for month in months}
    return ModelState(contents, dict.fromkeys(months, 10), {}, None, "project")


@pytest.fixture
def fresh() -> ModelState:
    """Five months, all up to date."""
    return built(published(*MONTHS))


def test_nothing_is_due_where_all_is_up_to_date(fresh: ModelState) -> None:
    assert stale_months(fresh) == []
    assert models_due(fresh, MONTHS) == models_due(fresh, [])
    assert (models_due(fresh, MONTHS).months, models_due(fresh, MONTHS).history) == ({}, None)


def test_a_month_that_is_loaded_again_takes_its_neighbours_along(fresh: ModelState) -> None:
    work = models_due(fresh.after_loading([NOV]), MONTHS)
    assert work.months == {
        OCT: "neighbour 2019-11 changed",
        NOV: "month changed",
        DEC: "neighbour 2019-11 changed",
    }
    assert work.history == "months are built"


def test_a_month_with_the_same_content_takes_nothing_along(fresh: ModelState) -> None:
    assert models_due(fresh, [NOV]).months == {}


def test_only_months_that_were_asked_for_and_their_neighbours_are_built(
    fresh: ModelState,
) -> None:
    other_sql = replace(fresh, project="another project")
    assert list(models_due(other_sql, [OCT]).months) == [OCT, NOV]
    assert stale_months(other_sql) == MONTHS
    assert set(models_due(other_sql, [OCT]).months.values()) == {"the models' SQL changed"}
    assert why_history_is_stale(other_sql) == "the models' SQL changed"


def test_force_builds_the_given_months_and_no_neighbour(fresh: ModelState) -> None:
    assert models_due(fresh, [NOV], force=True).months == {NOV: "forced"}


def test_a_new_month_is_a_neighbour_that_was_not_there() -> None:
    two = replace(built(published(OCT, NOV)))
    work = models_due(two.after_loading([DEC]), [DEC])
    assert work.months == {NOV: "neighbour 2019-12 is new", DEC: "models missing"}


def test_a_month_that_is_not_published_has_no_models() -> None:
    assert models_due(published(OCT), [OCT, DEC]).months == {OCT: "models missing"}


def test_models_over_all_months_wait_for_a_first_month() -> None:
    assert models_due(published(), MONTHS).history is None
    assert models_due(published(), MONTHS).months == {}


def test_what_failed_or_was_killed_is_due_again(fresh: ModelState) -> None:
    failed = replace(fresh, built={**fresh.built, NOV: replace(fresh.built[NOV], status="failed")})
    assert models_due(failed, [NOV]).months == {NOV: "last build failed"}
    assert fresh.history
    killed = replace(fresh, history=replace(fresh.history, status="interrupted"))
    assert models_due(killed, []).history == "last build interrupted"


def test_rows_that_earlier_versions_wrote_say_so(fresh: ModelState) -> None:
    old = replace(fresh.built[NOV], load_key="0123456789abcdef")
    state = replace(fresh, built={**fresh.built, NOV: old})
    assert why_stale(state, NOV) == "built by an earlier version of this software"
    assert stale_months(state) == [NOV]


def test_several_reasons_are_all_named(fresh: ModelState) -> None:
    state = replace(fresh.after_loading([NOV, DEC]), project="another project")
    assert why_stale(state, DEC) == (
        "the models' SQL changed, month changed, neighbour 2019-11 changed"
    )


@pytest.mark.parametrize(
    ("window", "asked", "built_months"),
    [
        ([NOV, DEC, JAN, FEB], [NOV], [NOV, DEC]),
        ([OCT, NOV], [NOV], [OCT, NOV]),
        ([JAN, FEB], [JAN], [JAN, FEB]),
        (MONTHS, [NOV], [OCT, NOV, DEC]),
    ],
    ids=["first later", "last earlier", "both", "widened again"],
)
def test_months_outside_the_domains_are_left_alone(
    window: list[date], asked: list[date], built_months: list[date], fresh: ModelState
) -> None:
    state = replace(fresh.after_loading(asked), months=window)
    assert list(models_due(state, asked).months) == built_months
    assert set(stale_months(state)) <= set(window)


def test_a_window_that_moved_makes_no_month_stale(fresh: ModelState) -> None:
    narrowed = replace(fresh, months=[NOV, DEC])
    assert (models_due(narrowed, [NOV, DEC]), narrowed.outside) == (
        models_due(fresh, []),
        [OCT, JAN, FEB],
    )


def test_a_month_outside_whose_neighbour_changed_is_named(fresh: ModelState) -> None:
    narrowed = replace(fresh, months=[NOV, DEC])
    assert stale_outside(narrowed) == []
    assert stale_outside(narrowed.after_loading([NOV])) == [OCT]


def test_models_over_all_months_are_stale_when_a_month_is_built_after_them(
    fresh: ModelState,
) -> None:
    """February was loaded, but its models failed when the models over all months were built."""
    without = {month: fresh.built[month] for month in MONTHS[:-1]}
    early = replace(fresh, built=without)
    state = replace(fresh, history=row("history", load_key=history_fingerprint(early)))
    assert why_history_is_stale(state) == "months were built since"
