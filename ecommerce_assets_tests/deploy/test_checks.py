"""`make deploy-check` passes on the checkout and catches deliberate mistakes in copies of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ecommerce_assets_tests.deploy.image import ROOT

PYTHON = ROOT / ".venv-tools/bin/python"
CHECKED = ("Dockerfile", "docker-compose.yaml", "deploy", ".github")

#: name: file, text, text in its place, the check that must fail, and a word of its finding.
MISTAKES = {
    "root user": ("Dockerfile", "USER 10001:10001", "USER root", "Dockerfile: hadolint", "DL3002"),
    "user by name": (
        "Dockerfile",
        "USER 10001:10001",
        "USER ecommerce",
        "Dockerfile: base, user, health",
        "USER ecommerce",
    ),
    "unpinned base": (
        "Dockerfile",
        "\nFROM ${PYTHON_IMAGE}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}\n",
        "\nFROM python:3.11\n",
        "Dockerfile: base, user, health",
        "not the pinned base",
    ),
    "moving tag": (
        "Dockerfile",
        "ARG PYTHON_IMAGE=python:3.11-slim-bookworm",
        "ARG PYTHON_IMAGE=python:latest",
        "Dockerfile: base, user, health",
        "python:latest",
    ),
    "port open to all": (
        "docker-compose.yaml",
        '"127.0.0.1:${ECOMMERCE_PORT:-3000}:3000"',
        '"0.0.0.0:${ECOMMERCE_PORT:-3000}:3000"',
        "docker-compose.yaml: services shut in",
        "service webserver publishes",
    ),
    "capabilities kept": (
        "docker-compose.yaml",
        "  cap_drop: [ALL]\n",
        "",
        "docker-compose.yaml: services shut in",
        "service postgres keeps capabilities",
    ),
    "password in the file": (
        "docker-compose.yaml",
        "POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password",
        "POSTGRES_PASSWORD: dagster",
        "docker-compose.yaml: services shut in",
        "holds POSTGRES_PASSWORD",
    ),
    "unknown compose key": (
        "docker-compose.yaml",
        "    stop_grace_period: 60s",
        "    stop_grace_time: 60s",
        "docker-compose.yaml: schema",
        "stop_grace_time",
    ),
    "misspelt chart name": (
        "deploy/helm/values.yaml",
        "      dagsterApiGrpcArgs:",
        "      dagsterApiGRPCArgs:",
        "deploy/helm/values.yaml: names",
        "deployments[0].dagsterApiGRPCArgs",
    ),
    "workflow that may write all": (
        ".github/workflows/image.yml",
        "\npermissions: {}\n",
        "\npermissions: write-all\n",
        "workflows: triggers, permissions",
        "image.yml: permissions",
    ),
    "job that may write all": (
        ".github/workflows/ci.yml",
        "    timeout-minutes: 50\n",
        "    timeout-minutes: 50\n    permissions: write-all\n",
        "workflows: zizmor",
        "excessive-permissions",
    ),
    "action by tag": (
        ".github/workflows/terraform.yml",
        "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2",
        "hashicorp/setup-terraform@v3",
        "workflows: zizmor",
        "unpinned-uses",
    ),
    "credentials for forks": (
        ".github/workflows/dbt.yml",
        "  pull_request:\n",
        "  pull_request_target:\n",
        "workflows: triggers, permissions",
        "a fork's code",
    ),
    "job without a time limit": (
        ".github/workflows/dbt.yml",
        "    timeout-minutes: 15\n",
        "",
        "workflows: schema, time limits",
        "timeout-minutes",
    ),
}


@pytest.fixture(autouse=True)
def _tools() -> None:
    if PYTHON.exists():
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail("no .venv-tools, and CI is set: run `make tools` first")
    pytest.skip("no .venv-tools: make tools")


def check(root: Path, *names: str) -> tuple[int, dict[str, str]]:
    """Exit code, and what each check that failed said, by its name; all checks if none is named."""
    done = subprocess.run(
        [PYTHON, ROOT / "deploy/check.py", root, *names], capture_output=True, text=True, cwd=ROOT
    )
    assert not done.stderr, done.stderr
    failed: dict[str, str] = {}
    name = ""
    for line in done.stdout.splitlines():
        if line.startswith(("ok ", "FAIL")):
            name = line[4:].strip()
        if line.startswith("FAIL"):
            failed[name] = ""
        elif name in failed:
            failed[name] += line.strip() + "\n"
    return done.returncode, failed


def test_the_checkout_passes() -> None:
    assert check(ROOT) == (0, {})


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_caught(mistake: str, tmp_path: Path) -> None:
    name, text, wrong, failing, word = MISTAKES[mistake]
    for each in CHECKED:
        copy = shutil.copytree if (ROOT / each).is_dir() else shutil.copy2
        copy(ROOT / each, tmp_path / each)
    right = (ROOT / name).read_text()
    assert text in right
    (tmp_path / name).write_text(right.replace(text, wrong))

    code, failed = check(tmp_path, failing)

    assert code == 1
    assert word in failed.get(failing, ""), failed
