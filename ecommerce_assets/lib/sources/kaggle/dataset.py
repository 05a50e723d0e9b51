"""Monthly files from a Kaggle data set, fetched with Kaggle's own client.

Belongs here: listing, versions, resuming, verification and retries for one data set.
Stays out: the client's habits (kaggle_client.py) and the question whether a version is already
here, which the caller answers by comparing `SourceFile.version`.

How a download resumes: the client writes `<file>.kaggle-partial` beside the file before the first
byte; it holds the object's ETag and size. Any later call, in this process or in another, that
finds a shorter file with a marker of the same ETag asks for the rest with Range and If-Range; if
the object has changed, the server sends all of it and the client starts again. It compares only
the length, so checksums are compared here.
"""

import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from ecommerce_assets.lib.failures import (
    CorruptDownload,
    LakehouseError,
    NotADataFile,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.archives import is_zip
from ecommerce_assets.lib.sources.kaggle.client import KaggleLogin, explain, log_in
from ecommerce_assets.lib.sources.kaggle.delivery import (
    declared_md5,
    delivery_fault,
    discard,
    marker_of,
)
from ecommerce_assets.lib.sources.protocol import FileNames, MonthlyNames, Progress, SourceFile
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.work_folder import GrowthWatch, publish, work_folder

logger = logging.getLogger(__name__)

T = TypeVar("T")

_SLUG = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_VERSION = re.compile(r"kaggle:v(\d+):.+")


@dataclass(frozen=True)
class _Listing:
    version: int
    files: tuple[SourceFile, ...]


class KaggleDataset:
    """A Kaggle data set as a source of monthly files (`MonthlySource`).

    A download goes to a hidden folder inside the target folder and appears under its final name
    only after verification. To resume a download of a killed process, fetch the same file into
    the same folder.

    Attributes:
        kind: Always `kaggle`.
        slug: `owner/name`, as in the data set's address.
    """

    kind: str = "kaggle"

    def __init__(
        self,
        slug: str,
        *,
        endpoint: str | None = None,
        username: str | None = None,
        key: SecretStr | str | None = None,
        token: SecretStr | str | None = None,
        config_dir: Path | None = None,
        names: FileNames | None = None,
        retries: Retries | None = None,
        connect_timeout_s: float = 20.0,
        read_timeout_s: float = 120.0,
        page_size: int = 100,
        progress_every_s: float = 0.5,
        private_hosts: Collection[str] = (),
    ) -> None:
        """Describe the source; nothing is asked and the client is not loaded yet.

        Args:
            slug: `owner/name` of the data set.
            endpoint: Address to use instead of Kaggle's, such as a mirror's.
            username: Account name, together with `key`.
            key: The account's key.
            token: A token instead of name and key. Without any of the three, the environment
                and kaggle.json are searched as Kaggle's own client does.
            config_dir: Folder of kaggle.json.
            names: Which months a file stands for; default: a file a month.
            retries: How to repeat calls that failed through no fault of ours.
            connect_timeout_s: Seconds to wait for a connection.
            read_timeout_s: Seconds a connection may stay silent before it counts as broken.
            page_size: Files asked for per page of a listing.
            progress_every_s: Seconds between two calls of a progress callback.
            private_hosts: Hosts that redirects may lead to though their address is private.

        Raises:
            PermanentFailure: `slug` is not of the form `owner/name`.
        """
        if not _SLUG.fullmatch(slug):
            raise PermanentFailure(
                f"{slug!r} does not name a Kaggle data set",
                "write it as owner/name: the last two parts of the data set's address",
            )
        self.slug = slug
        self._names = names or MonthlyNames()
        self._login = KaggleLogin(
            endpoint=endpoint,
            username=username or None,
            key=_secret(key),
            token=_secret(token),
            config_dir=config_dir,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            private_hosts=tuple(private_hosts),
        )
        self._retries = retries or Retries()
        self._page_size = page_size
        self._progress_every_s = progress_every_s
        self._api: Any = None

    def __repr__(self) -> str:
        return f"KaggleDataset({self.slug!r}, endpoint={self._login.endpoint!r})"

    def find(self, month: date) -> SourceFile:
        """Return the month's file in the newest version of the data set.

        Raises:
            SourceMissing: The set has no such file, or there is no such set for this account.
            CredentialsMissing, CredentialsRefused: No account, or not a valid one.
            TransientFailure: Kaggle did not answer, after all attempts.
        """
        name = self._names.name_of(month)
        listing = self._list()
        for file in listing.files:
            if file.name == name:
                return file
        raise SourceMissing(
            f"the Kaggle data set {self.slug} has no file {name} in its version {listing.version}; "
            f"it has {_enumerated([file.name for file in listing.files])}",
            "choose a month that it has, or wait for a version of the set that has this one",
        )

    def available(self) -> dict[date, SourceFile]:
        """Return the months in the newest version of the set, oldest first; see `find`."""
        months = {
            month: file
            for file in self._list().files
            for month in self._names.months_of(file.name)
            if file.name == self._names.name_of(month)
        }
        return dict(sorted(months.items()))

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Download exactly the version that was found, resuming where an earlier try broke off.

        Args:
            file: What `find` or `available` returned.
            folder: Where the result goes, made if need be.
            progress: Told the bytes of the (packed) file; called from another thread.

        Returns:
            The file as Kaggle delivers it: `<name>.zip`, or `<name>` where it comes unpacked.

        Raises:
            CorruptDownload: Damaged, and damaged again after a fetch from the first byte.
            NotADataFile: Whole, but not the file that was asked for.
            SourceMissing: Kaggle no longer has this version.
            PermanentFailure: The disk is full or not writable; also `find`'s failures.
            TransientFailure: No further after all attempts; what has arrived is kept.
        """
        with work_folder(folder, file.name, f"{self.slug} {file.version}") as work:
            arrived = work / file.name
            self._bring(file, arrived, progress)
            return publish(arrived, folder / f"{file.name}{'.zip' if is_zip(arrived) else ''}")

    # --- one download -----------------------------------------------------------------------

    def _bring(self, file: SourceFile, target: Path, progress: Progress | None) -> None:
        if target.exists() and not marker_of(target).exists():
            # A process was killed after the last byte and before the verification.
            if delivery_fault(target, file, None) is None:
                return
            discard(target)
        for attempt in ("first", "second"):
            with GrowthWatch(target, progress, self._progress_every_s) as watch:
                download = partial(self._download, file, target, watch)
                wanted = f"file {file.name} of the data set {self.slug}"
                md5 = self._patiently(download, wanted, growing=target)
            try:
                fault = delivery_fault(target, file, md5)
            except NotADataFile:
                discard(target)
                raise
            if fault is None:
                return
            logger.warning("%s came damaged, the %s time: %s", wanted, attempt, fault)
            discard(target)
        raise CorruptDownload(
            f"{file.name} of the Kaggle data set {self.slug} came damaged twice: {fault}",
            f"download it by hand from {file.location} — if that copy is damaged too, tell the "
            "owner of the data set; if not, something between here and Kaggle alters downloads",
        )

    def _download(self, file: SourceFile, target: Path, watch: GrowthWatch) -> str | None:
        """Download once, resuming if possible; return the MD5 that the storage declares."""
        from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

        request = ApiDownloadDatasetRequest()
        request.owner_slug, request.dataset_slug = self.slug.split("/")
        request.file_name = file.name
        # The version that was found, even if a newer one has been published since.
        request.dataset_version_number = _version_number(file)
        api = self._client()
        with api.build_kaggle_client() as client:
            response = client.datasets.dataset_api_client.download_dataset(request)
            with response:
                length = response.headers.get("Content-Length", "")
                watch.total = int(length) if length.isdecimal() else None
                try:
                    # No retries inside the client: they would go to the same signed address,
                    # which expires, and would write the text of an error page into the file.
                    api.download_file(
                        response,
                        str(target),
                        client.http_client(),
                        quiet=True,
                        resume=True,
                        max_retries=0,
                        timeout=self._login.read_timeout_s,
                    )
                except ValueError as error:
                    if isinstance(error, OSError):
                        raise
                    # The client's word for a length other than the declared one.
                    discard(target)
                    raise TransientFailure(
                        f"Kaggle's storage sent something else instead of {file.name}",
                        "try again later",
                    ) from None
                return declared_md5(response.headers.get("x-goog-hash", ""))

    # --- the listing ------------------------------------------------------------------------

    def _list(self) -> _Listing:
        return self._patiently(self._list_once, f"data set {self.slug}")

    def _list_once(self) -> _Listing:
        from kagglesdk.datasets.types.dataset_api_service import (
            ApiGetDatasetRequest,
            ApiListDatasetFilesRequest,
        )

        owner, name = self.slug.split("/")
        with self._client().build_kaggle_client() as client:
            datasets = client.datasets.dataset_api_client
            wanted = ApiGetDatasetRequest()
            wanted.owner_slug, wanted.dataset_slug = owner, name
            dataset = datasets.get_dataset(wanted)
            files: list[SourceFile] = []
            page = ""
            while True:
                request = ApiListDatasetFilesRequest()
                request.owner_slug, request.dataset_slug = owner, name
                # Pinned, so that a version published between two pages cannot mix two sets.
                request.dataset_version_number = dataset.current_version_number
                request.page_size, request.page_token = self._page_size, page
                answer = datasets.list_dataset_files(request)
                files += [self._source_file(entry, dataset) for entry in answer.dataset_files or []]
                page = answer.next_page_token
                if not page:
                    return _Listing(dataset.current_version_number, tuple(files))

    def _source_file(self, entry: Any, dataset: Any) -> SourceFile:
        number = dataset.current_version_number
        made: datetime | None = entry.creation_date or dataset.last_updated
        when = f"{made:%Y-%m-%dT%H:%M:%SZ}" if made else "undated"
        return SourceFile(
            name=entry.name,
            version=f"kaggle:v{number}:{when}:{entry.total_bytes}",
            size=entry.total_bytes or None,
            location=f"https://www.kaggle.com/datasets/{self.slug}/versions/{number}"
            f"?select={entry.name}",
            shared_by=max(len(self._names.months_of(entry.name)), 1),
        )

    # --- calls ------------------------------------------------------------------------------

    def _client(self) -> Any:
        if self._api is None:
            self._api = log_in(self._login)
        return self._api

    def _patiently(self, call: Callable[[], T], wanted: str, growing: Path | None = None) -> T:
        def explained() -> T:
            try:
                return call()
            except Exception as error:
                failure: LakehouseError | None = explain(error, self.slug, wanted)
                if failure is None:
                    raise
            # Outside of the handler, so that the client's own text, which may hold a signed
            # address, is not attached to the failure as its context.
            raise failure

        return self._retries.run(explained, growing)


def _version_number(file: SourceFile) -> int:
    found = _VERSION.fullmatch(file.version)
    if found is None:
        raise ValueError(f"{file.name} was not found by a Kaggle source: version {file.version}")
    return int(found[1])


def _secret(value: SecretStr | str | None) -> SecretStr | None:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    return SecretStr(text) if text else None


def _enumerated(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:20]) or "none at all"
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20} more"
