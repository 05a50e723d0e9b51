"""The shortened start of dbt overrides members of others: these tests break when they move."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from dagster_dbt import DbtCliResource

from ecommerce_assets.dbt.command import PARSED
from ecommerce_assets.dbt.project import (
    PROJECT,
    dbt_environment,
    dbt_executable,
    ensure_manifest,
    project_files,
)
from ecommerce_assets.defs.dbt.resource import FastDbt, dbt_resource
from ecommerce_assets.settings import Settings

PARSED_ANEW = "Unable to do partial parsing"


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


@pytest.mark.parametrize(
    ("database", "memory", "anew"),
    [("elsewhere/warehouse.duckdb", "700MB", False), ("elsewhere/other.duckdb", "700MB", True)],
)
def test_a_project_parsed_for_one_home_fits_another(
    database: str, memory: str, anew: bool, tmp_path: Path
) -> None:
    shutil.copy(ensure_manifest().with_name("partial_parse.msgpack"), tmp_path)
    settings = Settings(warehouse=str(tmp_path / database), memory_limit=memory)
    done = subprocess.run(
        [dbt_executable(), "--log-level", "debug", "ls", "--select", "fct_orders"],
        env=os.environ
        | dbt_environment(settings)
        | {"DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (PARSED_ANEW in done.stdout) is anew


def test_the_models_depend_on_nothing_else_of_the_connection() -> None:
    used = {
        name
        for path in project_files()
        for name in re.findall(r"\btarget\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert used <= {"type", "name", *PARSED}
