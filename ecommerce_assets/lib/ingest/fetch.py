"""A month's file from its source into the lake's `files` layer, as it was delivered.

Belongs here: skipping what is unchanged, keeping an unfinished download for the next try, and
writing down what arrived. Stays out: how a source is asked (`sources/`), and what is in the file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import (
    NotADataFile,
    SourceMissing,
    SourceSilent,
    TransientFailure,
)
from ecommerce_assets.lib.ingest.month_file import Delivery
from ecommerce_assets.lib.ingest.originals import NOTE, SHORT, Fetched, read_note, remove_unneeded
from ecommerce_assets.lib.ingest.unpack import first_look
from ecommerce_assets.lib.lake.slices import ALL_MONTHS, Slice
from ecommerce_assets.lib.locks import alone
from ecommerce_assets.lib.sources.protocol import TYPED, MonthlySource, Progress, SourceFile

#: How long a source that did not answer is left alone by other months: its own retries take a
#: quarter of a minute, and each of many months would wait for them.
SILENCE = timedelta(minutes=2)
#: Sources with a file for each month: one that is still being written says nothing of another.
MONTH_BY_MONTH = ("files", "sample")


def fetch_month(
    source: MonthlySource,
    slice_: Slice,
    downloads: Path,
    progress: Progress | None = None,
) -> tuple[Fetched, bool]:
    """Bring a month's file into the lake; gives what lies there and whether it is new.

    A file that all months share is fetched for the first of them and unchanged for the others.

    Args:
        source: asked for the file's version first; an unchanged one is not fetched again.
        slice_: the month.
        downloads: a folder that outlives the process, so that a download can be resumed.
        progress: called with bytes done and bytes in all.

    Raises:
        SourceMissing: the source has no file for the month.
        NotADataFile: its first bytes show that what came is none, such as a web page.
        SourceSilent: it did not answer another month a moment ago.
        LakehouseError: as the source's `find` and `fetch`.
    """
    contract, lake = slice_.contract, slice_.lake
    offered = _find(source, slice_.month, silence_note(downloads, contract))
    version = f"{source.kind}:{offered.version}"
    held = ALL_MONTHS if contract.shared_file else slice_.key.words
    home = downloads / contract.domain / contract.table / held
    # Months that share a file may be fetched at once: the others wait for the first one's.
    with alone(home.with_name(f"{held}.lock")):
        before = fetched(slice_)
        if before and before.version == version and lake.exists(before.key):
            return before, False
        folder = home / source.kind
        folder.mkdir(parents=True, exist_ok=True)
        path = source.fetch(offered, folder, progress)
        try:
            if path.suffix != TYPED:  # which its own footer tells
                first_look(path, json=contract.form == "json")
        except NotADataFile:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        result = _publish(source, offered, version, path, slice_)
        shutil.rmtree(folder, ignore_errors=True)
    return result, True


def silence_note(downloads: Path, contract: TableContract) -> Path:
    """Where it is written down that a table's source did not answer; deleted when it does."""
    return downloads / contract.domain / contract.table / "silent.json"


def _find(source: MonthlySource, month: date, note: Path) -> SourceFile:
    """What the source offers for a month, unless it was silent a moment ago."""
    if source.kind in MONTH_BY_MONTH:
        return source.find(month)
    now = datetime.now(UTC)
    try:
        asked, message, cure = json.loads(note.read_text(encoding="utf-8"))
        until = datetime.fromisoformat(asked) + SILENCE
    except (FileNotFoundError, ValueError):
        until, message, cure = now, "", ""
    if now < until <= now + SILENCE:
        raise SourceSilent(f"{message}; not asked again before {until:%H:%M:%S} UTC", cure)
    try:
        offered = source.find(month)
    except TransientFailure as failure:
        note.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([datetime.now(UTC).isoformat(), failure.message, failure.cure])
        note.write_text(text, encoding="utf-8")
        raise
    note.unlink(missing_ok=True)
    return offered


def _publish(
    source: MonthlySource,
    offered: SourceFile,
    version: str,
    path: Path,
    slice_: Slice,
) -> Fetched:
    """Put a fetched file and its note into the lake.

    The original that the lake was published from stays beside it until this one is published.
    """
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    size = path.stat().st_size
    lake, home = slice_.lake, slice_.files
    # The checksum is part of the name: the note never speaks of another file than its own.
    key = f"{home}/{sha256[:SHORT]}/{path.name}"
    result = Fetched(
        key=key,
        name=path.name,
        kind=source.kind,
        version=version,
        sha256=sha256,
        size=size,
        location=offered.location,
        fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with lake.staging() as staging, lake.alone(home):
        staged = staging / path.name
        _move(path, staged)
        lake.publish(staged, key)
        lake.publish_json(asdict(result), f"{home}/{NOTE}")
        remove_unneeded(lake, home)
    return result


def fetched(slice_: Slice) -> Fetched | None:
    """What lies in the `files` layer for a slice, if anything does."""
    return read_note(slice_.lake, f"{slice_.files}/{NOTE}")


@contextmanager
def open_delivery(slice_: Slice) -> Iterator[Delivery]:
    """A slice's fetched file on local disk.

    Raises:
        SourceMissing: nothing was fetched for it.
    """
    note, contract = fetched(slice_), slice_.contract
    if note is None:
        raise SourceMissing(
            f"the file of {contract.dataset} for {slice_.key.words} was never fetched",
            f"materialise {contract.domain}/files/{contract.table} of that month first",
        )
    with slice_.lake.local_copy(note.key) as path:
        yield Delivery(path, note.name, note.version, note.sha256)


def _move(path: Path, target: Path) -> None:
    try:
        path.replace(target)
    except OSError:  # another disk
        shutil.move(path, target)
