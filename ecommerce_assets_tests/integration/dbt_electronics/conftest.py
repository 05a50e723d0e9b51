"""One warehouse of the electronics store, built once for all tests."""

from __future__ import annotations

import pytest

from ecommerce_assets.dbt.project import models_of
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt_electronics import shop
from ecommerce_assets_tests.integration.dbt_electronics.reference import World

ELECTRONICS = ("--select", models_of("electronics"))


@pytest.fixture(scope="session")
def world() -> World:
    """The rows of the store, and what follows from them."""
    units = shop.numbered([*shop.edge_units(), *shop.random_units()])
    return World(units, shop.undated_units())


@pytest.fixture(scope="session")
def built(world: World, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The warehouse after one `dbt build` of all months, unit and data tests included."""
    dbt = Dbt(tmp_path_factory.mktemp("electronics"))
    shop.write(world.delivered, world.delivered_undated, dbt.database)
    dbt.over("build", shop.START, shop.END, *ELECTRONICS)
    return dbt
