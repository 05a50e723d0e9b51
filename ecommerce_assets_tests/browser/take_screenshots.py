"""Take the documentation's pictures of the Dagster UI, into docs/images or the folder given.

    python -m ecommerce_assets_tests.browser.take_screenshots

Belongs here: which pages are pictured and what must be on them first. The lakehouses that the
pictures show are made anew in a temporary folder; the developer's own is not touched.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize

from ecommerce_assets_tests.browser import ui
from ecommerce_assets_tests.browser.chromium import WINDOW, chromium, find_chromium, tab
from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, dagster_dev
from ecommerce_assets_tests.browser.lakehouse import CHECKOUT, Lakehouse

IMAGES = CHECKOUT / "docs" / "images"
MONTHS = "2019-10:2020-02"
BROKEN = "2019-12"
#: Wide enough for the whole graph with its nodes in full.
GRAPH: ViewportSize = {"width": 2300, "height": 1280}
LAKE = "cosmetics/lake/events"
MART = "cosmetics/marts/agg_sales_daily"


def main(folder: Path = IMAGES) -> None:
    """Fill two lakehouses, one whole and one with a broken month, and picture both."""
    program = find_chromium()
    if program is None:
        raise SystemExit("no Chromium found; install it, or name it in ECOMMERCE_CHROMIUM")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium(program) as browser:
        whole = Lakehouse(Path(scratch) / "whole", MONTHS, 20_000, "sample")
        whole.home.mkdir()
        done = whole.command("demo", "cosmetics")
        if done.returncode:
            raise SystemExit(done.stdout)
        with dagster_dev(whole) as dev:
            _whole(browser, dev, folder)
        broken = Lakehouse(Path(scratch) / "broken", MONTHS, 5_000, "files")
        broken.land(broken=next(m for m in broken.calendar if f"{m:%Y-%m}" == BROKEN))
        broken.command("backfill", "cosmetics")
        with dagster_dev(broken) as dev:
            _broken(browser, dev, folder)


def _whole(browser: Browser, dev: DagsterDev, folder: Path) -> None:
    with tab(browser) as opened:
        page = opened.page
        page.set_viewport_size(GRAPH)
        ui.open_page(page, ui.group_url(dev.url, "cosmetics"), "% filled")
        _collapse_navigation(page)
        _picture(page, folder / "lineage-cosmetics.png")
    with tab(browser) as opened:
        page = opened.page
        address = ui.asset_url(dev.url, LAKE, "partitions")
        ui.open_page(page, address, re.compile(r"^Materialized \(5\)$"))
        ui.choose_partition(page, "2020-02-01")
        page.get_by_text("rows_received").first.wait_for()
        # Not down to the last row: it names the temporary folder.
        page.set_viewport_size({"width": WINDOW["width"], "height": 748})
        _picture(page, folder / "partitions-of-lake-events.png")
        page.set_viewport_size(WINDOW)
        ui.open_page(page, ui.asset_url(dev.url, LAKE, "checks"), "rows_conserved")
        page.get_by_text("rows_conserved", exact=True).filter(visible=True).first.click()
        page.get_by_text("rows_published").first.wait_for()
        _picture(page, folder / "checks-of-lake-events.png")
        ui.open_page(page, ui.asset_url(dev.url, MART, "overview"), "Column name")
        page.get_by_role("table").first.scroll_into_view_if_needed()
        page.get_by_text("Columns", exact=True).first.evaluate("e => e.scrollIntoView()")
        _picture(page, folder / "mart-with-columns.png")
        loads = [r for r in dev.runs() if r.tags.get("dagster/partition") == "2020-02-01"]
        ui.open_page(page, f"{dev.url}/runs/{loads[0].run_id}", "cosmetics__lake__events")
        page.get_by_text("RUN_SUCCESS").first.wait_for()
        _picture(page, folder / "run-of-one-month.png")


def _broken(browser: Browser, dev: DagsterDev, folder: Path) -> None:
    with tab(browser) as opened:
        page = opened.page
        address = ui.asset_url(dev.url, LAKE, "partitions")
        ui.open_page(page, address, re.compile(r"^Failed \(1\)$"))
        ui.choose_partition(page, f"{BROKEN}-01")
        run = next(r for r in dev.runs() if r.status == "FAILURE")
        page.locator(f"a[href*='/runs/{run.run_id}']").first.wait_for()
        _picture(page, folder / "failed-month-in-partitions.png")
        filtered = f"{dev.url}/runs/{run.run_id}?logs=type%3ASTEP_FAILURE"
        ui.open_page(page, filtered, "is not a data file")
        # Down to the reason: the stack trace below it names this machine's folders.
        trace = page.get_by_text("Stack Trace:").first
        _picture(page, folder / "failed-month-with-its-reason.png", above=trace)


def _collapse_navigation(page: Page) -> None:
    page.get_by_text("Hide navigation").first.click()
    page.wait_for_timeout(500)


def _picture(page: Page, file: Path, above: Locator | None = None) -> None:
    """Take a picture when the page has stopped moving, as far down as `above` starts."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(2000)
    edge = above.bounding_box() if above else None
    size = page.viewport_size or WINDOW
    height = edge["y"] if edge else size["height"]
    page.screenshot(path=file, clip={"x": 0, "y": 0, "width": size["width"], "height": height})
    print(f"{file.name}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
