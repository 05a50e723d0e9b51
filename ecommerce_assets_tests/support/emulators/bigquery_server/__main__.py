"""BigQuery on loopback: local-bigquery, and what dbt and loads into partitions need beyond it.

    python bigquery_server --port PORT --grpc-port PORT --data-dir FOLDER --project PROJECT

Runs in an environment of its own (`.venv-bigquery`, Python 3.13, from
requirements/bigquery-emulator.txt), pinned, since the patches reach into the package. Addresses
gs:// are read through STORAGE_EMULATOR_HOST. Belongs here: the start, DuckDB's extensions, and
faults that a test asks for. Stays out: the patches themselves, a file for each concern.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
from duckdb_extensions import import_extension
from local_bigquery.engine import database

# Extensions come from wheels, since nothing is fetched. GEOGRAPHY is left out: its wheel has 80 MB.
with duckdb.connect() as connection:
    for extension in ("icu", "ducklake", "httpfs"):
        import_extension(extension, con=connection)
database.FUNCTIONS = [path for path in database.FUNCTIONS if path.name != "geography.sql"]

import catalog  # noqa: E402, F401
import for_dbt  # noqa: E402, F401
import for_the_lake  # noqa: E402, F401
import partitions  # noqa: E402, F401
from local_bigquery.app import app  # noqa: E402
from local_bigquery.cli import main  # noqa: E402

#: Answers that a test asked for, as in the storage server.
FAULTS: list[dict[str, Any]] = []


class Faults:
    """Answers with faults that a test asked for by `POST /faults`; the rest goes on to the app."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if scope["path"] == "/faults":
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            FAULTS.append(json.loads(body))
            await answer(send, 200, {})
            return
        found = next((f for f in FAULTS if hits(f, scope)), None)
        if found is None:
            await self._inner(scope, receive, send)
            return
        found["times"] -= 1
        if not found["times"]:
            FAULTS.remove(found)
        error = {"message": found["message"], "reason": found["reason"]}
        document = {"code": found["status"], "message": found["message"], "errors": [error]}
        await answer(send, found["status"], {"error": document})


def hits(fault: dict[str, Any], scope: Any) -> bool:
    """Whether a request is one of those that the fault is meant for."""
    return bool(scope["method"] == fault["method"] and fault["path"] in scope["path"])


async def answer(send: Any, status: int, document: dict[str, Any]) -> None:
    """Send a JSON answer."""
    body = json.dumps(document).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app.add_middleware(Faults)
main()
