"""A request written byte by byte, as a browser or an attacker sends it.

Belongs here: sending it and reading the status and body. Stays out: servers, and what is right.
"""

from __future__ import annotations

import socket

LONGEST_S = 60.0
JSON = ("Content-Type", "application/json")


def ask(
    port: int, method: str, path: str, *headers: tuple[str, str], body: bytes = b"", host: str = ""
) -> tuple[int, str]:
    """The status and the text of the answer.

    Args:
        port: of the server on 127.0.0.1.
        method: e.g. POST.
        path: with its query.
        headers: besides Host, Content-Length and Connection.
        body: sent as it is.
        host: the header Host; empty: 127.0.0.1 and the port.
    """
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if not any(name == "Upgrade" for name, _ in headers):
        lines += [f"Content-Length: {len(body)}", "Connection: close"]
    said = b""
    with socket.create_connection(("127.0.0.1", port), LONGEST_S) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        while b"\r\n\r\n" not in said or b" 101 " not in said.split(b"\r\n", 1)[0]:
            piece = connection.recv(65536)
            if not piece:
                break
            said += piece
    head, _, text = said.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), text.decode("utf-8", "replace")


def websocket(
    port: int, path: str, *headers: tuple[str, str], host: str = "", protocol: str = "graphql-ws"
) -> int:
    """The status of a websocket's opening: 101 where it is open."""
    opening = (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("Sec-WebSocket-Protocol", protocol),
    )
    return ask(port, "GET", path, *opening, *headers, host=host)[0]
