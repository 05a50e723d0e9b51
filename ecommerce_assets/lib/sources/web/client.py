"""Asking a web server: one request at a time, safe redirects, and failures in the project's words.

Belongs here: what every source that speaks HTTP shares. Stays out: what is asked for and what
becomes of the answer (`file.py`, `lib/sources/catalogue/shop.py`).
"""

from __future__ import annotations

import contextlib
import functools
import logging
import re
import threading
import time
import urllib.request
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    GaveUpWaiting,
    LakehouseError,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.web.addresses import Policy, PrivateAddress, checked_transport
from ecommerce_assets.lib.sources.web.certificates import certificate_failure

if TYPE_CHECKING:
    import httpx

AGENT = "ecommerce-lakehouse/0.1"
_MOST_REDIRECTS = 5
_TRY_LATER = "start this step again later; what has arrived is kept"
_PASSING = (408, 425, 429)
#: Where each client may go, and whether a proxy stands in between.
_POLICIES: MutableMapping[httpx.Client, tuple[Policy, bool]] = weakref.WeakKeyDictionary()


class RedirectRefused(PermanentFailure):
    """An address leads to another one that is not to be asked."""


def shown(url: str) -> str:
    """An address without user name, password and query, any of which may be a key."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    if parts.port:
        place = f"{place}:{parts.port}"
    return urlunsplit((parts.scheme, place, parts.path, "…" if parts.query else "", ""))


def require_web_address(url: str) -> None:
    """Refuse what is not an address of a web server.

    Raises:
        PermanentFailure: no http:// or https://, or no host.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        # Not shown: whoever mistypes an address mistypes one with a password in it, too.
        raise PermanentFailure(
            "the address is none of a web server", "write it as https://host/path/file.csv"
        )


def client(
    connect_timeout_s: float,
    read_timeout_s: float,
    agent: str = AGENT,
    private_hosts: Collection[str] = (),
) -> httpx.Client:
    """A client that follows nothing by itself, keeps no cookie and asks for unpacked bytes.

    Args:
        connect_timeout_s: seconds to wait for a connection.
        read_timeout_s: seconds the server may stay silent.
        agent: what it calls itself.
        private_hosts: hosts that redirects may lead to though their address is private.
    """
    import httpx

    _keep_addresses_out_of_logs()
    nobody = DefaultCookiePolicy(allowed_domains=[])
    policy = Policy(private_hosts)
    # A proxy resolves names itself, so that only what is known here can be checked (`answer`).
    proxied = {"http", "https", "all"} & urllib.request.getproxies().keys()
    made = httpx.Client(
        transport=None if proxied else checked_transport(policy, httpx.create_ssl_context()),
        cookies=CookieJar(policy=nobody),
        timeout=httpx.Timeout(read_timeout_s, connect=connect_timeout_s),
        # Identity: ranges and strong validators are those of the file, not of a packed form of it.
        headers={"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"},
        follow_redirects=False,
    )
    _POLICIES[made] = (policy, bool(proxied))
    return made


@contextmanager
def answer(
    client: httpx.Client,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    refuse: Callable[[str], str | None] = lambda _: None,
) -> Iterator[httpx.Response]:
    """The server's answer, its body not yet read, after at most five safe redirects.

    Args:
        client: from `client`.
        method: GET or HEAD.
        url: http:// or https://; a user name and password in it are sent to that host alone.
        headers: for this request, besides the client's.
        refuse: says why an address that a redirect leads to is not to be asked; None: it may.

    Raises:
        RedirectRefused: a redirect to another scheme or to what `refuse` refuses, or redirects
            without an end.
        TransientFailure: no connection, or it broke; also while the body is read in the block.
    """
    import httpx

    policy, proxied = _POLICIES.get(client, (Policy(), True))
    try:
        request = client.build_request(method, url, headers=headers)
        policy.trust(request.url.host)
        for _ in range(_MOST_REDIRECTS + 1):
            with _head_in_time(client, url):
                response = client.send(request, stream=True)
            following = response.next_request
            if following is None:
                try:
                    yield response
                finally:
                    response.close()
                return
            response.close()
            _require_safe(str(request.url), str(following.url))
            if reason := refuse(str(following.url)):
                raise _bad_redirect(url, reason)
            if proxied and following.url.host != request.url.host:
                with contextlib.suppress(OSError):
                    policy.allowed(following.url.host, following.url.port or 443)
            request = following
    except (PrivateAddress, httpx.TransportError) as error:
        raise _failure_of(error, client, url, str(request.url)) from None
    except httpx.InvalidURL:
        raise _bad_redirect(url, "an address that is none") from None
    raise _bad_redirect(url, "ever another address")


def _failure_of(
    error: PrivateAddress | httpx.TransportError, client: httpx.Client, url: str, asked: str
) -> LakehouseError:
    """What an error means for the user who set the address `url`; `asked` is where it happened."""
    import httpx

    if isinstance(error, PrivateAddress):
        return RedirectRefused(
            f"{shown(url)} leads to {error.host}, which is a private address "
            f"({error.address}), and is not followed",
            "set the address that it ends at, or name that host in ECOMMERCE_PRIVATE_REDIRECTS if "
            "you trust it",
        )
    if isinstance(error, httpx.ReadTimeout):
        seconds = client.timeout.read or 0.0
        return GaveUpWaiting(
            f"{shown(url)} fell silent ({type(error).__name__}) for {seconds:g} s", _TRY_LATER
        )
    if isinstance(error, httpx.TimeoutException):
        return _broken(url, "fell silent", error)
    refused = certificate_failure(error, shown(asked), "SSL_CERT_FILE")
    return refused or _broken(url, "could not be reached or broke the connection", error)


@contextmanager
def _head_in_time(client: httpx.Client, url: str) -> Iterator[None]:
    """Give the head of an answer as long as the server may be silent, also where it trickles."""
    allowed = (client.timeout.connect or 0.0) + (client.timeout.read or 0.0)
    late = threading.Event()

    def end() -> None:
        late.set()
        client.close()

    timer = threading.Timer(allowed, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if late.is_set():
            raise GaveUpWaiting(
                f"{shown(url)} did not begin its answer in {allowed:.0f} s", _TRY_LATER
            ) from None
        raise
    finally:
        timer.cancel()


@dataclass(frozen=True)
class Pace:
    """How slow a body may come: fewer bytes than `bytes_per_s` over `window_s` seconds are too few.

    A connection that is only slow has no other end: each byte starts the wait for the next.
    """

    bytes_per_s: float = 1000.0
    window_s: float = 60.0


def pieces(response: httpx.Response, url: str, pace: Pace) -> Iterator[bytes]:
    """The body as it comes over the wire.

    Raises:
        GaveUpWaiting: it comes too slowly.
    """
    began, arrived = time.monotonic(), 0
    for piece in response.iter_raw():
        arrived += len(piece)
        seconds = time.monotonic() - began
        if seconds >= pace.window_s:
            if arrived < pace.bytes_per_s * seconds:
                raise GaveUpWaiting(
                    f"{shown(url)} sends {arrived / seconds:,.0f} bytes a second, fewer than "
                    f"{pace.bytes_per_s:,.0f}",
                    "start this step again later; what has arrived is kept. For a slow line set "
                    "ECOMMERCE_SOURCE_MIN_BYTES_PER_S lower",
                )
            began, arrived = time.monotonic(), 0
        yield piece


def refusal(response: httpx.Response, url: str) -> LakehouseError | None:
    """The failure that an answer's status stands for, None for 2xx, 304 and 416."""
    status = response.status_code
    if 200 <= status < 300 or status in (304, 416):
        return None
    place = shown(url)
    if status in _PASSING or status >= 500:
        busy = "asks for fewer calls" if status == 429 else "has trouble of its own"
        failure = TransientFailure(f"the server of {place} {busy} (HTTP {status})", _TRY_LATER)
        failure.retry_after_s = retry_after_s(response.headers.get("Retry-After", ""))
        return failure
    if status in (401, 403, 407):
        return CredentialsRefused(
            f"the server does not let this client have {place} (HTTP {status})",
            "check user name, password or token in the address; a signed address may have expired",
        )
    if status in (404, 410):
        return SourceMissing(
            f"there is nothing at {place} (HTTP {status})",
            "open the address in a browser, and set the one that the file has now",
        )
    return PermanentFailure(
        f"the server refused the request for {place} (HTTP {status})",
        "check the address, and that the server offers the file to a plain GET",
    )


def retry_after_s(text: str) -> float | None:
    """The seconds of a `Retry-After` header, which is a number or a date; None for none."""
    if re.fullmatch(r"\d{1,9}", text.strip()):
        return float(text)
    when = http_date(text)
    return max((when - datetime.now(UTC)).total_seconds(), 0.0) if when else None


def http_date(text: str) -> datetime | None:
    """A date as HTTP writes it, None for anything else."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _broken(url: str, what: str, error: Exception) -> TransientFailure:
    return TransientFailure(f"{shown(url)} {what} ({type(error).__name__})", _TRY_LATER)


def _require_safe(before: str, after: str) -> None:
    old, new = urlsplit(before), urlsplit(after)
    if new.scheme not in ("http", "https"):
        raise _bad_redirect(before, f"an address of the scheme {new.scheme!r}")
    if old.scheme == "https" and new.scheme == "http":
        raise _bad_redirect(before, "an address without encryption")


def _bad_redirect(url: str, where: str) -> RedirectRefused:
    return RedirectRefused(
        f"{shown(url)} leads to {where}, which is not followed",
        "open the address in a browser, and set the one that it ends at if you trust it",
    )


@functools.cache
def _keep_addresses_out_of_logs() -> None:
    """The HTTP library logs every address whole, at level INFO."""
    logging.getLogger("httpx").addFilter(_with_addresses_shown)


def _with_addresses_shown(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            shown(str(arg)) if type(arg).__name__ == "URL" else arg for arg in record.args
        )
    return True
