"""A second run of the same command finds nothing to do."""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import MONTHS
from ecommerce_assets_tests.pipeline.tables import contents, differing


def stamps(home: Path) -> dict[Path, tuple[int, int]]:
    """Time of change and size of every published file of data."""
    patterns = ("lake/cosmetics/**/*.parquet", "lake/quarantine/**/*", "lake/files/**/*")
    files = [path for pattern in patterns for path in home.glob(pattern) if path.is_file()]
    files += [home / "warehouse.duckdb", home / "published.duckdb"]
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_a_second_demo_builds_nothing_and_touches_no_file(reference: Reference) -> None:
    shop = reference.shop
    steps = ("files", "lake", "raw", "models", "history", "copy")
    before, done = stamps(shop.home), {step: shop.statuses(step) for step in steps}

    output = shop.ok("demo", "cosmetics")

    assert "; 0 months of models built" in output
    assert f"; {len(MONTHS)} months of models built" in reference.output
    assert stamps(shop.home) == before
    assert {step: shop.statuses(step) for step in steps} == done
    assert shop.statuses("backfill")[-1] == "loaded"
    assert differing(contents(shop.warehouse), reference.tables) == {}
