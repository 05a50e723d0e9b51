"""Picture pages of the dashboard on the demo's figures, for docs/dashboard.md.

    make demo
    python -m ecommerce_assets_tests.integration.dashboard.take_screenshots [HOME]

Belongs here: which pages are pictured. Stays out: pictures of the Dagster UI
(`browser/take_screenshots.py`).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ecommerce_assets_tests.browser.chromium import chromium, find_chromium, foreign, tab
from ecommerce_assets_tests.integration.dashboard.pages import ROOT
from ecommerce_assets_tests.integration.dashboard.server import dashboard, healthy

IMAGES = ROOT / "docs" / "images"
#: Pages by the name of their picture, each with a text that stands on it once it is drawn.
PICTURES = {
    "dashboard-cosmetics-funnels": ("cosmetics_funnels", "Overall rate"),
    "dashboard-cosmetics-retention": ("cosmetics_retention", "Cohort"),
    "dashboard-retail-sales": ("retail_sales", "Total spend"),
    "dashboard-operations": ("operations", "Months and steps"),
}


def main(home: Path = ROOT / ".ecommerce") -> None:
    """Open each page, wait until it is drawn, and take its picture."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium found; install it, or name it in ECOMMERCE_CHROMIUM")
    with (
        tempfile.TemporaryDirectory() as scratch,
        dashboard(home.resolve(), Path(scratch) / "log") as (process, port),
        chromium(program) as browser,
        tab(browser) as opened,
    ):
        healthy(process, port)
        page = opened.page
        page.set_viewport_size({"width": 1400, "height": 1000})
        for name, (address, text) in PICTURES.items():
            page.goto(f"http://127.0.0.1:{port}/{address}")
            page.get_by_text(text).first.wait_for()
            page.get_by_test_id("stStatusWidget").wait_for(state="detached")
            page.locator("canvas, svg.marks").first.wait_for()
            picture = IMAGES / f"{name}.png"
            page.screenshot(path=picture)
            print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size:,} bytes")
        left = foreign(opened.requests)
        if left:
            raise SystemExit(f"pages asked for addresses elsewhere: {left}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
