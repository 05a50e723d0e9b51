"""The lake: files under one root on local disk or in a bucket, written staged and published whole.

Belongs here: where things lie, and how a finished local file becomes visible in one step.
Stays out: what is in the files. A reader of the lake sees the old file or the new one, never half.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

STAGING = ".staging"


def month_folder(month: date) -> str:
    """The hive folder of a month, e.g. `event_month=2019-10-01`."""
    return f"event_month={month:%Y-%m-%d}"


class Lake:
    """One lake.

    Args:
        uri: `file:///…` or `gs://bucket/prefix`.
        scratch: local folder for copies of remote objects; used for remote lakes only.
    """

    def __init__(self, uri: str, scratch: Path | None = None) -> None:
        self.uri = uri.rstrip("/")
        parsed = urlparse(self.uri)
        self.is_local = parsed.scheme in ("", "file")
        self._root = Path(unquote(parsed.path) if parsed.scheme else self.uri)
        self._scratch = (self._root / STAGING) if self.is_local else (scratch or Path.cwd())

    # Where things lie -----------------------------------------------------------------------

    def file_folder(self, domain: str, table: str, month: date) -> str:
        """Key of the folder of a month's source file, as it was delivered."""
        return f"files/{domain}/{table}/{month_folder(month)}"

    def parquet_key(self, domain: str, table: str, month: date) -> str:
        """Key of a month's published Parquet file."""
        return f"{domain}/{table}/{month_folder(month)}/{table}.parquet"

    def quarantine_folder(self, domain: str, table: str, month: date) -> str:
        """Key of the folder of a month's quarantined rows."""
        return f"quarantine/{domain}/{table}/{month_folder(month)}"

    def location(self, key: str) -> str:
        """The address of a key: a plain path for a local lake, a URI for a bucket."""
        return str(self._root / key) if self.is_local else f"{self.uri}/{key}"

    # Reading --------------------------------------------------------------------------------

    def exists(self, key: str) -> bool:
        """Whether something is published under `key`."""
        return bool(self._fs().exists(self.location(key)))

    def size(self, key: str) -> int:
        """Bytes of a published file."""
        return int(self._fs().size(self.location(key)))

    def read_bytes(self, key: str) -> bytes:
        """The whole of a small file."""
        return bytes(self._fs().cat_file(self.location(key)))

    def open(self, key: str) -> Any:
        """A published file for reading, as a binary file object."""
        return self._fs().open(self.location(key), "rb")

    def keys_in(self, folder: str) -> list[str]:
        """Keys of the files directly in `folder`, sorted; empty where there is no such folder."""
        with contextlib.suppress(FileNotFoundError):
            names = self._fs().ls(self.location(folder), detail=False, refresh=True)
            return sorted(f"{folder}/{name.rstrip('/').rsplit('/', 1)[1]}" for name in names)
        return []

    def months(self, domain: str, table: str) -> list[date]:
        """The months that have published Parquet, oldest first."""
        found = []
        for key in self.keys_in(f"{domain}/{table}"):
            name = key.rsplit("/", 1)[1]
            if name.startswith("event_month="):
                month = date.fromisoformat(name.partition("=")[2])
                if self.exists(self.parquet_key(domain, table, month)):
                    found.append(month)
        return found

    @contextlib.contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """A local path of a published file: the file itself, or a copy that goes afterwards."""
        if self.is_local:
            yield self._root / key
            return
        with self.staging() as folder:
            path = folder / key.rsplit("/", 1)[1]
            self._fs().get_file(self.location(key), str(path))
            yield path

    # Writing --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A private local folder for work in progress, on the lake's own disk where it has one.

        It goes when the block ends. Folders of processes that died are swept on the way in.
        """
        self._scratch.mkdir(parents=True, exist_ok=True)
        _sweep_dead(self._scratch)
        prefix = f"{socket.gethostname()}.{os.getpid()}."
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self._scratch))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def alone(self, folder: str) -> Iterator[None]:
        """Keep other processes of this host out of `folder`; a killed one lets go by itself.

        Nothing is locked in a bucket: there Dagster's pools keep loads of one month apart.
        """
        if not self.is_local:
            yield
            return
        import fcntl

        (self._root / folder).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._root / folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def publish(self, path: Path, key: str) -> None:
        """Make a finished local file visible under `key` in one step; `path` is gone afterwards.

        Args:
            path: a file inside a `staging()` folder.
            key: where it goes; a file that is there is replaced.
        """
        if not self.is_local:
            self._fs().put_file(str(path), self.location(key))
            path.unlink()
            return
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(path)
        path.replace(target)
        _sync(target.parent)

    def publish_json(self, document: dict[str, Any], key: str) -> None:
        """Publish a small JSON document, one line, in one step."""
        with self.staging() as folder:
            path = folder / "document.json"
            path.write_text(json.dumps(document, default=str) + "\n", encoding="utf-8")
            self.publish(path, key)

    def delete(self, key: str) -> None:
        """Remove a published file; nothing happens where there is none."""
        with contextlib.suppress(FileNotFoundError):
            self._fs().rm_file(self.location(key))

    def _fs(self) -> Any:
        import fsspec

        return fsspec.filesystem("file" if self.is_local else urlparse(self.uri).scheme)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep_dead(folder: Path) -> None:
    """Remove what killed processes of this host left behind."""
    host = socket.gethostname()
    for left in folder.glob(f"{host}.*"):
        pid = left.name.removeprefix(f"{host}.").split(".", 1)[0]
        if pid.isdigit() and not process_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def process_alive(pid: int) -> bool:
    """Whether a process of this host is running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
