"""Google Cloud Storage on loopback: gcp-storage-emulator, and what it lacks.

    python gcs_server.py PORT FOLDER

Belongs here: generation preconditions (the emulator overwrites silently without them), pages of
listings, ranges from the end, HEAD, a token for service-account keys, and faults that a test asks
for (`POST /faults`). Stays out: versioning, IAM, locations, which it does not have.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http import server as http_server
from typing import Any
from urllib.parse import parse_qs, urlparse

from gcp_storage_emulator import server as emulator
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage

_LOCK = threading.RLock()
#: Preconditions of resumable uploads, by upload; they hold until the last chunk is there.
_UPLOADS: dict[str, dict[str, list[str]]] = {}
#: Answers that a test asked for: how many are left, their status, and what the path has to contain.
_FAULTS: list[dict[str, Any]] = []
_CONDITIONS = {
    "GenerationMatch": ("generation", True),
    "GenerationNotMatch": ("generation", False),
    "MetagenerationMatch": ("metageneration", True),
    "MetagenerationNotMatch": ("metageneration", False),
}


def _current(storage: Any, bucket: str | None, name: str | None) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = storage.get_file_obj(bucket, name)
    except NotFound:
        return None
    return found


def _violated(
    found: dict[str, Any] | None, query: dict[str, list[str]], prefix: str = "if"
) -> bool:
    """Whether a precondition of the request does not hold; an object that is not there is 0."""
    for condition, (field, wanted) in _CONDITIONS.items():
        given = query.get(prefix + condition)
        actual = int(found[field]) if found else 0
        if given is not None and (int(given[0]) == actual) is not wanted:
            return True
    return False


def _fail(response: Any, code: int, reason: str, message: str) -> None:
    response.status = HTTPStatus(code)
    error = {"message": message, "domain": "global", "reason": reason}
    response.json({"error": {"code": code, "message": message, "errors": [error]}})


def _precondition_failed(response: Any) -> None:
    _fail(response, 412, "conditionNotMet", "At least one of the pre-conditions did not hold.")


def _guarded(handler: Callable[..., None]) -> Callable[..., None]:
    """The emulator's handler behind the checks that it lacks; one request at a time."""

    def run(request: Any, response: Any, storage: Any, *args: Any, **kwargs: Any) -> None:
        with _LOCK:
            if handler in (objects.insert, objects.upload_partial):
                _upload(handler, request, response, storage, *args, **kwargs)
            elif handler in (objects.copy, objects.rewrite):
                _copy(handler, request, response, storage, *args, **kwargs)
            else:
                _other(handler, request, response, storage, *args, **kwargs)

    return run


def _upload(
    handler: Callable[..., None], request: Any, response: Any, storage: Any, *args: Any, **kw: Any
) -> None:
    query, params = request.query, request.params or {}
    bucket, name = params.get("bucket_name"), params.get("object_id")
    upload = (query.get("upload_id") or [None])[0]
    conditions = query
    if upload:
        conditions = _UPLOADS.get(upload, {})
        session = storage.resumable.get(upload) or {}
        name, bucket = session.get("name"), session.get("bucket", bucket)
    elif "name" in query:
        name = query["name"][0]
    elif isinstance(request.data, dict):
        name = (request.data.get("meta") or request.data).get("name")
    if _violated(_current(storage, bucket, name), conditions):
        _precondition_failed(response)
        return
    handler(request, response, storage, *args, **kw)
    location = response._headers.get("Location")
    if not upload and location:
        _UPLOADS[parse_qs(urlparse(location).query)["upload_id"][0]] = query


def _copy(
    handler: Callable[..., None], request: Any, response: Any, storage: Any, *args: Any, **kw: Any
) -> None:
    query, params = request.query, request.params
    source = _current(storage, params["bucket_name"], params["object_id"])
    target = _current(storage, params["dest_bucket_name"], params["dest_object_id"])
    if _violated(source, query, "ifSource") or _violated(target, query):
        _precondition_failed(response)
        return
    handler(request, response, storage, *args, **kw)


def _other(
    handler: Callable[..., None], request: Any, response: Any, storage: Any, *args: Any, **kw: Any
) -> None:
    query, params = request.query, request.params or {}
    bucket, name = params.get("bucket_name"), params.get("object_id")
    if handler in (objects.compose, objects.delete, objects.patch, objects.get, objects.download):
        found = _current(storage, bucket, name)
        if (found or handler is objects.compose) and _violated(found, query):
            _precondition_failed(response)
            return
        wanted = query.get("generation")
        if found and wanted and wanted[0] != found["generation"]:
            _fail(response, 404, "notFound", f"No such object: {bucket}/{name}#{wanted[0]}")
            return
    if handler is objects.download:
        _range_from_the_end(request, storage, bucket, name)
    handler(request, response, storage, *args, **kw)
    if handler is objects.download and (found := _current(storage, bucket, name)):
        response["x-goog-generation"] = found["generation"]
        response["x-goog-metageneration"] = found["metageneration"]
        response["ETag"] = found.get("etag") or found["md5Hash"]
        response["Accept-Ranges"] = "bytes"
    if handler is objects.ls and response.status == HTTPStatus.OK:
        _page(query, response)


def _range_from_the_end(request: Any, storage: Any, bucket: Any, name: Any) -> None:
    suffix = re.fullmatch(r"bytes=-(\d+)", request.get_header("range") or "")
    if suffix and _current(storage, bucket, name):
        size = len(storage.get_file(bucket, name))
        start = max(size - int(suffix[1]), 0)
        headers = request._request_handler.headers
        headers.replace_header("range", f"bytes={start}-{size - 1}")


def _page(query: dict[str, list[str]], response: Any) -> None:
    listing = json.loads(response._content)
    limit = int((query.get("maxResults") or ["1000"])[0])
    after = (query.get("pageToken") or [""])[0]
    entries = [(item["name"], item) for item in listing.get("items", [])]
    entries += [(prefix, None) for prefix in listing.get("prefixes", [])]
    entries = sorted((e for e in entries if e[0] > after), key=lambda entry: entry[0])
    shown = entries[:limit]
    listing["items"] = [item for _, item in shown if item]
    listing["prefixes"] = [name for name, item in shown if not item]
    if len(entries) > limit:
        listing["nextPageToken"] = shown[-1][0]
    response.json(listing)


emulator.HANDLERS = tuple(
    (pattern, {method: _guarded(handler) for method, handler in methods.items()})
    for pattern, methods in emulator.HANDLERS
)


class Handler(emulator.RequestHandler):  # type: ignore[misc]
    """One request: a token, a test's wish, a fault, or the emulator's answer."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _faulty(self) -> bool:
        """Answer with a fault that a test asked for; the request is then not looked at."""
        with _LOCK:
            fault = next(
                (f for f in _FAULTS if f["method"] == self.command and f["path"] in self.path), None
            )
            if fault is None:
                return False
            fault["times"] -= 1
            if not fault["times"]:
                _FAULTS.remove(fault)
        self._body()
        error = {"message": fault["message"], "reason": fault["reason"]}
        document = {"code": fault["status"], "message": fault["message"], "errors": [error]}
        self._answer(fault["status"], {"error": document})
        return True

    def do_POST(self) -> None:
        if self.path == "/token":  # for service-account keys that name this server
            self._body()
            token = {"access_token": "emulator", "expires_in": 3600, "token_type": "Bearer"}
            self._answer(200, token)
        elif self.path == "/faults":
            _FAULTS.append(json.loads(self._body()))
            self._answer(200, {})
        elif not self._faulty():
            super().do_POST()

    def do_PUT(self) -> None:
        if not self._faulty():
            super().do_PUT()

    def do_GET(self) -> None:
        if not self._faulty():
            super().do_GET()

    def do_DELETE(self) -> None:
        if not self._faulty():
            super().do_DELETE()

    def do_HEAD(self) -> None:
        whole, self.wfile = self.wfile, _HeadersOnly(self.wfile)
        emulator.Router(self).handle(emulator.GET)
        self.wfile = whole

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests read the clients' side."""


class _HeadersOnly:
    """Lets an answer's headers through, and nothing after them."""

    def __init__(self, inner: Any) -> None:
        self._inner, self._done = inner, False

    def write(self, data: bytes) -> int:
        if not self._done:
            self._inner.write(data)
            self._done = data.endswith(b"\r\n\r\n")
        return len(data)

    def flush(self) -> None:
        self._inner.flush()


def main(port: int, folder: str) -> None:
    """Serve until the process is stopped."""
    logging.disable(logging.CRITICAL)
    storage = Storage(use_memory_fs=False, data_dir=folder)
    with http_server.ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, storage)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
