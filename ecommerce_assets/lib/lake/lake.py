"""The lake: files under one root on local disk or in a bucket, written staged and published whole.

Belongs here: reading files by their keys, and how a finished local file becomes visible in one
step. Stays out: what is in the files, and where slices lie (`slices.py`). A reader of the lake sees
the old file or the new one, never half.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from ecommerce_assets.lib.disk import sync
from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.lake.bucket import Bucket
from ecommerce_assets.lib.locks import alone

STAGING = ".staging"


@dataclass(frozen=True)
class Entry:
    """A published file: its key, bytes, when it was written (UTC), and its `version`."""

    key: str
    size: int
    written: datetime
    version: int


class Lake:
    """One lake.

    Args:
        uri: `file:///…` or `gs://bucket/prefix`.
        scratch: local folder for copies of remote objects; used for remote lakes only.

    Raises:
        SettingMissing: an address of another kind.
    """

    def __init__(self, uri: str, scratch: Path | None = None) -> None:
        self.uri = uri.rstrip("/")
        parsed = urlparse(self.uri)
        self.is_local = parsed.scheme in ("", "file")
        self._root = Path(unquote(parsed.path) if parsed.scheme else self.uri)
        if not self.is_local and parsed.scheme != "gs":
            raise SettingMissing(
                f"there is no lake at {self.uri}",
                "set ECOMMERCE_LAKE to gs://bucket/prefix or file:///folder",
            )
        self._bucket = None if self.is_local else Bucket(self.uri)
        self._scratch = (self._root / STAGING) if self.is_local else (scratch or Path.cwd())

    @property
    def search_path(self) -> Path | None:
        """The folder in which DuckDB may look for keys, for good and all connections.

        None in a bucket, and where the path cannot be told from a list of paths.
        """
        folder = self._root.absolute() if self.is_local else None
        return None if folder is None or "," in str(folder) else folder

    # Where things lie -----------------------------------------------------------------------

    def location(self, key: str) -> str:
        """The address of a key: a plain path for a local lake, a URI for a bucket."""
        return str(self._root / key) if self.is_local else f"{self.uri}/{key}"

    # Reading --------------------------------------------------------------------------------

    def exists(self, key: str) -> bool:
        """Whether something is published under `key`."""
        return (self._root / key).exists() if self._bucket is None else self.version(key) > 0

    def version(self, key: str) -> int:
        """What `publish` takes as `replaces`: an object's generation, 0 where nothing is there.

        A local lake has no generations and answers 0: there `alone` keeps writers apart.
        """
        return 0 if self._bucket is None else self._bucket.generation(key)

    def size(self, key: str) -> int:
        """Bytes of a published file."""
        if self._bucket is None:
            return (self._root / key).stat().st_size
        return self._bucket.size(key)

    def read_bytes(self, key: str) -> bytes:
        """The whole of a small file."""
        return (self._root / key).read_bytes() if self._bucket is None else self._bucket.read(key)

    def read_many(self, keys: list[str]) -> list[bytes]:
        """Several small files, in the order of their keys; from a bucket at the same time."""
        if self._bucket is None:
            return [(self._root / key).read_bytes() for key in keys]
        return self._bucket.read_many(keys)

    def read_those_there(self, keys: list[str]) -> Iterator[bytes | OSError | None]:
        """Several small files; None for one that is gone, the error for one that is unreadable."""

        def read(key: str) -> bytes | OSError | None:
            path = self._root / key
            try:
                if self.is_local and path.is_symlink() and not path.exists():
                    return OSError(errno.ENOENT, "it leads to a file that is not there")
                if self.is_local and path.exists() and not path.is_file():
                    return OSError(errno.EINVAL, "it is not a file")
                return self.read_bytes(key)
            except FileNotFoundError:
                return None
            except OSError as error:
                return error

        if self._bucket is None:
            yield from map(read, keys)
        else:
            yield from self._bucket.many(read, keys)

    def open(self, key: str) -> contextlib.AbstractContextManager[Any]:
        """A published file for reading, as a binary file object for a `with` block."""
        return (self._root / key).open("rb") if self._bucket is None else self._bucket.open(key)

    def keys_in(self, folder: str) -> list[str]:
        """Keys of what lies directly in `folder`, sorted; empty where there is no such folder."""
        if self._bucket is not None:
            return [f"{folder}/{name}" for name in self._bucket.names_in(folder)]
        with contextlib.suppress(FileNotFoundError):
            return sorted(f"{folder}/{entry.name}" for entry in (self._root / folder).iterdir())
        return []

    def keys_below(self, folder: str) -> list[str]:
        """Keys of all files below `folder`, sorted; empty where there is no such folder."""
        if self._bucket is not None:
            return [f"{folder}/{name}" for name in self._bucket.names_below(folder)]
        root = self._root / folder
        found = []
        for place, _, names in os.walk(root):
            home = Path(place).relative_to(root)
            found += [f"{folder}/{(home / name).as_posix()}" for name in names]
        return sorted(found)

    def entries_below(self, folder: str) -> list[Entry]:
        """All files below `folder` with their size and age, by key."""
        if self._bucket is not None:
            found = self._bucket.entries_below(folder)
            return [
                Entry(f"{folder}/{name}", size, at, version) for name, size, at, version in found
            ]
        entries = []
        for key in self.keys_below(folder):
            with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                status = (self._root / key).stat()
                written = datetime.fromtimestamp(status.st_mtime, UTC)
                entries.append(Entry(key, status.st_size, written, 0))
        return entries

    @contextlib.contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """A local path of a published file: the file itself, or a copy that goes afterwards."""
        if self._bucket is None:
            yield self._root / key
            return
        with self.staging() as folder:
            path = folder / key.rsplit("/", 1)[1]
            self._bucket.download(key, path)
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

        Nothing is locked in a bucket: there `publish` refuses to replace what it does not know.
        """
        if not self.is_local:
            yield
            return
        # Not in the folder itself: what lies there is data.
        with alone(self._scratch / f"{folder.replace('/', '.')}.lock"):
            yield

    def publish(self, path: Path, key: str, replaces: int | None = None) -> None:
        """Make a finished local file visible under `key` in one step; `path` is gone afterwards.

        Args:
            path: a file inside a `staging()` folder.
            key: where it goes; a file that is there is replaced.
            replaces: the `version` that was there when the work began; in a bucket, nothing else
                is replaced.

        Raises:
            LostRace: another writer was faster.
        """
        if self._bucket is not None:
            self._bucket.upload(path, key, replaces)
            path.unlink()
            return
        target = self._root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        sync(path)
        path.replace(target)
        sync(target.parent)

    def publish_json(self, document: dict[str, Any], key: str) -> None:
        """Publish a small JSON document, one line, in one step."""
        with self.staging() as folder:
            path = folder / "document.json"
            path.write_text(json.dumps(document, default=str) + "\n", encoding="utf-8")
            self.publish(path, key)

    def delete(self, key: str, version: int | None = None) -> None:
        """Remove a published file; nothing happens where there is none.

        Args:
            key: the file.
            version: in a bucket, nothing happens either where another generation is there by now.
        """
        if self._bucket is None:
            (self._root / key).unlink(missing_ok=True)
        else:
            self._bucket.delete(key, version)


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
