"""The order in which months are loaded leaves no trace."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.dbt.project import models_of
from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.conftest import Shop
from ecommerce_assets_tests.integration.dbt.project import Dbt

OCTOBER, NOVEMBER, DECEMBER = lake.MONTHS


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Dbt]:
    """An empty warehouse, in one place, so that dbt parses the project once for all."""
    home = tmp_path_factory.mktemp("month_by_month")

    def empty() -> Dbt:
        dbt = Dbt(home)
        dbt.database.unlink(missing_ok=True)
        return dbt

    return empty


def window_of(month: datetime) -> tuple[datetime, datetime]:
    """The month and its neighbours, as the caller widens it: sessions reach over a month's end."""
    start = (month - timedelta(days=1)).replace(day=1)
    end = (month + timedelta(days=63)).replace(day=1)
    return max(start, OCTOBER), min(end, lake.END)


def build(dbt: Dbt, tag: str, window: tuple[datetime, datetime]) -> None:
    """Build the models of one rhythm, with the data tests that they and their parents allow."""
    dbt.over(
        "build",
        *window,
        "--select",
        models_of("cosmetics", tag),
        "--exclude-resource-type",
        "unit_test",
    )


def load(dbt: Dbt, shop: Shop, months: Sequence[datetime]) -> None:
    """Load one month after the other, as they arrive, and the unpartitioned models at the end."""
    arrived: set[datetime] = set()
    for month in months:
        arrived.add(month)
        lake.expose(dbt.database, shop.path, sorted(arrived))
        build(dbt, "monthly", window_of(month))
    build(dbt, "unpartitioned", (OCTOBER, lake.END))


def differences(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> dict[str, int]:
    """Number of differing rows of each model that differs."""
    gaps = {name: len(set(found[name]) ^ set(wanted[name])) for name in wanted}
    return {name: gap for name, gap in gaps.items() if gap or len(found[name]) != len(wanted[name])}


@pytest.mark.parametrize(
    "months",
    [
        pytest.param((OCTOBER, NOVEMBER, DECEMBER), id="in_order", marks=pytest.mark.full),
        pytest.param((DECEMBER, NOVEMBER, OCTOBER), id="in_reverse", marks=pytest.mark.full),
        pytest.param(
            (OCTOBER, DECEMBER, NOVEMBER), id="with_a_hole_at_first", marks=pytest.mark.full
        ),
    ],
)
def test_months_loaded_one_by_one_give_the_tables_of_one_go(
    months: Sequence[datetime],
    shop: Shop,
    built: Dbt,
    empty_warehouse: Callable[[], Dbt],
) -> None:
    dbt = empty_warehouse()

    load(dbt, shop, months)

    assert differences(dbt.contents(), built.contents()) == {}


@pytest.mark.full
def test_a_month_loaded_again_and_a_full_refresh_change_nothing(built: Dbt, tmp_path: Path) -> None:
    before, dbt = built.contents(), Dbt(tmp_path)
    shutil.copy(built.database, dbt.database)

    dbt.over("run", *window_of(NOVEMBER))
    after_reload = dbt.contents()
    dbt.over("run", OCTOBER, lake.END, "--full-refresh")

    assert differences(after_reload, before) == {}
    assert differences(dbt.contents(), before) == {}


@pytest.mark.full
def test_rows_of_a_month_that_is_replaced_by_a_smaller_one_vanish(
    shop: Shop, tmp_path: Path, empty_warehouse: Callable[[], Dbt]
) -> None:
    kept = lake.numbered(e for e in shop.events if e.month == OCTOBER or e.user < 1050)
    lake.write(kept, tmp_path)
    dbt = empty_warehouse()
    lake.expose(dbt.database, tmp_path, [OCTOBER, NOVEMBER])
    dbt.over("run", OCTOBER, DECEMBER)
    once = dbt.contents()

    dbt = empty_warehouse()
    lake.expose(dbt.database, shop.path, [OCTOBER, NOVEMBER])
    dbt.over("run", OCTOBER, DECEMBER)
    lake.expose(dbt.database, tmp_path, [OCTOBER, NOVEMBER])
    dbt.over("run", OCTOBER, DECEMBER)

    assert differences(dbt.contents(), once) == {}
