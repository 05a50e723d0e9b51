"""What is rebuilt and why: a month, its neighbours, and the models over all months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ecommerce_assets.dbt.freshness import (
    ModelState,
    history_fingerprint,
    models_due,
    month_fingerprint,
    stale_months,
    stale_outside,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.dbt.holdings import Holdings
from ecommerce_assets.lib.months import months_between
from ecommerce_assets.lib.warehouse.builds import Builds
from ecommerce_assets_tests.unit.planning.test_cost_history import row

MONTHS = months_between(date(2019, 10, 1), date(2020, 2, 1))
OCT, NOV, DEC, JAN, FEB = MONTHS
#: The warehouse's identity.
HERE = "here"


def built(state: ModelState) -> ModelState:
    """The state after everything was built from it."""
    keys = {month: month_fingerprint(state, month) for month in state.contents}
    rows = {
        month: row("models", month=f"{month}", load_key=key, warehouse=HERE, generation=7)
        for month, key in keys.items()
    }
    held = Holdings(Builds(HERE, 8), keys)
    made = replace(state, built=rows, held=held)
    whole = history_fingerprint(made)
    history = row("history", load_key=whole, warehouse=HERE, generation=8)
    return replace(made, history=history, held=replace(held, history=whole))


def published(*months: date) -> ModelState:
    contents = {month: f"content of {month}" for month in months}
    return ModelState(contents, dict.fromkeys(months, 10), {}, None, "project", Holdings())


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


def test_builds_that_earlier_versions_noted_say_so(fresh: ModelState) -> None:
    held = replace(fresh.held, months={**fresh.held.months, NOV: "0123456789abcdef"})
    state = replace(fresh, held=held)
    assert why_stale(state, NOV) == "built by an earlier version of this software"
    assert stale_months(state) == [NOV]


def nothing_in(state: ModelState, identity: str | None, generation: int = 0) -> ModelState:
    """The same ledger beside a warehouse that holds nothing."""
    return replace(state, held=Holdings(Builds(identity, generation)))


def test_a_month_is_built_only_where_the_warehouse_says_so(fresh: ModelState) -> None:
    gone = nothing_in(fresh, None)
    assert models_due(gone, MONTHS).months.keys() == set(MONTHS)
    assert set(models_due(gone, MONTHS).months.values()) == {
        "built in another warehouse, and this one does not hold it"
    }
    emptied = nothing_in(fresh, HERE, 9)
    assert why_stale(emptied, NOV) == "the warehouse does not hold it"
    assert why_history_is_stale(emptied) == "the warehouse does not hold it"


def test_a_warehouse_that_holds_a_month_needs_no_ledger(fresh: ModelState) -> None:
    assert stale_months(replace(fresh, built={}, history=None)) == []
    assert why_history_is_stale(replace(fresh, built={}, history=None)) is None


def test_what_happened_to_another_warehouse_does_not_count(fresh: ModelState) -> None:
    elsewhere = {
        month: replace(each, warehouse="there", status="failed")
        for month, each in fresh.built.items()
    }
    assert stale_months(replace(fresh, built=elsewhere)) == []


def test_a_warehouse_that_was_put_back_says_so(fresh: ModelState) -> None:
    assert why_stale(nothing_in(fresh, HERE, 3), NOV) == (
        "the warehouse is of an earlier state, which does not hold it"
    )
    back = replace(fresh, held=replace(fresh.held, builds=Builds(HERE, 3)))
    assert stale_months(back) == []
    changed = back.after_loading([NOV])
    assert why_stale(changed, NOV) == "the warehouse is of an earlier state: month changed"


def test_a_build_of_before_warehouses_kept_a_record_is_made_again(fresh: ModelState) -> None:
    rows = {month: replace(each, warehouse=None) for month, each in fresh.built.items()}
    there = Holdings(Builds(HERE, 1, tables={"cosmetics_marts.fct_orders": 3}))
    old = replace(fresh, built=rows, history=None, held=there)
    assert why_stale(old, NOV) == (
        "the warehouse has no record of the build, as an earlier version leaves none"
    )


def test_a_damaged_table_makes_every_month_of_its_step_due(fresh: ModelState) -> None:
    damage = {"models": "the warehouse lacks cosmetics_marts.fct_orders"}
    state = replace(fresh, held=replace(fresh.held, damage=damage))
    assert models_due(state, MONTHS).months == dict.fromkeys(MONTHS, damage["models"])
    assert why_history_is_stale(state) is None


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
    without = {month: fresh.held.months[month] for month in MONTHS[:-1]}
    early = replace(fresh, held=replace(fresh.held, months=without))
    held = replace(fresh.held, history=history_fingerprint(early))
    state = replace(fresh, held=held)
    assert why_history_is_stale(state) == "months were built since"
