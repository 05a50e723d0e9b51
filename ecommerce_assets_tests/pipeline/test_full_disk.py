"""A full disk is two sentences at any stage; with space again the same command completes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import MONTHS, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import contents, differing

MONTH = ("--from", month_text(MONTHS[0]), "--to", month_text(MONTHS[0]))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes, which `resized` makes larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk; test_limits.py has the portable form")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def resized(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.mark.full
def test_a_full_disk_is_two_sentences_and_with_space_again_the_command_completes(
    small: Path, tmp_path: Path, reference: Reference
) -> None:
    variables = {
        "ECOMMERCE_SOURCE": "files",
        "ECOMMERCE_LANDING": str(tmp_path / "landing"),
    }
    shop = Shop(small / "home", variables)
    landing = tmp_path / "landing" / "cosmetics"
    landing.mkdir(parents=True)
    file = reference.files[0]
    (landing / file.name).write_bytes(file.read_bytes())

    for size in ("3m", "6m", "9m"):  # full while it loads, and while models are built
        resized(small, size)
        done = shop.run("backfill", "cosmetics", *MONTH)
        assert done.code == 1, done.output
        assert "no space is left on the disk of" in done.output, done.output
        assert "free some space there" in done.output
        assert "Traceback" not in done.output and len(done.output.splitlines()) < 30, done.output

    resized(small, "400m")
    shop.ok("backfill", "cosmetics", *MONTH)

    undisturbed = Shop(tmp_path / "undisturbed", variables)
    undisturbed.ok("backfill", "cosmetics", *MONTH)
    assert differing(contents(shop.warehouse), contents(undisturbed.warehouse)) == {}
