"""Which truths the cosmetics events have, and when they speak of what is loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ecommerce_assets.domains.cosmetics.simulator.truth import FunnelTruth, MonthTruth
from ecommerce_assets.domains.cosmetics.sources import GENERATOR_VERSION
from ecommerce_assets.domains.cosmetics.truths import (
    HERE,
    KAGGLE,
    planted_truths,
    published_truths,
)
from ecommerce_assets.domains.cosmetics.truths.book import speaks_of
from ecommerce_assets.domains.truths import LoadedMonth, reason_against
from ecommerce_assets.lib.truths import Truth

OCTOBER, NOVEMBER = date(2019, 10, 1), date(2019, 11, 1)
PUBLISHED_ROWS = {OCTOBER: Decimal(4102283), NOVEMBER: Decimal(4635837)}


def month_truth(month: date, crossing: int = 0) -> MonthTruth:
    return MonthTruth(
        month=f"{month}",
        seed=7,
        rows=500,
        rows_by_type={"view": 300, "cart": 100, "remove_from_cart": 60, "purchase": 40},
        duplicate_rows_by_type={"view": 1},
        rows_without_session=2,
        rows_without_brand=200,
        rows_without_category_code=490,
        rows_with_zero_price=3,
        rows_with_negative_price=1,
        purchase_value_cents=19_950,
        positive_purchase_value_cents=20_000,
        users=50,
        new_users=40,
        returning_users=10,
        funnel=FunnelTruth(110, 100, 30, 12, 28, 11),
        sessions_from_previous_month=0,
        sessions_into_next_month=crossing,
        sessions_shared_by_users=1,
        pairs=(),
        outage=None,
    )


def named(truths: list[Truth], metric: str, month: date | None = None) -> Truth:
    (found,) = [t for t in truths if t.metric == metric and (month in (None, t.first))]
    return found


def against(truth: Truth, loaded: dict[date, LoadedMonth]) -> str | None:
    planted = {f"{m}": month_truth(m) for m in (OCTOBER, NOVEMBER)}
    return reason_against(
        truth,
        loaded,
        lambda dataset, month, found: speaks_of(dataset, month, found, planted, PUBLISHED_ROWS),
    )


def query(measure: str) -> str:
    return (HERE / f"{measure}.sql").read_text(encoding="utf-8").replace(",\n", "\n")


def test_every_measure_gives_the_columns_that_its_truths_name() -> None:
    planted = planted_truths({f"{OCTOBER}": month_truth(OCTOBER)})

    for truth in [*published_truths(), *planted]:
        assert f" as {truth.column}\n" in query(truth.measure), truth


def test_months_add_up_to_the_whole() -> None:
    truths = published_truths()

    for metric in ("rows_all", "rows_purchase", "purchase_value"):
        figures = [t for t in truths if t.metric == metric]
        (whole,) = [t.expected for t in figures if t.first != t.last]
        assert sum(t.expected for t in figures if t.first == t.last) == whole
    types = ("view", "cart", "remove_from_cart", "purchase")
    assert sum(named(truths, f"rows_{t}", None).expected for t in types[:3]) + 1287007 == 20692840


def test_a_month_that_is_not_loaded_is_not_judged() -> None:
    truth = named(published_truths(), "rows_all", NOVEMBER)
    loaded = {NOVEMBER: LoadedMonth("kaggle:v6:x", 4635837)}

    assert against(truth, {}) == "not loaded: 2019-11"
    assert against(truth, loaded) is None


@pytest.mark.parametrize(
    ("version", "rows", "applies"),
    [
        ("kaggle:v6:x", 4635837, True),
        ("kaggle:v6:x", 17, True),
        ("files:x", 4635837, True),
        ("files:x", 4600000, True),
        ("files:x", 999, False),
        ("sample:1:events=4635837:seed=42", 4635837, False),
    ],
)
def test_published_figures_speak_of_the_published_files_alone(
    version: str, rows: int, applies: bool
) -> None:
    truth = named(published_truths(), "rows_all", NOVEMBER)
    assert truth.dataset == KAGGLE

    reason = against(truth, {NOVEMBER: LoadedMonth(version, rows)})

    assert (reason is None) == applies
    assert applies or "other rows are loaded" in str(reason)


@pytest.mark.parametrize(
    ("version", "applies"),
    [
        (f"sample:{GENERATOR_VERSION}:events=500:seed=7", True),
        (f"sample:{GENERATOR_VERSION}:events=500:seed=8", False),
        (f"sample:{GENERATOR_VERSION}:events=501:seed=7", False),
        (f"sample:{GENERATOR_VERSION + 1}:events=500:seed=7", False),
        ("files:events=500:seed=7", False),
    ],
)
def test_planted_figures_speak_of_the_shop_that_planted_them(version: str, applies: bool) -> None:
    truth = named(planted_truths({f"{OCTOBER}": month_truth(OCTOBER)}), "users", OCTOBER)

    reason = against(truth, {OCTOBER: LoadedMonth(version, 500)})

    assert (reason is None) == applies


def test_figures_that_look_back_need_the_months_before() -> None:
    truths = planted_truths({f"{m}": month_truth(m) for m in (OCTOBER, NOVEMBER)})
    version = f"sample:{GENERATOR_VERSION}:events=500:seed=7"
    new_users = named(truths, "new_users", NOVEMBER)

    assert against(new_users, {NOVEMBER: LoadedMonth(version, 500)}) == "not loaded: 2019-10"


def test_sessions_are_judged_only_where_none_goes_on_in_a_month_that_was_not_made() -> None:
    def metrics(crossing: int) -> set[str]:
        planted = {
            f"{OCTOBER}": month_truth(OCTOBER, 3),
            f"{NOVEMBER}": month_truth(NOVEMBER, crossing),
        }
        return {truth.metric for truth in planted_truths(planted)}

    assert "source_sessions" in metrics(0)
    assert "source_sessions" not in metrics(1)
    assert planted_truths({}) == []


def test_a_figure_of_a_table_over_all_months_is_not_judged_beside_other_months() -> None:
    truth = replace(named(published_truths(), "rows_all", NOVEMBER), alone=True)
    loaded = {NOVEMBER: LoadedMonth("kaggle:v6:x", 4635837)}

    assert against(truth, loaded) is None
    more = loaded | {OCTOBER: LoadedMonth("kaggle:v6:x", 4102283)}
    assert against(truth, more) == "loaded beside its months: 2019-10"
