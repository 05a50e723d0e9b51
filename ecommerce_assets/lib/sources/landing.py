"""Monthly files that people or other systems drop into a landing folder.

Belongs here: recognising the files, telling versions apart, and copying one that is at rest.
Stays out: how a source other than a folder is asked, and what is inside a file.
"""

import logging
import os
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from ecommerce_assets.lib.failures import SourceAmbiguous, SourceMissing, TransientFailure
from ecommerce_assets.lib.sources.protocol import (
    SPELLINGS,
    FileNames,
    MonthlyNames,
    Progress,
    SourceFile,
)
from ecommerce_assets.lib.sources.work_folder import publish, work_folder

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 20
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart")
# What object stores call the identity of an object's content, the surest first.
_IDENTITIES = ("generation", "ETag", "etag", "md5Hash", "mtime", "LastModified", "updated")


@dataclass(frozen=True)
class _Seen:
    """What one look at the folder found."""

    months: dict[date, list[SourceFile]]
    misspelt: dict[date, str]
    others: list[str]


class LandingFolder:
    """A folder of monthly files as a source (`MonthlySource`).

    A month is `2019-Oct.csv`, `2019-Oct.csv.gz`, `2019-Oct.csv.zip` or `2019-Oct.zip`, unless
    other names are given. Hidden files and those that a copy or a browser has not finished
    (`.part`, `.tmp`, `.crdownload`) do not count.

    Attributes:
        kind: Always `files`.
        root: The folder as it was given, a path or an address such as `gs://bucket/landing`.
    """

    kind: str = "files"

    def __init__(
        self, root: Path | str, names: FileNames | None = None, **storage_options: Any
    ) -> None:
        """Describe the folder; nothing is read, and it need not exist yet.

        Args:
            root: A local path, or any address that fsspec knows.
            names: Which months a file stands for; default: a file a month.
            storage_options: Passed to fsspec, for instance credentials.
        """
        self.root = str(root)
        self._names = names or MonthlyNames()
        self._storage_options = storage_options

    def __repr__(self) -> str:
        return f"LandingFolder({self.root!r})"

    def find(self, month: date) -> SourceFile:
        """Return the month's file.

        Raises:
            SourceMissing: It is not there, or the folder is not.
            SourceAmbiguous: It is there in more than one spelling.
        """
        seen = self._look()
        if seen is None:
            raise SourceMissing(
                f"the landing folder {self._shown()} does not exist, so there is no "
                f"{self._names.name_of(month)} in it",
                f"make the folder and put the file there, spelled {self._spelled(month)}",
            )
        found = seen.months.get(month, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise SourceAmbiguous(*self._ambiguous(found))
        raise SourceMissing(
            f"there is no {self._shown(self._names.name_of(month))}; "
            f"{self._lying_there(month, seen)}",
            f"rename {seen.misspelt[month]} to {self._proper_name(month, seen.misspelt[month])}"
            if month in seen.misspelt
            else f"put the file there, spelled {self._spelled(month)}",
        )

    def available(self) -> dict[date, SourceFile]:
        """Return the months that can be fetched, oldest first; none if there is no folder.

        A month that is there twice or misspelt is left out, so that it does not hold up the
        others: `problems` names it, and so does the log.
        """
        seen = self._look()
        if seen is None:
            return {}
        for problem in self._problems(seen):
            logger.warning("%s", problem)
        return {m: files[0] for m, files in sorted(seen.months.items()) if len(files) == 1}

    def problems(self) -> list[str]:
        """Return, in plain words, why files that look like a month's are not taken."""
        seen = self._look()
        return self._problems(seen) if seen else []

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Copy the file into `folder`, provided that nobody changes it meanwhile.

        Args:
            file: What `find` or `available` returned.
            folder: Where the copy goes, made if need be.
            progress: Told the bytes copied and the size, after each mebibyte.

        Raises:
            SourceMissing: The file is no longer there.
            TransientFailure: It changed since it was found or during the copy.
        """
        filesystem, base = self._filesystem()
        path = f"{base}/{file.name}"
        with work_folder(folder, file.name, file.version) as work:
            part = work / f"{file.name}.part"
            try:
                self._require_unchanged(filesystem, path, file)
                copied = _copy(filesystem, path, part, file.size, progress)
                self._require_unchanged(filesystem, path, file)
                if file.size not in (None, copied):
                    raise _still_written(self._shown(file.name))
                return publish(part, folder / file.name)
            finally:
                part.unlink(missing_ok=True)

    # --- looking ----------------------------------------------------------------------------

    def _look(self) -> _Seen | None:
        filesystem, base = self._filesystem()
        try:
            entries = filesystem.ls(base, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        seen = _Seen({}, {}, [])
        for entry in sorted(entries, key=lambda entry: str(entry["name"])):
            name = PurePosixPath(str(entry["name"]).replace("\\", "/")).name
            if entry["type"] != "file" or not _at_rest(name):
                continue
            months = self._names.months_of(name)
            if months:
                file = self._source_file(filesystem, entry, name, len(months))
                for month in months:
                    seen.months.setdefault(month, []).append(file)
            elif loose := self._names.probably(name):
                seen.misspelt.setdefault(loose, name)
            else:
                seen.others.append(name)
        return seen

    def _filesystem(self) -> tuple[Any, str]:
        filesystem, base = fsspec.core.url_to_fs(self.root, **self._storage_options)
        # Some file systems remember listings; a sensor has to see what has landed since.
        filesystem.invalidate_cache()
        return filesystem, base.rstrip("/")

    def _source_file(
        self, filesystem: Any, entry: dict[str, Any], name: str, months: int = 1
    ) -> SourceFile:
        size = entry.get("size")
        return SourceFile(
            name=name,
            version=f"file:{size}:{_identity(filesystem, entry)}",
            size=size,
            location=self._shown(name),
            shared_by=months,
        )

    def _require_unchanged(self, filesystem: Any, path: str, file: SourceFile) -> None:
        filesystem.invalidate_cache()
        try:
            entry = filesystem.info(path)
        except FileNotFoundError:
            raise SourceMissing(
                f"{self._shown(file.name)} was there a moment ago and is gone",
                "put it back, then start this step again",
            ) from None
        if self._source_file(filesystem, entry, file.name).version != file.version:
            raise _still_written(self._shown(file.name))

    # --- words ------------------------------------------------------------------------------

    def _shown(self, name: str | None = None) -> str:
        root = self.root if "://" in self.root else str(Path(self.root).absolute())
        return f"{root.rstrip('/')}/{name}" if name else root

    def _problems(self, seen: _Seen) -> list[str]:
        double = dict.fromkeys(  # a shared file is twice there for all its months
            "{} — what to do: {}".format(*self._ambiguous(files))
            for _, files in sorted(seen.months.items())
            if len(files) > 1
        )
        misspelt = [
            f"{self._shown(name)} is not taken — what to do: rename it to "
            f"{self._proper_name(month, name)}"
            for month, name in sorted(seen.misspelt.items())
        ]
        return [*double, *misspelt]

    def _ambiguous(self, files: list[SourceFile]) -> tuple[str, str]:
        names = " and ".join(file.name for file in files)
        return (
            f"one month lies in {self._shown()} {len(files)} times: {names}",
            "keep the right one and move the others out of the folder",
        )

    def _spelled(self, month: date) -> str:
        stem = self._names.name_of(month).removesuffix(".csv")
        *first, last = [stem + ending for ending in SPELLINGS]
        return f"{', '.join(first)} or {last}"

    def _proper_name(self, month: date, name: str) -> str:
        stem = self._names.name_of(month).removesuffix(".csv")
        return stem + name[len(stem) :].lower()

    def _lying_there(self, month: date, seen: _Seen) -> str:
        if month in seen.misspelt:
            return f"{seen.misspelt[month]} lies there, and upper and lower case have to be exact"
        landed = [file.name for files in seen.months.values() for file in files]
        # A shared file lies there once, although it stands for many months.
        names = list(dict.fromkeys([*landed, *seen.misspelt.values(), *seen.others]))
        if not names:
            return "the folder is empty"
        near = get_close_matches(self._names.name_of(month), names, n=5, cutoff=0.0)
        rest = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
        return f"what lies there: {', '.join(near)}{rest}"


def _copy(
    filesystem: Any, path: str, part: Path, total: int | None, progress: Progress | None
) -> int:
    copied = 0
    with filesystem.open(path, "rb") as source, part.open("wb") as target:
        while piece := source.read(_CHUNK_BYTES):
            target.write(piece)
            copied += len(piece)
            if progress is not None:
                progress(copied, total)
            if total is not None and copied > total:
                # It grows while it is read; chasing its end might never come to one.
                break
    return copied


def _at_rest(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith(_UNFINISHED)


def _identity(filesystem: Any, entry: dict[str, Any]) -> str:
    if "file" in _protocols(filesystem):
        # fsspec's own figure is a rounded float, too coarse to see a file being written.
        return str(os.stat(entry["name"]).st_mtime_ns)  # noqa: PTH116
    for key in _IDENTITIES:
        if entry.get(key) is not None:
            return str(entry[key])
    return str(filesystem.modified(entry["name"]).isoformat())


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _still_written(shown: str) -> TransientFailure:
    return TransientFailure(
        f"{shown} is still being written: it changed while it was copied",
        "wait until the copy into the landing folder is complete. To be safe, write under a name "
        "that ends in .part and rename the file when it is whole",
    )
