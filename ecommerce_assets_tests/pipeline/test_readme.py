"""Every command that the README shows runs as it stands there, in order, in one fresh folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

#: The README loads one month first, and `status` says with its exit code that others are missing.
STATUS_MAY_BE_INCOMPLETE = """
ecommerce() {
    command ecommerce "$@" && return
    local code=$?
    [ "$1" = status ] && [ "$code" = 3 ]
}
"""
REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def commands() -> str:
    """The README's bash blocks, one after the other."""
    return "\n".join(re.findall(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("readme")
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("ECOMMERCE", "DAGSTER"))
    }
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["ECOMMERCE_SAMPLE_EVENTS"] = "2000"
    environment["ECOMMERCE_COSMETICS_MONTHS"] = "2019-10:2019-11"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", STATUS_MAY_BE_INCOMPLETE + commands()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_readme_shows_the_commands_that_a_user_needs() -> None:
    for wanted in ("backfill", "status", "ledger", "quarantine list", "agg_sales_daily"):
        assert wanted in commands()


def test_every_command_of_the_readme_runs(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert "order_value" in run.stdout


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


def test_the_two_commands_are_what_ci_runs() -> None:
    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    assert "make demo" in ci
    assert "make test" in ci
