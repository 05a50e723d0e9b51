"""One warehouse of the retail shop, built once for all tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ecommerce_assets.dbt.project import models_of
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt_retail import catalogue, shop
from ecommerce_assets_tests.integration.dbt_retail.reference import World

RETAIL = ("--select", models_of("retail"))


@pytest.fixture(scope="session")
def sources() -> Mapping[str, list[shop.Line]]:
    """The shop's own lines, and a web address that lacks two of them; there is no database."""
    lines = shop.numbered([*shop.edge_lines(), *shop.random_lines()])
    return {"archive": lines, "url": [line for line in lines if line.invoice != "510017"]}


@pytest.fixture(scope="session")
def world(sources: Mapping[str, list[shop.Line]]) -> World:
    """What follows from the lines of the primary source."""
    return World(sources["archive"])


@pytest.fixture(scope="session")
def built(sources: Mapping[str, list[shop.Line]], tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The warehouse after one `dbt build` of all months, unit and data tests included."""
    dbt = Dbt(tmp_path_factory.mktemp("retail"))
    shop.write(sources, dbt.database)
    catalogue.write(dbt.database)
    dbt.over("build", shop.START, shop.END, *RETAIL)
    return dbt
