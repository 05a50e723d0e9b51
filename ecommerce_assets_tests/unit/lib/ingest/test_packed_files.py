"""Archives: a whole one is read wherever it bears its name; a damaged one never is."""

from __future__ import annotations

import gzip
import random
import zipfile
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import LakehouseError, NotADataFile
from ecommerce_assets.lib.ingest.text import open_text
from ecommerce_assets_tests.support.builders import csv, lake_files, lines, load, pack, published

PLAIN = csv(lines(400))
ZIP, GZIP = pack({"2019-Oct.csv": PLAIN}), gzip.compress(PLAIN, mtime=0)
DIRECTORY = ZIP.index(b"PK\x01\x02")


def with_size(declared: int) -> bytes:
    packed = bytearray(ZIP)
    packed[DIRECTORY + 24 : DIRECTORY + 28] = declared.to_bytes(4, "little")
    return bytes(packed)


def with_changed_byte(packed: bytes, place: int) -> bytes:
    return packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]


def with_flag(flag: int) -> bytes:
    packed = bytearray(ZIP)
    packed[DIRECTORY + 8] |= flag
    return bytes(packed)


STORED = pack({"2019-Oct.csv": PLAIN}, zipfile.ZIP_STORED)
REFUSED = {
    "half a zip": (ZIP[: len(ZIP) // 2], "the archive is cut off or damaged"),
    "zip without its end": (ZIP[:-1], "the archive is cut off or damaged"),
    "start of a zip": (ZIP[:4], "the archive is cut off or damaged"),
    "one wrong byte": (with_changed_byte(STORED, 5000), "checksum (CRC) does not match"),
    "directory says less": (with_size(100), "declares 100 bytes and holds more"),
    "directory says more": (with_size(len(PLAIN) + 1), f"and holds {len(PLAIN):,}"),
    "directory says a bomb": (with_size(2**32 - 2), "inflates to more than"),
    "encrypted": (with_flag(1), "the archive is encrypted"),
    "member above": (pack({"../evil.csv": PLAIN}), "'../evil.csv' points outside"),
    "member above, Windows": (pack({"..\\evil.csv": PLAIN}), "points outside"),
    "member at the root": (pack({"/etc/evil.csv": PLAIN}), "'/etc/evil.csv' points outside"),
    "member on a drive": (pack({"C:/evil.csv": PLAIN}), "points outside"),
    "evil beside the file": (pack({"2019-Oct.csv": PLAIN, "../x": b""}), "'../x' points outside"),
    "two files": (
        pack({"a.csv": PLAIN, "b.csv": PLAIN}),
        "exactly one .csv, it holds a.csv, b.csv",
    ),
    "no file": (pack({"readme.txt": b"x"}), "exactly one .csv, it holds readme.txt"),
    "nothing": (pack({}), "exactly one .csv, it holds nothing"),
    "zip in a zip": (pack({"2019-Oct.csv.zip": ZIP}), "exactly one .csv"),
    "zip called csv in a zip": (pack({"2019-Oct.csv": ZIP}), "an archive inside an archive"),
    "gzip in a gzip": (gzip.compress(GZIP), "an archive inside an archive"),
    "page in a zip": (pack({"2019-Oct.csv": b"<html>Sign in"}), "it is a web page"),
    "empty file in a zip": (pack({"2019-Oct.csv": b""}), "it is empty"),
    "other compression": (pack({"a.csv": PLAIN}, zipfile.ZIP_LZMA), "neither deflate nor none"),
    "half a gzip": (GZIP[: len(GZIP) // 2], "gzip stream is cut off or damaged"),
    "gzip without its end": (GZIP[:-1], "gzip stream is cut off or damaged"),
    "damaged gzip": (with_changed_byte(GZIP, len(GZIP) // 2), "gzip stream is cut off or damaged"),
    "wrong gzip checksum": (with_changed_byte(GZIP, len(GZIP) - 6), "gzip stream is cut off"),
    "empty file in a gzip": (gzip.compress(b""), "it is empty"),
    "page in a gzip": (gzip.compress(b"<html>Sign in"), "it is a web page"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_or_foreign_archive_is_refused(
    tmp_path: Path, loaded: dict[str, bytes], case: str
) -> None:
    data, what = REFUSED[case]
    name = "2019-Oct.csv.gz" if "gzip" in case else "2019-Oct.zip"
    with pytest.raises(NotADataFile) as caught:
        load(tmp_path, data, name=name, max_bytes=10**9)
    assert caught.value.message.startswith(f"{name} is not a data file: ")
    assert what in caught.value.message
    assert caught.value.cure
    assert lake_files(tmp_path) == loaded, "the published month is untouched, nothing is staged"
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("name", ["2019-Oct.csv", "2019-Oct.zip", "2019-Oct.csv.gz"])
@pytest.mark.parametrize(
    "data",
    [ZIP, STORED, GZIP, GZIP + gzip.compress(b""), pack({"x/2019-Oct.csv": PLAIN})],
    ids=["zip", "stored zip", "gzip", "gzip of two parts", "zip with a folder"],
)
def test_a_whole_archive_is_read_whatever_it_is_called(
    tmp_path: Path, data: bytes, name: str
) -> None:
    if name.endswith(".zip") and data.startswith(b"\x1f"):
        with pytest.raises(NotADataFile, match="not a zip archive"):
            load(tmp_path, data, name=name)
        return
    assert load(tmp_path, data, name=name).rows_accepted == 400
    assert published(tmp_path)[399]["product_id"] == 5_000_399


def test_what_a_mac_puts_beside_the_file_is_overlooked(tmp_path: Path) -> None:
    packed = pack({"2019-Oct.csv": PLAIN, "__MACOSX/._2019-Oct.csv": b"x"})
    assert load(tmp_path, packed, name="2019-Oct.zip").rows_accepted == 400


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    zeros = b"a" * (80 << 20)
    declared = pack({"2019-Oct.csv": zeros})
    with pytest.raises(NotADataFile, match="inflate to more than 200 times as much"):
        load(tmp_path, declared, name="2019-Oct.zip")
    with pytest.raises(NotADataFile, match="inflates to more than 70,000,000 bytes"):
        load(tmp_path, declared, name="2019-Oct.zip", max_bytes=70_000_000)
    with pytest.raises(NotADataFile, match="its first line never ends"):
        load(tmp_path, gzip.compress(zeros, 1), name="2019-Oct.csv.gz")
    assert lake_files(tmp_path) == {}


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_any_cut_or_changed_byte_is_refused_or_does_no_harm(tmp_path: Path, kind: str) -> None:
    whole = {"zip": ZIP, "gz": GZIP}[kind]
    chance = random.Random(7)
    refused = 0
    for turn in range(100):
        place = (
            chance.randrange(len(whole) - 120 * (turn % 2), len(whole))
            if turn % 2
            else (chance.randrange(len(whole)))
        )
        for data in (whole[:place], with_changed_byte(whole, place)):
            path = tmp_path / f"2019-Oct.csv.{kind}"
            path.write_bytes(data)
            try:
                text = open_text(path, tmp_path, max_bytes=10**7)
                assert text.path.read_bytes() == PLAIN
            except LakehouseError as error:
                refused += 1
                assert path.name in str(error)
    assert refused > 100
