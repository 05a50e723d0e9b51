"""One lakehouse, one `dagster dev` and one Chromium for all browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ecommerce_assets_tests.browser.chromium import chromium, find_chromium, tab
from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, dagster_dev
from ecommerce_assets_tests.browser.lakehouse import Lakehouse
from ecommerce_assets_tests.browser.months import BROKEN, CALENDAR, LOADED

EVENTS = 2_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        missing = "no Chromium found; install it, or name it in ECOMMERCE_CHROMIUM"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(missing)
        pytest.skip(missing)
    with chromium(program) as started:
        yield started


@pytest.fixture(scope="module")
def lakehouse(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    """Files of eight months have landed, one of them broken; three months were asked for."""
    made = Lakehouse(tmp_path_factory.mktemp("shop"), CALENDAR, EVENTS, "files")
    made.land(broken=BROKEN)
    asked = ("--from", f"{BROKEN:%Y-%m}", "--to", f"{LOADED[-1]:%Y-%m}")
    done = made.command("backfill", "cosmetics", *asked)
    assert done.returncode == 1, done.stdout
    assert f"{BROKEN:%Y-%m} failed:" in done.stdout
    return made


@pytest.fixture(scope="module")
def dev(lakehouse: Lakehouse) -> Iterator[DagsterDev]:
    with dagster_dev(lakehouse) as started:
        yield started


@pytest.fixture(scope="module")
def requests() -> list[str]:
    """Every address that any page of any test asked for."""
    return []


@pytest.fixture
def page(browser: Browser, dev: DagsterDev, requests: list[str]) -> Iterator[Page]:
    with tab(browser, requests) as opened:
        yield opened.page
        left = opened.foreign_requests()
        assert not left, f"requests left this machine: {left}"
