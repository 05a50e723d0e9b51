"""A bucket of Google Cloud Storage under a lake: whole objects, published by precondition.

Belongs here: the one place that speaks to the storage client, and what its errors mean for the
user. Stays out: where things lie (`lake.py`). Uploads are resumable, so an object appears with its
last chunk or not at all, and a killed one leaves nothing that a reader could see.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlparse

from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.google import google_errors, require_google

if TYPE_CHECKING:
    from google.cloud import storage

T = TypeVar("T")

#: Bytes that one request of an upload carries; after a fault only these are sent again.
UPLOAD_CHUNK = 8 * 1024 * 1024
#: Bytes that are read ahead: footers are small and lie at the end of large objects.
READ_AHEAD = 512 * 1024
#: Small objects that are read at the same time.
READERS = 16
#: An object's own word for the upload that wrote it.
WRITER = "written-by"


class LostRace(TransientFailure):
    """Another writer published the object first; nothing of ours is visible."""


def default_client() -> storage.Client:
    """The client of the environment's credentials and project."""
    from dagster_gcp.gcs import GCSResource

    client: storage.Client = GCSResource(project=None).get_client()
    return client


class Bucket:
    """The objects below one address.

    Args:
        uri: `gs://bucket/prefix`.
        client: makes the client when it is first needed.

    Raises:
        SettingMissing: Google's clients are not installed.
    """

    def __init__(self, uri: str, client: Callable[[], storage.Client] = default_client) -> None:
        require_google()
        parsed = urlparse(uri)
        self._name, self._prefix = parsed.netloc, parsed.path.strip("/")
        self._make_client = client
        self._client: storage.Client | None = None

    def generation(self, key: str) -> int:
        """The object's generation; 0 where there is none. What `upload` takes as `replaces`."""
        with self._errors(key):
            found = self._bucket.get_blob(self._path(key))
            return int(found.generation) if found else 0

    def size(self, key: str) -> int:
        """The object's bytes.

        Raises:
            FileNotFoundError: there is no such object.
        """
        with self._errors(key):
            found = self._bucket.get_blob(self._path(key))
        if found is None:
            raise FileNotFoundError(f"gs://{self._name}/{self._path(key)}")
        return int(found.size)

    def read(self, key: str) -> bytes:
        """The whole of a small object.

        Raises:
            FileNotFoundError: there is no such object.
        """
        with self._errors(key):
            return bytes(self._blob(key).download_as_bytes())

    def read_many(self, keys: Sequence[str]) -> list[bytes]:
        """Several small objects, read at the same time; in the order of their keys."""
        return self.many(self.read, keys)

    def many(self, call: Callable[[str], T], keys: Sequence[str]) -> list[T]:
        """What a call gives for each of several objects, made for several at the same time."""
        if not keys:
            return []
        self._bucket  # noqa: B018 - one client for all threads
        with ThreadPoolExecutor(READERS) as pool:
            return list(pool.map(call, keys))

    @contextmanager
    def open(self, key: str) -> Iterator[Any]:
        """An object for reading, as a binary file that can be searched.

        Raises:
            FileNotFoundError: there is no such object.
        """
        with (
            self._errors(key),
            self._blob(key).open("rb", chunk_size=READ_AHEAD) as handle,
        ):
            yield handle

    def download(self, key: str, path: Path) -> None:
        """Copy an object to a local path.

        Raises:
            FileNotFoundError: there is no such object.
        """
        with self._errors(key):
            self._blob(key).download_to_filename(str(path))

    def names_in(self, folder: str) -> list[str]:
        """Names directly below a folder, of objects and of further folders, sorted."""
        prefix = self._path(folder) + "/"
        with self._errors(folder):
            listing = self._bucket.list_blobs(prefix=prefix, delimiter="/")
            names = [blob.name for blob in listing]
            names += [name.rstrip("/") for name in listing.prefixes]
        return sorted(name.removeprefix(prefix) for name in names if name != prefix)

    def names_below(self, folder: str) -> list[str]:
        """Names of all objects below a folder, at whatever depth, sorted."""
        prefix = self._path(folder) + "/"
        with self._errors(folder):
            names = [blob.name for blob in self._bucket.list_blobs(prefix=prefix)]
        return sorted(name.removeprefix(prefix) for name in names)

    def entries_below(self, folder: str) -> list[tuple[str, int, datetime, int]]:
        """Name, bytes, time of writing (UTC) and generation of all objects below a folder."""
        prefix = self._path(folder) + "/"
        with self._errors(folder):
            blobs = list(self._bucket.list_blobs(prefix=prefix))
        return sorted(
            (blob.name.removeprefix(prefix), int(blob.size), blob.updated, int(blob.generation))
            for blob in blobs
        )

    def upload(self, path: Path, key: str, replaces: int | None = None) -> None:
        """Publish a local file under a key in one step.

        Args:
            path: the file.
            key: where it goes.
            replaces: the generation that must still be there, 0 for none; None: whatever is there.

        Raises:
            LostRace: another generation is there by now.
        """
        from google.api_core.exceptions import PreconditionFailed
        from google.cloud.storage.retry import DEFAULT_RETRY

        blob = self._blob(key)
        blob.chunk_size = UPLOAD_CHUNK
        token = uuid.uuid4().hex
        blob.metadata = {WRITER: token}
        # Without a precondition the client would not repeat a failed upload; a repeated one writes
        # the same bytes.
        with self._errors(key):
            try:
                blob.upload_from_filename(
                    str(path), if_generation_match=replaces, retry=DEFAULT_RETRY
                )
            except PreconditionFailed as error:
                # The answer to an upload that went through may have been lost, and its repetition
                # then meets our own object.
                found = self._bucket.get_blob(self._path(key))
                if found is None or (found.metadata or {}).get(WRITER) != token:
                    raise LostRace(
                        f"another writer published {self._address(key)} in the meantime",
                        "run the step again: it starts from what is there now",
                    ) from error

    def delete(self, key: str, generation: int | None = None) -> None:
        """Remove an object; nothing happens where there is none.

        Args:
            key: the object.
            generation: nothing happens either where another one is there by now.
        """
        from google.api_core.exceptions import NotFound, PreconditionFailed
        from google.cloud.storage.retry import DEFAULT_RETRY

        with self._errors(key):
            try:
                self._blob(key).delete(if_generation_match=generation, retry=DEFAULT_RETRY)
            except (NotFound, PreconditionFailed):
                return

    @property
    def _bucket(self) -> storage.Bucket:
        if self._client is None:
            with self._errors(""):
                self._client = self._make_client()
        return self._client.bucket(self._name)

    def _blob(self, key: str) -> storage.Blob:
        return self._bucket.blob(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._prefix}/{key}".strip("/")

    def _address(self, key: str) -> str:
        return f"gs://{self._name}/{self._path(key)}"

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        """Turn Google's errors into the project's own, which say what to do."""
        from google.api_core.exceptions import NotFound

        address = self._address(key)
        grant = "grant the account roles/storage.objectUser on the bucket, as terraform/ does"
        with google_errors("Google Cloud Storage", address, grant):
            try:
                yield
            except NotFound as error:
                if "bucket" in str(error.message).lower():
                    raise PermanentFailure(
                        f"there is no bucket {self._name}",
                        "make it with terraform/, or correct ECOMMERCE_LAKE",
                    ) from error
                raise FileNotFoundError(address) from error
