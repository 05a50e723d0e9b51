"""Active users, cohorts and lifecycle where days or a whole month are missing from the loads."""

from __future__ import annotations

from datetime import date

import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.comparison import rows_apart
from ecommerce_assets_tests.integration.dbt.conftest import Shop
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.reference import World, cohorts, users

SILENT = (date(2019, 10, 1), date(2019, 12, 10), date(2019, 12, 31))
RELATIONS = users.EXPECTED | cohorts.EXPECTED


@pytest.fixture(scope="module")
def events(shop: Shop) -> list[lake.Event]:
    """The shop without its November, without its first and last day, and without a day between."""
    october, _, december = lake.MONTHS
    kept = [e for e in shop.events if e.month in (october, december) and e.at.date() not in SILENT]
    return lake.numbered(kept)


@pytest.fixture(scope="module")
def holed(events: list[lake.Event], tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The user marts over these events; November is built, from nothing."""
    dbt = Dbt(tmp_path_factory.mktemp("holed"))
    lake.write(events, dbt.home / "lake")
    lake.expose(dbt.database, dbt.home / "lake", [lake.MONTHS[0], lake.MONTHS[2]])
    marts = [f"+{relation.partition('.')[2]}" for relation in RELATIONS]
    dbt.over(
        "build", lake.MONTHS[0], lake.END,
        "--exclude-resource-type", "unit_test", "--select", *marts,
    )  # fmt: skip
    return dbt


@pytest.mark.parametrize("relation", RELATIONS)
def test_user_mart_equals_its_definition_where_days_are_missing(
    relation: str, holed: Dbt, events: list[lake.Event]
) -> None:
    expected = RELATIONS[relation](World(events))

    assert expected, "a comparison of nothing with nothing"
    assert rows_apart(holed, relation, expected) == ([], [])


def test_what_is_missing_shows_in_the_rows(holed: Dbt) -> None:
    def ask(query: str) -> list[tuple[object, ...]]:
        return holed.rows(query.replace("marts.", "cosmetics_marts."))

    empty = "select active_users, dormant_users > 0, period_days_observed, period_complete from "
    assert ask(f"{empty} marts.agg_user_lifecycle where period_start = '2019-11-01' "
               "and period_kind = 'month'") == [(0, True, 0, False)]  # fmt: skip
    assert ask("select count(*) > 0 from marts.fct_cohort_period where active_users = 0") == [
        (True,)
    ]
    # After the last whole week nothing is missing but the last day of all.
    known = "active_users_on_or_after is not null"
    assert ask(f"select max(period_start) from marts.fct_cohort_period where {known}") == [
        (date(2019, 12, 23),)
    ]
