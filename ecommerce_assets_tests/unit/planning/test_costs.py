"""The estimate: exact where history is a line, bounded where it is thin, and never absurd."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.planning.cost import (
    INTERVAL_POINTS,
    NEWEST,
    History,
    Line,
    Point,
    Work,
    estimate,
    fit,
    interval,
)
from ecommerce_assets.planning.cost_history import shipped_costs

SHIPPED = shipped_costs()
LAKE = SHIPPED.seconds["lake"]
sizes = st.floats(0, 1e8, allow_nan=False)
seconds = st.floats(0.001, 1e5, allow_nan=False)
points = st.lists(st.builds(Point, size=sizes, value=seconds), max_size=30)


def on(line: Line, *at: float) -> list[Point]:
    return [Point(size, line.at(size)) for size in at]


@given(
    fixed=st.floats(0.01, 100),
    per_unit=st.floats(1e-8, 1e-3),
    at=st.lists(st.integers(1_000, 10_000_000), min_size=3, max_size=15, unique=True),
)
def test_a_linear_history_is_met_exactly(fixed: float, per_unit: float, at: list[int]) -> None:
    true = Line(fixed, per_unit)
    if max(at) < 2 * min(at):
        at = [*at, 3 * max(at)]
    found = fit(on(true, *at), LAKE)
    for size in at:
        assert found.at(size) == pytest.approx(true.at(size), rel=1e-6)
    assert found.points == len(at)


@given(points, sizes, sizes)
def test_a_cost_grows_with_its_size_and_is_never_negative(
    history: list[Point], one: float, other: float
) -> None:
    line, (low, high) = fit(history, LAKE), sorted((one, other))
    assert 0 <= line.at(low) <= line.at(high)


def test_one_wild_measurement_moves_nothing() -> None:
    true = Line(2.0, 1e-6)
    history = [*on(true, *range(100_000, 1_000_000, 100_000)), Point(500_000, 90.0)]
    assert fit(history, LAKE).at(600_000) == pytest.approx(true.at(600_000), rel=0.01)


def test_without_history_the_shipped_figures_stand() -> None:
    assert fit([], LAKE) is LAKE


def test_measurements_of_one_size_scale_the_shipped_figures() -> None:
    """A machine half as fast is taken to be half as fast at every size."""
    found = fit([Point(1_000, 2 * LAKE.at(1_000))] * 5, LAKE)
    assert found.at(4_000_000) == pytest.approx(2 * LAKE.at(4_000_000))


def test_small_months_say_little_of_large_ones() -> None:
    """A slope from noise between small sizes is not carried to a size a thousand times as large."""
    noise = [Point(1_000, 0.30), Point(2_000, 0.36), Point(4_000, 0.30), Point(3_000, 0.40)]
    found = fit(noise, LAKE).at(4_138_568)
    assert found < 6 * LAKE.at(4_138_568)


def test_only_the_newest_measurements_count() -> None:
    old, new = Line(50.0, 1e-5), Line(1.0, 1e-6)
    history = on(old, *range(1_000, 40_000, 1_000)) + on(
        new, *range(1_000, (NEWEST + 1) * 1_000, 1_000)
    )
    assert fit(history, LAKE).at(5_000) == pytest.approx(new.at(5_000))


@given(st.floats(0, 1e6), st.lists(st.floats(0.01, 100), max_size=40), st.booleans())
def test_an_interval_contains_its_middle(mid: float, errors: list[float], own: bool) -> None:
    found, words = interval(mid, errors, own)
    assert 0 <= found.low <= found.mid <= found.high
    assert found.mid == mid and words


def test_few_errors_give_a_declared_interval_and_none_a_wider_one() -> None:
    early, shipped = (
        interval(10, [1.0] * (INTERVAL_POINTS - 1), True),
        interval(10, [1.0] * 9, False),
    )
    assert (early[0].low, early[0].high) == (5, 20) and "declared" in early[1]
    assert shipped[0].low == pytest.approx(10 / 3) and shipped[0].high == 30


def test_errors_give_their_own_interval_with_its_share() -> None:
    errors = [0.8, 0.9, 0.95, 1.0, 1.0, 1.05, 1.1, 1.2, 1.4]
    found, words = interval(10, errors, True)
    assert (found.low, found.high) == (8, 14)
    assert "errors of 9 commands, 80% expected inside" in words


def test_sizes_unlike_those_seen_have_a_declared_interval() -> None:
    history = History(seconds={"lake": on(LAKE, 1e4, 1e5, 1e6)}, errors=[1.0] * 9)
    known = estimate(Work({"lake": [2e6]}, {}), history, SHIPPED)
    beyond = estimate(Work({"lake": [1e4, 2.1e6]}, {}), history, SHIPPED)
    assert "errors of 9 commands" in known.basis and known.seconds.low == known.seconds.high
    assert "declared, factor 2, for sizes beyond 2 times those seen" in beyond.basis
    assert beyond.seconds.high == pytest.approx(2 * beyond.seconds.mid)


def test_the_share_is_kept_by_errors_of_the_same_kind() -> None:
    """Of 1,000 draws after 19 earlier ones each, four of five lie inside; seeded."""
    random = Random(1)
    errors = [random.lognormvariate(0.0, 0.5) for _ in range(1_019)]
    inside = 0
    for n in range(19, 1_019):
        found, _ = interval(1.0, errors[n - 19 : n], True)
        inside += found.low <= errors[n] <= found.high
    assert inside / 1_000 == pytest.approx(0.8, abs=0.05)


def test_steps_add_up_in_time_and_the_largest_counts_in_memory() -> None:
    work = Work(
        {"lake": [1e6, 2e6], "models": [3e6], "overhead": [3.0]},
        {"lake": [1e6, 2e6], "models": [2e6], "overhead": [0.0]},
    )
    found = estimate(work, History(), SHIPPED)
    lake = LAKE.at(1e6) + LAKE.at(2e6)
    assert found.by_step["lake"] == pytest.approx(lake)
    assert found.seconds.mid == pytest.approx(sum(found.by_step.values()))
    peaks = [SHIPPED.megabytes["lake"].at(2e6), SHIPPED.megabytes["models"].at(2e6)]
    assert found.megabytes.mid == pytest.approx(max(peaks))
    assert not found.from_history and found.basis.startswith("shipped defaults")


def test_the_basis_says_what_is_known_and_what_is_not() -> None:
    history = History(seconds={"lake": on(LAKE, 1e5, 1e6, 4e6)})
    both = Work({"lake": [1e6], "models": [1e6]}, {})
    one = Work({"lake": [1e6], "models": []}, {})
    assert (
        "3 measurements of this machine, shipped defaults" in estimate(both, history, SHIPPED).basis
    )
    assert estimate(one, history, SHIPPED).from_history
    assert estimate(one, history, SHIPPED).basis.startswith("3 measurements of this machine;")


@given(st.lists(sizes, max_size=5), st.floats(0, 1e8))
def test_more_work_never_costs_less(some: list[float], more: float) -> None:
    history = History(seconds={"lake": [Point(1e5, 0.4), Point(1e6, 1.0), Point(5e6, 9.0)]})
    less = estimate(Work({"lake": some}, {"lake": some}), history, SHIPPED)
    grown = estimate(Work({"lake": [*some, more]}, {"lake": [*some, more]}), history, SHIPPED)
    assert grown.seconds.mid >= less.seconds.mid
    assert grown.megabytes.mid >= less.megabytes.mid


def test_every_step_of_a_plan_has_a_shipped_cost() -> None:
    kinds = [f"files {kind}" for kind in ("sample", "files", "kaggle", "url", "postgres")]
    assert {*kinds, "lake", "models", "history", "copy", "overhead"} == SHIPPED.seconds.keys()
    assert {"lake", "models", "history", "overhead"} == SHIPPED.megabytes.keys()
    assert replace(SHIPPED, batch_rows=0) != SHIPPED
