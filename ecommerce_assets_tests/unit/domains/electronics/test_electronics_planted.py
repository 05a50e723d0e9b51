"""What the simulated electronics store planted, as truths of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets.domains.electronics.simulator.file import simulate_electronics
from ecommerce_assets.domains.electronics.simulator.truth import ElectronicsTruth
from ecommerce_assets.domains.electronics.truths import HERE
from ecommerce_assets.domains.electronics.truths.planted import planted_truths
from ecommerce_assets.domains.truths import SIMULATED, months_of
from ecommerce_assets.lib.truths import Truth

MONTHS = [date(2020, month, 1) for month in range(1, 12)]
MARCH = MONTHS[2]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> ElectronicsTruth:
    target = tmp_path_factory.mktemp("electronics") / "kz.csv"
    return simulate_electronics(target, rows=20_000, seed=3, calendar=MONTHS)


@pytest.fixture(scope="module")
def named(planted: ElectronicsTruth) -> Callable[..., Truth]:
    truths = planted_truths(planted, MONTHS)

    def find(metric: str, month: date | None = None) -> Truth:
        (found,) = [t for t in truths if t.metric == metric and month in (None, t.first)]
        return found

    return find


def test_every_measure_gives_the_columns_that_its_truths_name(planted: ElectronicsTruth) -> None:
    for truth in planted_truths(planted, MONTHS):
        query = (HERE / f"{truth.measure}.sql").read_text(encoding="utf-8").replace(",\n", "\n")
        assert f" as {truth.column}\n" in query, truth
        assert query.count("?") - query.count("`?`") == 2 + len(truth.arguments), truth


def test_no_figure_is_named_twice_in_a_scope(planted: ElectronicsTruth) -> None:
    truths = planted_truths(planted, MONTHS)
    assert len({(truth.metric, truth.scope) for truth in truths}) == len(truths)
    assert {truth.dataset for truth in truths} == {SIMULATED}
    assert {truth.tolerance for truth in truths} == {Decimal(0)}


def test_months_and_undated_rows_add_up_to_the_whole(
    planted: ElectronicsTruth, named: Callable[..., Truth]
) -> None:
    dated = sum(named("month_rows", month).expected for month in MONTHS)
    assert dated + named("undated_rows").expected == named("rows_all").expected == 20_000
    repaired = sum(named("month_repaired_rows", month).expected for month in MONTHS)
    assert repaired + named("undated_repaired_rows").expected == named("repaired_rows").expected
    value = sum(named("month_value", month).expected for month in MONTHS)
    assert value + named("undated_value").expected == Decimal(planted.everything.value_cents) / 100


def test_orders_of_a_month_need_the_month_before(named: Callable[..., Truth]) -> None:
    assert months_of(named("orders", MARCH)) == MONTHS[1:3]
    assert months_of(named("orders", MONTHS[0])) == MONTHS[:1]
    assert months_of(named("month_rows", MARCH)) == [MARCH]
    assert named("rows_all").scope == "2020-01:2020-11"


def test_brands_and_products_are_asked_for_by_name(
    planted: ElectronicsTruth, named: Callable[..., Truth]
) -> None:
    samsung = named("value_of_samsung")
    assert samsung.arguments == ("samsung",)
    assert samsung.expected == Decimal(planted.brands[0].value_cents) / 100
    best = named("units_of_product_1")
    assert best.arguments == (planted.products[0].product_id,)
    assert best.expected == planted.products[0].units


def test_the_rush_is_a_truth_only_where_it_stands_out(
    planted: ElectronicsTruth, named: Callable[..., Truth]
) -> None:
    assert (named("peak_weekday_iso").expected, named("peak_hour").expected) == (6, 9)
    flat = replace(planted, orders_by_weekday_hour=tuple((5,) * 24 for _ in range(7)))
    assert not [t for t in planted_truths(flat, MONTHS) if t.measure == "peak"]


def test_a_file_of_other_months_plants_nothing_here(planted: ElectronicsTruth) -> None:
    assert planted_truths(planted, MONTHS[1:]) == []
    assert planted_truths(planted, [*MONTHS, date(2020, 12, 1)]) == []


def test_a_short_file_says_nothing_of_the_peak(tmp_path: Path) -> None:
    months = MONTHS[:3]
    short = simulate_electronics(tmp_path / "kz.csv", rows=5_000, seed=3, calendar=months)
    assert not [t for t in planted_truths(short, months) if t.measure == "peak"]
