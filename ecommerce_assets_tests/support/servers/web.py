"""A local web server that serves files as good and as bad servers do.

Belongs here: validators, ranges, lengths, redirects, and faults that a test asks for. Stays out:
what is in the files, and judging what was asked.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import unquote

_PIECE = 1 << 14


@dataclass
class Resource:
    """What lies at a path.

    Attributes:
        measured: How the end of the body is told: by `Content-Length`, by chunks, or by nothing.
        ranges: Whether parts of it can be had.
        head: Whether HEAD is known.
        honest: Whether `If-Range` and `If-None-Match` are obeyed.
        silent_after: Falls silent after so many bytes, until the server stops.
        short_by: Ranges hold so many bytes less than they say, with a length to match.
        drips: Sends 100 bytes at a time, at most fifty times in a second.
    """

    body: bytes
    content_type: str = "text/csv"
    etag: str | None = None
    modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    measured: Literal["length", "chunks", "nothing"] = "length"
    ranges: bool = True
    head: bool = True
    honest: bool = True
    silent_after: int | None = None
    short_by: int = 0
    drips: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass
class Faults:
    """What goes wrong next; each list is used up from its front, one entry per occasion.

    Attributes:
        statuses: Answers of the next requests, with more headers; 200 is a normal answer.
        cut_after: Bodies that break off after so many bytes.
    """

    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)


class WebServer:
    """The server, a context manager on a free port of the loopback interface.

    Attributes:
        files: What lies at each path; the query does not count.
        otherwise: Asked for paths that `files` has not.
        faults: What goes wrong next.
        asked: All requests, oldest first.
        before: Called with the number of the request before each answer.
    """

    def __init__(self) -> None:
        self.files: dict[str, Resource] = {}
        self.otherwise: Callable[[str], Resource | None] = lambda _: None
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.before: Callable[[int], None] = lambda _: None
        self.stopping = threading.Event()
        self._http = _Quiet(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.port = self._http.server_port

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def paths(self, method: str = "GET") -> list[str]:
        """The paths that were asked for, oldest first."""
        return [asked.path for asked in self.asked if asked.method == method]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what a test asked for; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers for the server `site`, which each of them gets as a subclass of its own."""

    site: WebServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""

    def _answer(self) -> None:
        self.site.before(len(self.site.asked))
        path = unquote(self.path.partition("?")[0])
        found = self.site.files.get(path) or self.site.otherwise(self.path)
        status, more = self.site.faults.statuses.pop(0) if self.site.faults.statuses else (200, {})
        if status == 200:
            if found is None:
                status = 404
            elif self.command == "HEAD" and not found.head:
                status = 405
            else:
                status = found.status
        if found is None or status >= 400:
            self._note(status)
            self._head(status, {**more, "Content-Length": "5"})
            self._send(b"sorry")
            return
        self._serve(found, status, more)

    def _serve(self, found: Resource, status: int, more: Mapping[str, str]) -> None:
        first = 0
        headers = {"Content-Type": found.content_type, **found.headers, **more}
        if found.etag:
            headers["ETag"] = found.etag
        if found.modified:
            headers["Last-Modified"] = found.modified
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        named = self.headers.get("If-Range")
        fits = named in (None, found.etag, found.modified) or not found.honest
        known = found.honest and self.headers.get("If-None-Match") in (found.etag, "*")
        if status == 200 and found.etag and known:
            self._note(304)
            self._head(304, {"ETag": found.etag})
            return
        if wanted and found.ranges and fits and self.command == "GET":
            first, total = int(wanted[1]), len(found.body)
            if first >= total:
                self._note(416)
                self._head(416, {"Content-Range": f"bytes */{total}", "Content-Length": "0"})
                return
            status = 206
            headers["Content-Range"] = f"bytes {first}-{total - 1}/{total}"
        self._note(status)
        body = found.body[first : len(found.body) - found.short_by * (status == 206)]
        if found.measured == "length":
            headers["Content-Length"] = str(len(body))
        elif found.measured == "chunks":
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Connection"] = "close"
            self.close_connection = True
        # Taken before the client can know of the answer, and change its mind.
        cuts = self.site.faults.cut_after
        cut = cuts.pop(0) if cuts and self.command == "GET" else None
        self._head(status, headers)
        self._body(found, body, cut)

    def _body(self, found: Resource, body: bytes, cut: int | None) -> None:
        if self.command == "HEAD":
            return
        chunked = found.measured == "chunks"
        silent = found.silent_after
        stop = min(x for x in (cut, silent, len(body)) if x is not None)
        size = 100 if found.drips else _PIECE
        for at in range(0, stop, size):
            if found.drips:
                self.site.stopping.wait(0.02)
            piece = body[at : min(at + size, stop)]
            if not self._send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece):
                return
        if silent is not None and stop == silent:
            self.site.stopping.wait(60)
        if stop < len(body):
            self.close_connection = True
        elif chunked:
            self._send(b"0\r\n\r\n")

    def _note(self, status: int) -> None:
        seen = Asked(self.command, self.path, dict(self.headers), status)
        self.site.asked.append(seen)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, content: bytes) -> bool:
        """Send something of a body; False once the client has gone."""
        if self.command == "HEAD":
            return True
        try:
            self.wfile.write(content)
        except OSError:
            self.close_connection = True
            return False
        return True
