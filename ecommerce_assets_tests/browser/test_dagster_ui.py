"""What a user sees and does in the Dagster UI."""

from __future__ import annotations

import re
from itertools import pairwise

import duckdb
import pytest
from playwright.sync_api import Page, expect

from ecommerce_assets_tests.browser import ui
from ecommerce_assets_tests.browser.chromium import foreign
from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, Run, wait_for
from ecommerce_assets_tests.browser.foreign_page import foreign_page
from ecommerce_assets_tests.browser.lakehouse import Lakehouse
from ecommerce_assets_tests.browser.months import (
    BACKFILLED,
    BROKEN,
    CLICKED,
    LOADED,
    MISSING,
    key_of,
)

FILES, LAKE, RAW = (f"cosmetics/{layer}/events" for layer in ("files", "lake", "raw"))
STAGING = "cosmetics/staging/stg_cosmetics__events"
MART = "cosmetics/marts/agg_sales_daily"
RUN_S = 120.0
BACKFILL_S = 420.0


def test_lineage_of_a_mart_shows_the_path_from_its_files(page: Page, dev: DagsterDev) -> None:
    page.set_viewport_size(ui.GRAPH_WINDOW)
    address = ui.asset_url(dev.url, MART, "lineage") + "&lineageScope=upstream&lineageDepth=20"
    ui.open_page(page, address, "% filled")
    path = [FILES, LAKE, RAW, STAGING, MART]
    wait_for("all nodes", lambda: set(path) <= set(ui.graph_nodes(page)), 30)
    nodes = ui.graph_nodes(page)
    for left, right in pairwise(path):
        assert nodes[left][1] < nodes[right][0], f"{left} is not drawn before {right}"


@pytest.mark.parametrize(
    ("upstream", "downstream"), [(FILES, LAKE), (LAKE, RAW), (RAW, STAGING)], ids=lambda k: k
)
def test_an_asset_names_the_next_one_on_the_path(
    page: Page, dev: DagsterDev, upstream: str, downstream: str
) -> None:
    ui.open_page(page, ui.asset_url(dev.url, upstream, "overview"), "Downstream assets")
    link = page.locator(f"a[href*='/assets/{downstream}']").first
    expect(link).to_contain_text(downstream.replace("/", " / "))


def test_partitions_of_the_lake_show_which_months_are_loaded_failed_and_missing(
    page: Page, dev: DagsterDev
) -> None:
    ui.open_page(page, ui.asset_url(dev.url, LAKE, "partitions"), re.compile(r"Failed \(1\)"))
    assert ui.partitions_listed(page, "Failed") == {key_of(BROKEN)}
    loaded = ui.partitions_listed(page, "Materialized")
    assert {key_of(month) for month in LOADED} <= loaded
    missing = ui.partitions_listed(page, "Missing")
    assert key_of(MISSING) in missing
    assert not missing & loaded


@pytest.mark.parametrize("check", ["rows_conserved", "month_complete", "contract_kept"])
def test_a_check_of_the_lake_has_passed_for_every_loaded_month(
    page: Page, dev: DagsterDev, check: str
) -> None:
    address = ui.asset_url(dev.url, LAKE, "checks") + f"&checkDetail={check}"
    ui.open_page(page, address, "Execution history")
    page.get_by_text("Partitions", exact=True).last.click()
    expect(page.get_by_text(re.compile(r"^Passed \([1-9]\d*\)$"))).to_be_visible()
    passed = ui.partitions_listed(page, "Passed")
    assert {key_of(month) for month in LOADED} <= passed
    assert key_of(BROKEN) not in passed


def test_the_page_of_the_lake_describes_the_data_and_names_owner_rows_and_code(
    page: Page, dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    ui.open_page(page, ui.asset_url(dev.url, LAKE, "overview"), "Source code")
    expect(
        page.get_by_text("One row per event that the shop's tracker logged").first
    ).to_be_visible()
    expect(page.get_by_text("data-platform", exact=True)).to_be_visible()
    expect(
        page.get_by_text(f"{lakehouse.events * len(LOADED):,}", exact=True).first
    ).to_be_visible()
    expect(ui.code_link(page, "assets.py")).to_be_visible()
    schema = page.get_by_role("table").filter(has_text="Column name")
    for column, kind in {"event_time": "TIMESTAMPTZ", "price": "DECIMAL(9,2)"}.items():
        row = schema.get_by_role("row").filter(has=page.get_by_text(column, exact=True))
        expect(row).to_contain_text(kind)


@pytest.mark.parametrize(
    ("asset", "owner", "table", "column", "code"),
    [
        (RAW, "data-platform", "cosmetics_raw.events", "event_time", "assets.py"),
        (
            MART,
            "analytics",
            "cosmetics_marts.agg_sales_daily",
            "gross_sales",
            "agg_sales_daily.sql",
        ),
    ],
    ids=["raw", "mart"],
)
def test_the_page_of_a_table_names_owner_table_columns_and_code(
    page: Page, dev: DagsterDev, asset: str, owner: str, table: str, column: str, code: str
) -> None:
    ui.open_page(page, ui.asset_url(dev.url, asset, "overview"), "Source code")
    expect(page.get_by_text(owner, exact=True)).to_be_visible()
    expect(page.get_by_text(table, exact=True).filter(visible=True).first).to_be_visible()
    expect(ui.code_link(page, code)).to_be_visible()
    schema = page.get_by_role("table").filter(has_text="Column name")
    described = schema.get_by_role("row").filter(has=page.get_by_text(column, exact=True))
    expect(described.get_by_role("cell").last).not_to_be_empty()


def test_a_month_with_a_broken_file_leads_to_a_run_that_says_what_to_do(
    page: Page, dev: DagsterDev
) -> None:
    ui.open_page(page, ui.asset_url(dev.url, LAKE, "partitions"), re.compile(r"Failed \(1\)"))
    assert ui.partitions_listed(page, "Failed") == {key_of(BROKEN)}
    ui.choose_partition(page, key_of(BROKEN))
    failed = next(r for r in dev.runs() if r.status == "FAILURE" and _is_of(r, key_of(BROKEN)))
    page.locator(f"a[href*='/runs/{failed.run_id}']").first.click()
    page.wait_for_url(re.compile(rf"/runs/{failed.run_id}"))
    expect(
        page.get_by_text("2019-Oct.csv is not a data file: it is a web page").first
    ).to_be_visible()
    expect(page.get_by_text("what to do: log in to the source").first).to_be_visible()


def test_a_missing_month_is_loaded_by_selecting_it_in_the_graph(
    page: Page, dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    before = {run.run_id for run in dev.runs()}
    ui.select_in_graph(page, dev.url, "cosmetics", [FILES, LAKE, RAW])
    ui.launch(page, "Materialize selected (3)", key_of(CLICKED))

    def succeeded() -> bool:
        new = [run for run in dev.runs() if run.run_id not in before]
        assert not [run for run in new if run.status in ("FAILURE", "CANCELED")], new
        return any(run.status == "SUCCESS" and _is_of(run, key_of(CLICKED)) for run in new)

    wait_for("the run of the month", succeeded, RUN_S)
    shown = lakehouse.command("status", "cosmetics").stdout
    row = re.search(rf"^{CLICKED:%Y-%m} .*", shown, re.MULTILINE)
    assert row
    cells = row[0].split()
    assert cells[1] == "loaded"
    assert cells[3] == f"{lakehouse.events:,}"


@pytest.mark.full
def test_a_backfill_over_several_months_ends_with_the_marts_built(
    page: Page, dev: DagsterDev, lakehouse: Lakehouse
) -> None:
    known = {backfill["id"] for backfill in dev.backfills()}
    ui.open_page(page, ui.group_url(dev.url, "cosmetics"), "Materialize all")
    ui.launch(page, "Materialize all", f"[{key_of(BACKFILLED[0])}...{key_of(BACKFILLED[-1])}]")

    def ended() -> str | None:
        new = [backfill for backfill in dev.backfills() if backfill["id"] not in known]
        over = ("COMPLETED", "FAILED", "CANCELED")
        return next((b["status"] for b in new if b["status"].startswith(over)), None)

    assert wait_for("the backfill", ended, BACKFILL_S) == "COMPLETED_SUCCESS"
    with duckdb.connect(str(lakehouse.home / "warehouse.duckdb"), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        found = db.execute(
            "select strftime(sales_date, '%Y-%m-01'), count(*)"
            " from cosmetics_marts.agg_sales_daily group by 1"
        ).fetchall()
    days = dict(found)
    assert (days[key_of(BACKFILLED[0])], days[key_of(BACKFILLED[1])]) == (29, 31)
    ui.open_page(page, ui.asset_url(dev.url, MART, "partitions"), "Materialized (")
    built = ui.partitions_listed(page, "Materialized")
    assert {key_of(month) for month in (*LOADED, *BACKFILLED)} <= built


def test_no_request_leaves_this_machine(page: Page, dev: DagsterDev, requests: list[str]) -> None:
    for path in ("", "/runs", "/assets", "/automation", "/deployment"):
        page.goto(f"{dev.url}{path}", wait_until="networkidle")
    assert len(requests) > 20
    assert not foreign(requests)


def _is_of(run: Run, month: str) -> bool:
    tags = ("dagster/partition", "dagster/asset_partition_range_start")
    return month in (run.tags.get(tag) for tag in tags)


def limits(dev: DagsterDev) -> set[str]:
    """The names of the limits that the instance has; a mutation sets one."""
    asked = dev.ask("{instance {concurrencyLimits {concurrencyKey}}}")
    return {each["concurrencyKey"] for each in asked["instance"]["concurrencyLimits"]}


def test_a_page_of_another_site_changes_nothing_through_the_browser(
    page: Page, dev: DagsterDev
) -> None:
    mutation = 'mutation {{setConcurrencyLimit(concurrencyKey: "{}", limit: 3)}}'
    dev.ask(mutation.format("own"))
    with foreign_page(dev.url, mutation.format("foreign")) as address:
        page.goto(address)
        expect(page).to_have_title("done", timeout=30_000)
        expect(page.get_by_text("socket opened")).to_have_count(0)
    assert {"own"} <= limits(dev)
    assert "foreign" not in limits(dev)
