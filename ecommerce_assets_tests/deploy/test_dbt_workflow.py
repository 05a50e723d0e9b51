"""The workflow `dbt`: a pull request builds what it changes, in its own data set, and no other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets_tests.deploy.image import BIN, ROOT

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/dbt.yml").read_text())
DATASET = "dbt_ci_pr_7"
CHANGED = "mart_product_affinity"


def step(job: str, name: str) -> dict[str, Any]:
    """A step of the workflow."""
    (found,) = (each for each in WORKFLOW["jobs"][job]["steps"] if each.get("name") == name)
    return dict(found)


@pytest.mark.full
def test_what_changed_is_built_in_the_one_data_set(app: Path, tmp_path: Path) -> None:
    words = step("changed", "Build")["run"].replace("\\\n", " ").split()
    assert words[:2] == ["dbt", "build"]
    assert "--defer" in words
    asked = [words[words.index(name) + 1] for name in ("--target", "--select", "--state")]
    assert asked[:2] == ["ci", "state:modified+"]
    project = tmp_path / "ecommerce_dbt"
    shutil.copytree(app / "ecommerce_dbt", project, ignore=shutil.ignore_patterns("target"))
    (model,) = project.rglob(f"{CHANGED}.sql")
    model.write_text(model.read_text() + "\n-- changed\n")

    listed = subprocess.run(
        [BIN / "dbt", "--quiet", "ls", "--target", "ci", "--select", "state:modified+"]
        + ["--state", app / "ecommerce_dbt/target/dev", "--resource-type", "model"]
        + ["--output", "json", "--output-keys", "name", "schema"],
        cwd=project,
        env={
            "PATH": f"{BIN}:/usr/bin:/bin",
            "DBT_PROFILES_DIR": str(project),
            "ECOMMERCE_DBT_CI_DATASET": DATASET,
            "GCP_PROJECT_ID": "no-project-set",
        },
        capture_output=True,
        text=True,
    )

    assert listed.returncode == 0, listed.stdout + listed.stderr
    models = [json.loads(line) for line in listed.stdout.splitlines()]
    assert models == [{"name": CHANGED, "schema": DATASET}]
    manifest = json.loads((project / "target/manifest.json").read_text())
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(nodes) > 20
    assert {node["schema"] for node in nodes} == {DATASET}
    sources = {source["schema"] for source in manifest["sources"].values()}
    assert sources == {f"{domain}_raw" for domain in DOMAINS}


def test_the_data_set_is_dropped_after_a_failure_and_when_the_pull_request_closes() -> None:
    last = WORKFLOW["jobs"]["changed"]["steps"][-1]
    assert last["if"] == "always()"
    dropped = "python .ci/ci_dataset.py drop"
    assert last["run"] == WORKFLOW["jobs"]["drop"]["steps"][-1]["run"] == dropped
    assert "closed" in WORKFLOW[True]["pull_request"]["types"]


@pytest.mark.parametrize("job", ["changed", "drop"])
def test_forks_get_no_credentials(job: str) -> None:
    assert "head.repo.full_name == github.repository" in WORKFLOW["jobs"][job]["if"]


@pytest.mark.parametrize("name", ["", "dbt_prod", "cosmetics_marts", "dbt_ci_pr_", "dbt_ci_pr_7x"])
@pytest.mark.parametrize("command", ["create", "drop"])
def test_no_other_data_set_is_created_or_dropped(command: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci/ci_dataset.py", command],
        env={"ECOMMERCE_DBT_CI_DATASET": name, "GCP_PROJECT_ID": "shop"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "is not the data set of a pull request" in done.stderr
