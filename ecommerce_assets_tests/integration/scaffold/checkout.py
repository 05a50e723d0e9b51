"""A checkout of the project in a test's own folder, and its commands run there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PARTS = (
    "ecommerce_assets",
    "ecommerce_dbt",
    "ecommerce_assets_tests/__init__.py",
    "ecommerce_assets_tests/conftest.py",
    "ecommerce_assets_tests/integration/__init__.py",
    "pyproject.toml",
)
#: What runs leave in the folders.
LEFT = shutil.ignore_patterns("__pycache__", "target", "logs", ".user.yml")
CALL = "import sys; from ecommerce_assets.cli.app import app; sys.argv[0] = 'ecommerce'; app()"


def check_out(target: Path) -> Path:
    """Copy what the project is made of, and leave out what runs left in it."""
    for part in PARTS:
        source, copy = ROOT / part, target / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=LEFT)
        else:
            shutil.copyfile(source, copy)
    return target


def run(checkout: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment on the copy's own package."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env=kept | {"PYTHONPATH": str(checkout), "COLUMNS": "200"} | variables,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )


def ecommerce(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the copy."""
    return run(checkout, "-c", CALL, *arguments)


def texts(checkout: Path) -> dict[str, bytes]:
    """Every file by its path, but for Python's own."""
    return {
        str(path.relative_to(checkout)): path.read_bytes()
        for path in checkout.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
