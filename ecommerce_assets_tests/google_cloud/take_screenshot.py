"""Materialise a month in `dev` on the emulators by clicking, and picture what BigQuery said of it.

    python -m ecommerce_assets_tests.google_cloud.take_screenshot

Belongs here: the picture of docs/google-cloud.md. Stays out: the pictures of the laptop's UI
(`browser/take_screenshots.py`).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ecommerce_assets_tests.browser import ui
from ecommerce_assets_tests.browser.chromium import chromium, find_chromium, tab
from ecommerce_assets_tests.browser.dagster_dev import dagster_dev, wait_for
from ecommerce_assets_tests.browser.lakehouse import CHECKOUT, Lakehouse
from ecommerce_assets_tests.support.emulators.google_cloud import GOOGLE_VARIABLES, emulated

PICTURE = CHECKOUT / "docs" / "images" / "bigquery-metadata.png"
MONTH = "2019-10-01"
LAYERS = [f"cosmetics/{layer}/events" for layer in ("files", "lake", "raw")]
RUN_S = 240


@dataclass(frozen=True)
class OnGoogle(Lakehouse):
    """A lakehouse of the environment `dev`."""

    cloud: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """As on a laptop, led to a bucket and to BigQuery."""
        plain = {n: v for n, v in super().environment.items() if n not in GOOGLE_VARIABLES}
        return plain | {"ECOMMERCE_ENV": "dev"} | self.cloud


def main(picture: Path = PICTURE) -> None:
    """Click one month through, wait for it, and take the picture."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium found; install it, or name it in ECOMMERCE_CHROMIUM")
    with tempfile.TemporaryDirectory() as scratch, emulated(Path(scratch) / "google") as cloud:
        home = Path(scratch) / "home"
        home.mkdir()
        lake = {"ECOMMERCE_LAKE": f"gs://{cloud.bucket}/lake"}
        lakehouse = OnGoogle(home, "2019-10:2019-11", 2_000, "sample", cloud.environment | lake)
        with (
            dagster_dev(lakehouse) as dev,
            chromium(program) as browser,
            tab(browser, []) as opened,
        ):
            page = opened.page
            ui.select_in_graph(page, dev.url, "cosmetics", LAYERS)
            ui.launch(page, "Materialize selected (3)", MONTH)
            wait_for(
                "the run of the month",
                lambda: [run for run in dev.runs() if run.status in ("SUCCESS", "FAILURE")],
                RUN_S,
            )
            assert dev.runs()[0].status == "SUCCESS"
            page.set_viewport_size({"width": 1400, "height": 1100})
            address = f"{ui.asset_url(dev.url, LAYERS[-1], 'partitions')}&partition={MONTH}"
            ui.open_page(page, address, "bigquery/bytes_billed")
            page.screenshot(path=picture)
    print(f"{picture.relative_to(CHECKOUT)}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
