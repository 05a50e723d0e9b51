"""A local HTTP server that takes the messages which Apprise posts to `json://` addresses.

Belongs here: keeping what came, by path, and refusing on demand. Stays out: judging it.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Inbox:
    """The server, a context manager on a free port of the loopback interface.

    Attributes:
        received: title and message of each post, by the path it came to.
        refused: paths that answer with an error.
    """

    def __init__(self) -> None:
        self.received: dict[str, list[tuple[str, str]]] = {}
        self.refused: set[str] = set()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if self.path in inbox.refused else 200
                if status == 200:
                    post = json.loads(body)
                    arrived = (post["title"], post["message"])
                    inbox.received.setdefault(self.path, []).append(arrived)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Inbox":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def address(self, path: str, password: str = "") -> str:
        """The address of a path, as Apprise writes it, with patience for a busy machine."""
        user = f"shop:{password}@" if password else ""
        return f"json://{user}127.0.0.1:{self._http.server_port}/{path}?cto=60&rto=60"
