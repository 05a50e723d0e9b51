"""The image's folder /app, built once: the files of the build context and dbt's manifests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ecommerce_assets_tests.deploy.image import BIN, lay_out, run_step
from ecommerce_assets_tests.once import made_once


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build stage makes of the context, by the Dockerfile's own step."""
    return made_once(tmp_path_factory, "image", _lay_out) / "app"


def _lay_out(image: Path) -> None:
    folder = image / "app"
    lay_out(folder)
    step = run_step("ensure_manifest")
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", step],
        cwd=folder,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
