"""One lake and one built warehouse for all tests of the dbt project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.project import Dbt


@dataclass(frozen=True)
class Shop:
    """The events of the test's shop and the lake that holds them."""

    events: list[lake.Event]
    path: Path


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    events = lake.numbered([*lake.boundary_events(), *lake.random_events(6000)])
    path = tmp_path_factory.mktemp("lake")
    lake.write(events, path)
    return Shop(events, path)


@pytest.fixture(scope="session")
def built(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The warehouse after one `dbt build` of all three months, unit and data tests included."""
    dbt = Dbt(tmp_path_factory.mktemp("one_go"))
    lake.expose(dbt.database, shop.path, lake.MONTHS)
    dbt.over("build", lake.MONTHS[0], lake.END)
    return dbt
