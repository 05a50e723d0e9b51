"""Products and prices of a shop's public pages, as one CSV file for each reading of the shop.

Belongs here: which pages are read in which order, when a reading is given up, and the file with the
report of what was left out. Stays out: manners (`site.py`), markup (`pages.py`)
and memory (`store.py`).

A shop shows today's prices alone. So the source offers the current month only, and its version is
the day (UTC): a second reading of the same day is not made where the first one's file is kept.
"""

from __future__ import annotations

import csv
import io
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    NotADataFile,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.catalogue.pages import OFFER_COLUMNS, Extract, offers_in
from ecommerce_assets.lib.sources.catalogue.site import Skipped, Visitor
from ecommerce_assets.lib.sources.catalogue.store import Known, PageStore
from ecommerce_assets.lib.sources.protocol import Progress, SourceFile, month_file_name
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.work_folder import publish, work_folder

logger = logging.getLogger(__name__)

COLUMNS = ("url", *OFFER_COLUMNS, "shop", "fetched_at")
#: So many pages in a row that fail mean the shop, not the pages.
_GIVE_UP_AFTER = 10
_EXAMPLES = 5


@dataclass
class Report:
    """What a reading of a shop came to.

    Attributes:
        listed: Pages that the sitemaps list.
        asked: Requests sent, robots.txt, sitemaps, redirects and repeats included.
        unchanged: Pages that the shop did not send again.
        products: Pages with at least one offer.
        offers: Rows of the file.
        skipped: Pages and sitemaps left out, by reason; faults in the markup of pages, too.
        examples: Some addresses for each of them.
        complete: Whether all sitemaps were read, and no page was left for another time.
    """

    listed: int = 0
    asked: int = 0
    unchanged: int = 0
    products: int = 0
    offers: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    complete: bool = True

    def skip(self, reason: str, url: str) -> None:
        """Count a page, or a fault in one."""
        self.skipped[reason] += 1
        some = self.examples.setdefault(reason, [])
        if len(some) < _EXAMPLES and url not in some:
            some.append(url)

    def as_dict(self) -> dict[str, Any]:
        """The report for a log or an asset's page."""
        return {**asdict(self), "skipped": dict(self.skipped)}


class ShopCatalogue:
    """A shop's public product pages as a source (`MonthlySource`) of the current month.

    Attributes:
        kind: Always `catalogue`.
        report: Of the last reading; None before the first.
    """

    kind: str = "catalogue"

    def __init__(
        self,
        site: str,
        contact: str | None,
        *,
        state: Path | None = None,
        max_pages: int = 1000,
        delay_s: float = 2.0,
        longest_s: float = 6 * 3600,
        longest_page_s: float = 30.0,
        max_page_bytes: int = 3 << 20,
        retries: Retries | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Describe the shop; nothing is asked yet.

        Args:
            site: The address of its front page.
            contact: An e-mail address or a web page of yours, which the shop is told.
            state: A file that remembers pages between readings; None: each reads all of them.
            max_pages: Pages that a reading asks for at most; those known to hold products first.
            delay_s: Seconds between two requests, unless robots.txt asks for more.
            longest_s: Seconds after which a reading ends with what it has.
            longest_page_s: Seconds after which a page that is still coming is left out.
            max_page_bytes: A longer page is left out.
            retries: How often a page is asked for when the shop is at fault.
            now: The date and time.
            clock: Tells seconds that never go back.
            pause: Waits for some of them.

        Raises:
            SettingMissing: No contact.
            PermanentFailure: `site` is not an address, or has a password in it.
        """
        self._visit: Callable[[], Visitor] = lambda: Visitor(
            site,
            contact,
            delay_s=delay_s,
            longest_page_s=longest_page_s,
            retries=retries,
            clock=clock,
            pause=pause,
        )
        visitor = self._visit()
        self.location, self._shop = visitor.site, visitor.host
        self._state = state
        self._max_pages = max_pages
        self._longest_s = longest_s
        self._max_page_bytes = max_page_bytes
        self._now = now
        self._clock = clock
        self.report: Report | None = None

    def __repr__(self) -> str:
        return f"ShopCatalogue({self.location!r})"

    def find(self, month: date) -> SourceFile:
        """Return the file that a reading of today makes, if this is its month.

        Raises:
            SourceMissing: Another month than the current one.
        """
        current = self.available()
        if month not in current:
            raise SourceMissing(
                f"{self.location} shows prices of today, none of {month:%Y-%m}",
                f"choose the month {next(iter(current)):%Y-%m}",
            )
        return current[month]

    def available(self) -> dict[date, SourceFile]:
        """Return the current month (UTC); nothing is asked for that."""
        today = self._now().date()
        month = today.replace(day=1)
        file = SourceFile(
            name=month_file_name(month),
            version=f"{self.location} {today.isoformat()}",
            size=None,
            location=self.location,
        )
        return {month: file}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Read the shop and write its offers; a reading that was killed today goes on.

        Args:
            file: What `find` or `available` returned.
            folder: Where the file goes, made if need be.
            progress: Told the bytes taken, after each page.

        Raises:
            NotADataFile: No page has an offer; the message says what was left out and why.
            CredentialsRefused: The shop lets no visitor have its pages.
            TransientFailure: The shop has stopped answering, or its rules cannot be had now.
            PermanentFailure: Its rules lie on another host.
        """
        with work_folder(folder, file.name, file.version) as work:
            part = work / f"{file.name}.part"
            part.write_text(self._read(progress), encoding="utf-8")
            return publish(part, folder / file.name)

    # --- one reading ------------------------------------------------------------------------

    def _read(self, progress: Progress | None) -> str:
        began = self._now()
        report = self.report = Report()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        # One moment for all rows: a reading over midnight does not fall into two months.
        tail = (self._shop, f"{began:%Y-%m-%d %H:%M:%S} UTC")
        with PageStore(self._state) as store, self._visit() as visitor:
            try:
                for url, extract in self._pages(visitor, store, report, f"{began:%F}", progress):
                    for fault in extract.faults:
                        report.skip(fault, url)
                    if not extract.offers:
                        report.skip("no_product", url)
                        continue
                    report.products += 1
                    report.offers += len(extract.offers)
                    for offer in extract.offers:
                        writer.writerow((url, *asdict(offer).values(), *tail))
            finally:
                report.asked = visitor.asked
                logger.info("%s: %s", self.location, report.as_dict())
        if not report.offers:
            raise NotADataFile(
                f"no page of {self.location} tells a product ({self._told(report)})",
                "see whether its pages have JSON-LD of the type Product, its robots.txt allows "
                "them, and its sitemap lists them",
            )
        return text.getvalue()

    def _pages(
        self,
        visitor: Visitor,
        store: PageStore,
        report: Report,
        day: str,
        progress: Progress | None,
    ) -> Iterator[tuple[str, Extract]]:
        """What each page says, in the order of asking; pages left out are in the report."""
        wanted, until = self._wanted(visitor, store, report), self._clock() + self._longest_s
        failed = 0
        for number, url in enumerate(wanted):
            if self._clock() > until:
                report.complete = False
                report.skipped["over_time_limit"] += len(wanted) - number
                return
            try:
                yield url, self._page(visitor, store, report, url, day)
                failed = 0
            except Skipped as skipped:
                report.skip(skipped.reason, url)
                failed = 0
                if skipped.reason in ("http_404", "http_410"):
                    store.forget(url)
            except (TransientFailure, CredentialsRefused) as failure:
                failed += 1
                told = isinstance(failure, TransientFailure) and visitor.is_long(failure)
                if told or failed >= _GIVE_UP_AFTER:
                    raise
                refused = isinstance(failure, CredentialsRefused)
                report.skip("refused" if refused else "not_answering", url)
            if progress is not None:
                progress(visitor.received, None)

    def _wanted(self, visitor: Visitor, store: PageStore, report: Report) -> list[str]:
        """The listed pages that may be asked for, those that held products first, and bounded."""
        by_hope: tuple[list[str], list[str], list[str]] = ([], [], [])
        for url in visitor.listed():
            report.listed += 1
            if reason := visitor.refusal(url):
                report.skip(reason, url)
                continue
            known = store.get(url)
            by_hope[1 if known is None else 0 if known.extract.offers else 2].append(url)
        for reason, url in visitor.unread:
            report.complete = False
            report.skip(reason, url)
        wanted = [url for urls in by_hope for url in urls]
        if len(wanted) > self._max_pages:
            report.complete = False
            report.skipped["over_page_limit"] += len(wanted) - self._max_pages
        return wanted[: self._max_pages]

    def _page(
        self, visitor: Visitor, store: PageStore, report: Report, url: str, day: str
    ) -> Extract:
        known = store.get(url)
        if known and known.day == day:
            report.unchanged += 1
            return known.extract
        before = (known.etag, known.modified) if known else ("", "")
        answer = visitor.page(url, *before, most_bytes=self._max_page_bytes)
        if answer.text is None and known:
            report.unchanged += 1
            extract = known.extract
        else:
            extract = offers_in(answer.text or "")
        store.put(url, Known(answer.etag, answer.modified, extract, day))
        return extract

    @staticmethod
    def _told(report: Report) -> str:
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(report.skipped.items()))
        return f"{report.listed} pages listed; {told or 'none left out'}"
