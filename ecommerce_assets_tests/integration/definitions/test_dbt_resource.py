"""The shortened start of dbt overrides private members: these tests break when they move."""

from __future__ import annotations

import importlib.metadata

from dagster_dbt import DbtCliResource

from ecommerce_assets.defs.dbt.project import FastDbt, dbt_environment, dbt_resource
from ecommerce_assets.settings import Settings


def test_the_overridden_members_still_exist_in_the_pinned_release() -> None:
    assert importlib.metadata.version("dagster-dbt") == "0.29.27"
    assert {"_cli_version", "_initialize_dbt_core_adapter"} <= set(dir(DbtCliResource))


def test_the_version_is_the_installed_packages() -> None:
    resource = dbt_resource()
    assert isinstance(resource, FastDbt)
    assert str(resource._cli_version) == importlib.metadata.version("dbt-core")


def test_dbt_gets_no_secret_through_its_environment() -> None:
    settings = Settings(KAGGLE_KEY="hidden-key")
    assert "hidden-key" not in str(dbt_environment(settings))
