"""Every dbt test runs in exactly one of the calls that the assets make, and shows as a check.

dbt itself says what a call selects; the calls are those of the definitions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.dbt.project import PROJECT, manifest_path
from ecommerce_assets.dbt.windows import build_arguments

#: Lists what each selection holds; the project is read once.
LIST = """
import json, sys
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import WritableManifest, Manifest
manifest, home, flags, *selections = sys.argv[1:]
there = ["--target-path", home, "--log-path", home]
found = Manifest.from_writable_manifest(WritableManifest.read_and_check_versions(manifest))
dbt, listed = dbtRunner(manifest=found), {}
for selection in selections:
    called = ["--quiet", "ls", "--select", selection, "--output", "json"]
    called += ["--output-keys", "unique_id", *json.loads(flags), *there]
    done = dbt.invoke(called)
    assert done.success, done.exception
    listed[selection] = [json.loads(line)["unique_id"] for line in done.result]
print(json.dumps(listed), file=sys.stderr)
"""


def data_tests(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The tests of data by id; unit tests are of the code, and run with the suite."""
    return {n: v for n, v in manifest["nodes"].items() if v["resource_type"] == "test"}


@pytest.fixture(scope="module")
def selected(
    definitions: dg.Definitions, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """The ids of the nodes that each call over a whole set of models selects."""
    selections = {
        str(asset.op.tags["dagster_dbt/select"])
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition) and "dagster_dbt/select" in asset.op.tags
    }
    arguments = build_arguments(None)
    flags = arguments[arguments.index("--indirect-selection") :]
    home = tmp_path_factory.mktemp("ls")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            LIST,
            str(manifest_path()),
            str(home),
            json.dumps(flags),
            *selections,
        ],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DBT_PROFILES_DIR": str(PROJECT),
            "ECOMMERCE_DUCKDB_PATH": str(home / "none.duckdb"),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    listed: dict[str, list[str]] = json.loads(done.stderr.splitlines()[-1])
    return listed


def test_every_dbt_test_of_data_runs_in_exactly_one_call(
    manifest: dict[str, Any], selected: dict[str, list[str]]
) -> None:
    tests = {name for name, node in data_tests(manifest).items() if node["depends_on"]["nodes"]}
    runs = Counter(name for names in selected.values() for name in names if name in tests)

    assert len(selected) >= 6 and len(tests) > 100
    assert sorted(tests - runs.keys()) == []
    assert {name: n for name, n in runs.items() if n > 1} == {}


def test_tests_without_a_model_are_those_of_the_dialects_macros(manifest: dict[str, Any]) -> None:
    """They say nothing of data: the suite runs them, on both engines."""
    apart = [node for node in data_tests(manifest).values() if not node["depends_on"]["nodes"]]

    assert apart
    assert {Path(node["original_file_path"]).parent.name for node in apart} == {"cross_db"}


def test_every_dbt_test_of_data_is_an_asset_check(
    definitions: dg.Definitions, manifest: dict[str, Any]
) -> None:
    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    tests = {node["name"] for node in data_tests(manifest).values() if node["depends_on"]["nodes"]}

    assert sorted(tests - checks) == []


def test_no_test_for_null_looks_only_at_rows_that_are_not_null(manifest: dict[str, Any]) -> None:
    """A bound on a column leaves its nulls out, so that such a test could not fail."""
    cannot_fail = [
        node["name"]
        for node in data_tests(manifest).values()
        if node.get("test_metadata", {}).get("name") == "not_null"
        and f"({node['column_name']})" in (node["config"].get("where") or "")
    ]
    assert cannot_fail == []
