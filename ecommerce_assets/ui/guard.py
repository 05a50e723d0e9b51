"""The guard in front of every web page: other web sites cannot use them through the user's browser.

Belongs here: which requests are refused, and why. Stays out: the servers behind (`webserver.py`,
`ecommerce_dashboard/server.py`).

Neither Dagster's UI nor the dashboard has a login, so what can send a request can start runs. A
browser sends requests for any page that is open in it. Refused are:

- a `Host` that is not a name of this server: a stranger's domain may have been pointed at this
  machine's address while its page is open (DNS rebinding);
- what a page of another origin sends (`Origin`, `Sec-Fetch-Site`), but for a link that is followed;
- a GET with a GraphQL mutation, and a body that is not declared as JSON: both can be sent by a
  browser that tells nothing of where they come from.

Programs that are not browsers send neither of these headers and are not hindered.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]/@?#]+)(?::(\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_READING = ("GET", "HEAD")
_NAMED = "name it in ECOMMERCE_UI_HOSTS if it is a name of this server"


class Guard:
    """An ASGI application that hands on what the user's own pages and programs ask for.

    Args:
        app: the application behind it.
        hosts: names and addresses of this server, besides those of loopback and the address that a
            connection came in at.
        graphql: whether the application behind takes GraphQL at `/graphql` and JSON alone.
    """

    def __init__(self, app: App, hosts: Iterable[str] = (), *, graphql: bool = False) -> None:
        self._app = app
        self._hosts = frozenset(_plain(host) for host in hosts)
        self._graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or refuse it with status 403 and two sentences."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        reason = self.refusal(scope)
        if reason is None:
            await self._app(scope, receive, _not_framed(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await _refuse(send, reason)

    def refusal(self, scope: Scope) -> str | None:
        """Why a request is refused; None if it is not."""
        found: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        host, origin = found.get("host", []), found.get("origin", [])
        site = found.get("sec-fetch-site", [])
        if len(host) != 1 or len(origin) > 1 or len(site) > 1:
            return "It has no Host, or a header twice. Send each once."
        parts = _HOST.fullmatch(host[0])
        if not parts or not self._is_own(_plain(parts[1]), scope):
            return f"Its Host is not one of this server's. What to do: {_NAMED}."
        if origin and not _same(origin[0], _plain(parts[1]), parts[2]):
            return (
                "It comes from a page of another origin. What to do: open this server's own pages; "
                "a proxy in between has to hand on the Host header."
            )
        if site and site[0] not in ("same-origin", "none") and not _followed_link(scope, found):
            return "It comes from another web site. What to do: open this server's own pages."
        return _not_json(scope, found) if self._graphql else None

    def _is_own(self, host: str, scope: Scope) -> bool:
        if host == "localhost" or host in self._hosts:
            return True
        try:
            address = _address(host)
        except ValueError:
            return False
        if address.is_loopback:
            return True
        try:
            # An address is not a name that somebody could point elsewhere.
            return address == _address((scope.get("server") or ("",))[0] or "")
        except ValueError:
            return False


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _same(origin: str, host: str, port: str | None) -> bool:
    """Whether an origin is that of the pages which this host serves."""
    try:
        parts = urlsplit(origin)
        asked, default = parts.port, _PORTS[parts.scheme]
    except (ValueError, KeyError):  # no address at all, or `null`
        return False
    own = int(port) if port else default
    return _plain(parts.hostname or "") == host and (asked or default) == own


def _followed_link(scope: Scope, found: dict[str, list[str]]) -> bool:
    """Whether a page of another site only opens this one, in a tab of its own."""
    return (
        scope["type"] == "http"
        and scope["method"] in _READING
        and found.get("sec-fetch-mode") == ["navigate"]
        and found.get("sec-fetch-dest") == ["document"]
    )


def _not_json(scope: Scope, found: dict[str, list[str]]) -> str | None:
    """Why a request for a GraphQL server is one that a browser would send for any page."""
    if scope["type"] != "http":
        return None
    if scope["method"] not in _READING:
        kinds = found.get("content-type", [])
        if len(kinds) == 1 and kinds[0].partition(";")[0].strip().lower() == "application/json":
            return None
        return "Its body is not JSON. What to do: send Content-Type: application/json."
    if scope["path"].rstrip("/").endswith("/graphql") and _alters(scope["query_string"]):
        return "A GET may only read. What to do: send a mutation by POST, as JSON."
    return None


def _alters(query_string: bytes) -> bool:
    """Whether an address holds GraphQL that does more than read."""
    from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    for text in (value for name, value in pairs if name == "query"):
        try:
            defined = parse(text).definitions
        except (GraphQLError, RecursionError):
            return True
        for each in defined:
            if isinstance(each, OperationDefinitionNode) and each.operation is not (
                OperationType.QUERY
            ):
                return True
    return False


async def _refuse(send: Send, reason: str) -> None:
    body = f"This request is refused. {reason}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _not_framed(send: Send) -> Send:
    """Answers that no page of another site can show in a frame, and so have clicked."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"x-frame-options", b"SAMEORIGIN")]
        await send(message)

    return sent
