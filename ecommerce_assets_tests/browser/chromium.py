"""A headless Chromium, and a record of where it sends requests.

Belongs here: finding and starting the browser. Stays out: what is done in a page (`ui.py`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

#: As root there is no sandbox; the rest keeps the browser from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOW: ViewportSize = {"width": 1400, "height": 850}
WAIT_MS = 30_000


def find_chromium() -> str | None:
    """The browser's program: ECOMMERCE_CHROMIUM, or the first known name on the PATH."""
    wanted = os.environ.get("ECOMMERCE_CHROMIUM")
    if wanted:
        return wanted if Path(wanted).exists() else None
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Tab:
    """A page of the browser and the addresses that it asked for."""

    page: Page
    requests: list[str] = field(default_factory=list)

    def remember(self, request: Request) -> None:
        """Take a request into the record."""
        self.requests.append(request.url)

    def foreign_requests(self) -> list[str]:
        """The requests that left 127.0.0.1."""
        return foreign(self.requests)


def foreign(addresses: list[str]) -> list[str]:
    """Of some addresses, those outside 127.0.0.1."""
    parts = [(urlsplit(address), address) for address in addresses]
    return [a for p, a in parts if p.scheme not in ("data", "blob") and p.hostname != "127.0.0.1"]


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """A browser while the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, requests: list[str] | None = None) -> Iterator[Tab]:
    """A fresh page with the light theme, without anything of earlier pages."""
    context = browser.new_context(viewport=WINDOW, color_scheme="light", timezone_id="UTC")
    context.set_default_timeout(WAIT_MS)
    opened = Tab(context.new_page(), [] if requests is None else requests)
    context.on("request", opened.remember)
    try:
        yield opened
    finally:
        context.close()
