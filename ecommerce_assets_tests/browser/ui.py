"""The pages of the Dagster UI as a user reads and clicks them.

Belongs here: addresses, what is on a page, and clicking through the launch dialog. Stays out: what
should be there (`test_dagster_ui.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from playwright.sync_api import Error, Locator, Page, ViewportSize, expect

from ecommerce_assets_tests.browser.dagster_dev import LOCATION

STATUS_FILTER = re.compile(
    r"^(Failed|Materialized|Materializing|Missing|Execution Failed|In Progress|Skipped|Passed)"
    r"\s*\(\d+\)$"
)
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
#: A window in which the graph of the whole group fits with every node drawn in full.
GRAPH_WINDOW: ViewportSize = {"width": 5200, "height": 4200}


def open_page(page: Page, url: str, text: str | re.Pattern[str]) -> None:
    """Go to a page and wait until it shows a text; a page that stays empty is loaded once more."""
    for tries_left in (2, 1, 0):
        try:
            page.goto(url, wait_until="domcontentloaded")
            page.get_by_text(text).first.wait_for(timeout=20_000)
            return
        except Error:
            if not tries_left:
                raise


def asset_url(base: str, key: str, view: str) -> str:
    return f"{base}/assets/{key}?view={view}"


def group_url(base: str, group: str) -> str:
    return f"{base}/locations/{LOCATION}/asset-groups/{group}/lineage"


def graph_nodes(page: Page) -> dict[str, tuple[float, float]]:
    """Where each asset's node starts and ends on the x axis, by the asset's key."""
    found: dict[str, tuple[float, float]] = {}
    for node in page.locator("foreignObject").filter(has=page.locator("a[href*='/assets/']")).all():
        address = node.locator("a[href*='/assets/']").first.get_attribute("href") or ""
        box = node.bounding_box()
        if box:
            key = unquote(address.split("/assets/", 1)[1].split("?", 1)[0])
            found[key] = (box["x"], box["x"] + box["width"])
    return found


def partition_counts(page: Page) -> dict[str, int]:
    """The numbers beside the filters of a partitions page, e.g. `{"Failed": 1, "Missing": 4}`."""
    counted: dict[str, int] = {}
    for label in page.get_by_text(STATUS_FILTER).all():
        name, _, number = label.inner_text().strip().rpartition("(")
        counted[name.strip()] = int(number.rstrip(")"))
    return counted


def partitions_listed(page: Page, status: str) -> set[str]:
    """The partitions that the page lists when only one status is ticked."""
    page.get_by_text(STATUS_FILTER).first.wait_for()
    for name in partition_counts(page):
        box = page.get_by_role("checkbox", name=re.compile(rf"^{name}\s*\("))
        if box.is_checked() != (name == status):
            page.get_by_text(re.compile(rf"^{name}\s*\(\d+\)$")).first.click()
    number = partition_counts(page)[status]
    expect(page.get_by_text(re.compile(rf"^{number} Partitions?\s+Selected$"))).to_be_visible()
    return {entry.inner_text().strip() for entry in _entries(page)}


def choose_partition(page: Page, key: str) -> None:
    """Click a partition in the list of a partitions page."""
    next(entry for entry in _entries(page) if entry.inner_text().strip() == key).click()


def _entries(page: Page) -> list[Locator]:
    """The partitions in the list: the dates below its search field, each drawn once visibly."""
    field = page.get_by_placeholder(re.compile(r"^Filter by"))
    field.wait_for()
    top = (field.bounding_box() or {"y": 0.0})["y"]
    dates = page.get_by_text(DATE).filter(visible=True).all()
    return [date for date in dates if (date.bounding_box() or {"y": 0.0})["y"] > top]


def select_in_graph(page: Page, base: str, group: str, keys: Sequence[str]) -> None:
    """Open a group's graph and click the nodes of some of its assets, as with the mouse."""
    page.set_viewport_size(GRAPH_WINDOW)
    # The whole group does not fit into a window: what leads to the last of them does.
    chosen = quote(f'+key:"{keys[-1]}"', safe="")
    open_page(page, f"{group_url(base, group)}~{chosen}/", "% filled")
    for number, key in enumerate(keys):
        title = node_of(page, key).get_by_text(key.rsplit("/", 1)[1], exact=True)
        title.click(modifiers=["Meta"] if number else [])
        page.wait_for_url(re.compile(re.escape(quote(key, safe=""))))


def node_of(page: Page, key: str) -> Locator:
    """An asset's node in the graph."""
    return page.locator("foreignObject").filter(has=page.locator(f"a[href*='/assets/{key}?']"))


def launch(page: Page, button: str, partitions: str) -> None:
    """Press the materialise button, name the partitions in the dialog and launch.

    Args:
        page: with a graph or an asset.
        button: how the button's text begins.
        partitions: as the dialog takes them: `2020-01-01` or `[2020-02-01...2020-03-01]`.
    """
    page.get_by_role("button", name=button).first.click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_placeholder(re.compile(r"^ex: "))
    field.fill(partitions)
    field.press("Enter")
    expect(dialog.get_by_text("0 partitions", exact=True)).to_have_count(0)
    dialog.get_by_role("button", name=re.compile(r"^Launch (\d+ run|backfill)")).click()
    expect(dialog).to_have_count(0)


def code_link(page: Page, file: str) -> Locator:
    """The link to the source file of an asset."""
    return page.get_by_role("link", name=re.compile(rf"^Open .*{re.escape(file)} in editor"))
