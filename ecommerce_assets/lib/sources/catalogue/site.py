"""A visitor of one web site who keeps to its robots.txt, its pace and its host.

Belongs here: what may be asked for, how fast, how much of it is taken, and the site's own list of
its pages (sitemaps). Stays out: what the pages say (`pages.py`).

Nothing is logged in to, no cookie is kept, no form is sent, and no link of a page is followed.
"""

from __future__ import annotations

import html
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    PermanentFailure,
    SettingMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.catalogue.pages import between
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.web import client as web

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

#: The name that a robots.txt addresses this visitor by.
ROBOT = "ecommerce-lakehouse"
_MOST_ROBOTS_BYTES = 512 << 10
_MOST_SITEMAP_BYTES = 50 << 20
_MOST_SITEMAPS = 100
_MOST_LISTED = 500_000
_LOC, _LOC_END = re.compile(r"<loc\b[^<>]{0,200}>", re.I), re.compile(r"</loc\b", re.I)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_INDEX = re.compile(r"<sitemapindex\b", re.I)
_CONTACT = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+|https?://[^\s<>()]+")


class Skipped(Exception):
    """A page that is left out, and why: `reason` is one word for a report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _LeftAlone(Exception):
    """The site asks to be left alone for longer than a call is repeated: it is not, then."""

    def __init__(self, failure: TransientFailure) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(frozen=True)
class Answer:
    """A page as it came: None as its text stands for one that has not changed."""

    text: str | None
    etag: str
    modified: str


class Visitor:
    """Asks a site for one thing after another; a context manager.

    Attributes:
        host: The site's host, for people.
        agent: What it calls itself, with the contact.
        delay_s: Seconds between two requests, known once the block is entered.
        asked: Requests sent so far.
        received: Bytes taken so far.
        unread: Sitemaps that were left out, each with the reason before it.
    """

    def __init__(
        self,
        site: str,
        contact: str | None,
        *,
        delay_s: float = 2.0,
        longest_page_s: float = 30.0,
        retries: Retries | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Describe the visit; nothing is asked yet.

        Args:
            site: The address of its front page.
            contact: An e-mail address or a web page of the person who runs this.
            delay_s: Seconds between two requests; robots.txt may ask for more.
            longest_page_s: Seconds after which a page that is still coming is left out.
            retries: How often a page is asked for when the site is at fault.
            clock: Tells seconds that never go back.
            pause: Waits for some of them.

        Raises:
            SettingMissing: No contact.
            PermanentFailure: `site` is not an address, or has a password in it.
        """
        web.require_web_address(site)
        parts = urlsplit(site)
        if parts.username or parts.password:
            raise PermanentFailure(
                "the address of the shop holds a user name; only public pages are read",
                "set its plain address, https://host",
            )
        if not contact or not _CONTACT.fullmatch(contact.strip()):
            raise SettingMissing(
                f"the shop at {web.shown(site)} is not told who reads it",
                "set ECOMMERCE_CATALOGUE_CONTACT to an e-mail address or a web page of yours",
            )
        self.site = f"{parts.scheme}://{parts.netloc}/"
        self.host = parts.hostname or ""
        self.agent = f"{web.AGENT.replace('ecommerce-lakehouse', ROBOT)} (+{contact.strip()})"
        self.delay_s = delay_s
        self.asked = 0
        self.received = 0
        self.unread: list[tuple[str, str]] = []
        self._longest_page_s = longest_page_s
        self._retries = retries or Retries(attempts=3, first_wait_s=max(delay_s, 1.0))
        self._clock = clock
        self._pause = pause
        self._ended_at = 0.0
        self._client: httpx.Client | None = None
        self._robots: Any = None

    def __enter__(self) -> Visitor:
        from protego import Protego

        self._client = web.client(20.0, self._longest_page_s, self.agent)
        try:
            self._robots = Protego.parse(self._robots_text())
        except BaseException:
            self._client.close()
            raise
        asked_for = [self._robots.crawl_delay(ROBOT)]
        if rate := self._robots.request_rate(ROBOT):
            asked_for.append(rate.seconds / max(rate.requests, 1))
        self.delay_s = max(self.delay_s, *(seconds or 0.0 for seconds in asked_for))
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def refusal(self, url: str) -> str | None:
        """Why an address is not asked for: `bad_address`, `other_host`, `robots`; None: it is."""
        own = urlsplit(self.site)
        try:
            parts = urlsplit(url)
            sound = parts.port != 0 and url.isprintable() and " " not in url
        except ValueError:
            sound = False
        if not sound:
            return "bad_address"
        if parts.scheme not in ("http", "https") or parts.hostname != own.hostname:
            return "other_host"
        if parts.port != own.port or parts.username or parts.password:
            return "other_host"
        if self._robots is not None and not self._robots.can_fetch(url, ROBOT):
            return "robots"
        return None

    def is_long(self, failure: TransientFailure) -> bool:
        """Whether the site asks to be left alone for longer than a call waits."""
        return (failure.retry_after_s or 0.0) > self._retries.longest_wait_s

    def page(
        self, url: str, etag: str = "", modified: str = "", most_bytes: int = 3 << 20
    ) -> Answer:
        """A page's text, or that it has not changed since it had these validators.

        Raises:
            Skipped: It may not, cannot or should not be read.
            TransientFailure: The site does not answer, after all attempts.
            CredentialsRefused: The site lets no visitor have it.
        """
        headers = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified

        def ask() -> Answer:
            with self._asked(url, headers) as response:
                declared = response.headers
                if response.status_code == 304:
                    return Answer(None, etag, modified)
                kind = declared.get("Content-Type", "").partition(";")[0].strip().lower()
                if kind not in ("text/html", "application/xhtml+xml"):
                    raise Skipped("not_html")
                text = _decoded(self._body(response, most_bytes), declared.get("Content-Type", ""))
                return Answer(text, declared.get("ETag", ""), declared.get("Last-Modified", ""))

        return self._patiently(ask)

    def listed(self) -> Iterator[str]:
        """The addresses that the site's sitemaps list, each once, in their order.

        Sitemaps that cannot be read are noted in `unread`. One that lists itself, or ever more of
        them, comes to an end after a hundred.

        Raises:
            TransientFailure: The site does not answer, after all attempts.
        """
        waiting = list(self._robots.sitemaps) or [urljoin(self.site, "/sitemap.xml")]
        read: set[str] = set()
        given: set[str] = set()
        while waiting:
            url = waiting.pop(0)
            if url in read:
                continue
            if len(read) >= _MOST_SITEMAPS:
                self.unread.append(("sitemap_over_limit", url))
                return
            read.add(url)
            try:
                found, is_index = self._sitemap(url)
            except Skipped as skipped:
                self.unread.append((f"sitemap_{skipped.reason}", url))
                continue
            except CredentialsRefused:
                self.unread.append(("sitemap_refused", url))
                continue
            if is_index:
                waiting += found
                continue
            for each in found:
                address = each.partition("#")[0]
                if address not in given and len(given) < _MOST_LISTED:
                    given.add(address)
                    yield address

    # --- asking -----------------------------------------------------------------------------

    def _robots_text(self) -> str:
        """The site's rules. None at all allow everything; rules that cannot be had, nothing."""
        url = urljoin(self.site, "/robots.txt")

        def ask() -> str:
            with self._asked(url, {"Accept": "text/plain,*/*"}) as response:
                return self._body(response, _MOST_ROBOTS_BYTES).decode("utf-8", "replace")

        try:
            return self._patiently(ask)
        except Skipped as skipped:
            if skipped.reason.startswith("http_4"):
                return ""
            raise PermanentFailure(
                f"the rules of {self.host} at {url} cannot be read ({skipped.reason})",
                "set ECOMMERCE_CATALOGUE_SITE to the host that the shop's pages are on",
            ) from None
        except CredentialsRefused:
            return ""  # RFC 9309: any status from 400 to 499 means that there are no rules

    def _sitemap(self, url: str) -> tuple[list[str], bool]:
        def ask() -> bytes:
            with self._asked(url, {"Accept": "application/xml,text/xml,*/*"}) as response:
                return self._body(response, _MOST_SITEMAP_BYTES)

        body = _inflated(self._patiently(ask), _MOST_SITEMAP_BYTES)
        return _locations(body.decode("utf-8", "replace"))

    def _patiently(self, call: Callable[[], T]) -> T:
        try:
            return self._retries.run(call)
        except _LeftAlone as asked:
            raise asked.failure from None

    @contextmanager
    def _asked(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """An answer that can be read; the pace is kept before every request, repeats included."""
        if self._client is None:
            raise RuntimeError("a visitor is entered by `with` first")
        if reason := self.refusal(url):
            raise Skipped(reason)
        if self.asked:
            self._pause(max(self._ended_at + self.delay_s - self._clock(), 0.0))
        self.asked += 1
        try:
            with web.answer(self._client, "GET", url, headers, self._refused_hop) as response:
                failure = web.refusal(response, url)
                if isinstance(failure, TransientFailure):
                    if self.is_long(failure):
                        raise _LeftAlone(failure)
                    raise failure
                if isinstance(failure, CredentialsRefused):
                    raise failure
                if failure or response.status_code not in (200, 304):
                    raise Skipped(f"http_{response.status_code}")
                yield response
        except web.RedirectRefused:
            raise Skipped("redirected_away") from None
        finally:
            self._ended_at = self._clock()

    def _refused_hop(self, url: str) -> str | None:
        """Why a redirect is not followed; one that is followed is a request like any other."""
        reason = self.refusal(url)
        if reason is None:
            self._pause(self.delay_s)
            self.asked += 1
        return reason

    def _body(self, response: httpx.Response, most_bytes: int) -> bytes:
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > most_bytes:
            raise Skipped("too_large")
        until = self._clock() + self._longest_page_s
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            self.received += len(piece)
            if len(body) > most_bytes:
                raise Skipped("too_large")
            if self._clock() > until:
                raise Skipped("too_slow")
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding not in ("", "identity", "gzip", "x-gzip"):
            raise Skipped("packed_unasked")
        return _inflated(bytes(body), most_bytes) if "gzip" in coding else bytes(body)


def _locations(text: str) -> tuple[list[str], bool]:
    """The addresses in a sitemap, read leniently, and whether they are of further sitemaps."""
    if not text.lstrip("\ufeff \r\n\t").startswith("<"):
        return [line.strip() for line in text.splitlines() if "://" in line], False
    found = (_CDATA.sub(r"\1", each) for each in between(text, _LOC, _LOC_END) if len(each) < 4096)
    return [html.unescape(each).strip() for each in found], bool(_INDEX.search(text))


def _inflated(body: bytes, most_bytes: int) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        inflated = zlib.decompressobj(31).decompress(body, most_bytes + 1)
    except zlib.error:
        raise Skipped("damaged") from None
    if len(inflated) > most_bytes:
        raise Skipped("too_large")
    return inflated


def _decoded(body: bytes, content_type: str) -> str:
    found = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    try:
        return body.decode(found[1] if found else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return body.decode("cp1252", "replace")
