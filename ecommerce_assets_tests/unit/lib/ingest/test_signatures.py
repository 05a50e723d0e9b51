"""A file of a known kind under a data file's name is called by its name, packed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.fetch import fetch_month
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    HEADER,
    MONTH,
    csv,
    files_in,
    lake_at,
    lines,
    load,
    pack,
)
from ecommerce_assets_tests.unit.lib.ingest.test_fetch import Shelf

PLAIN = csv(lines(20))
TABLE = pa.table({"a": list(range(2000))})


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


def arrow() -> bytes:
    out = io.BytesIO()
    feather.write_feather(TABLE, out)
    return out.getvalue()


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("2019-Oct.csv"))
    return out.getvalue()


def workbook() -> bytes:
    return pack({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})


def sqlite(folder: Path) -> bytes:
    with sqlite3.connect(folder / "db") as database:
        database.execute("create table events (a)")
    return (folder / "db").read_bytes()


def duck(folder: Path) -> bytes:
    duckdb.connect(str(folder / "duck")).close()
    return (folder / "duck").read_bytes()


KINDS: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "xlsx": (lambda _: workbook(), "an Excel workbook"),
    "xls": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Excel workbook"),
    "Parquet": (lambda _: parquet(), "Parquet"),
    "Feather": (lambda _: arrow(), "Arrow or Feather"),
    "SQLite": (sqlite, "an SQLite database"),
    "DuckDB": (duck, "a DuckDB database"),
    "PDF": (lambda _: b"%PDF-1.7\n%\xe2\xe3\n", "a PDF document"),
    "zstd": (lambda _: pa.compress(PLAIN, "zstd", asbytes=True), "packed with zstd"),
    "bzip2": (lambda _: bz2.compress(PLAIN), "packed with bzip2"),
    "7z": (lambda _: b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
    "RAR": (lambda _: b"Rar!\x1a\x07\x01\0", "a RAR archive"),
    "tar": (lambda _: tar(), "a tar archive"),
    "PNG": (lambda _: b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "web page": (lambda _: b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "a web page"),
    "XML": (lambda _: b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "XML, most likely"),
    "JSON": (lambda _: b'{"error": "rate limit"}', "JSON, most likely an error"),
    "JSON lines": (lambda _: b'[{"event_time": 1}]', "JSON, most likely an error"),
    "SQL": (lambda _: b"CREATE TABLE events (a int);\n", "a dump of SQL commands"),
    "LFS pointer": (
        lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:d8\n",
        "a Git LFS pointer",
    ),
    "UTF-16": (lambda _: PLAIN.decode().encode("utf-16"), "encoded in UTF-16"),
    "UTF-32": (lambda _: PLAIN.decode().encode("utf-32"), "encoded in UTF-32"),
    "nothing": (lambda _: b"", "empty"),
}
PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("2019-Oct.csv", bytes),
    "zip": ("2019-Oct.zip", lambda data: pack({"2019-Oct.csv": data})),
    "gz": ("2019-Oct.csv.gz", lambda data: gzip.compress(data)),
}


@pytest.mark.parametrize("packed", PACKED)
def test_it_is_called_by_its_name_where_it_is_fetched_and_where_it_is_read(
    tmp_path: Path, packed: str
) -> None:
    name, pack_it = PACKED[packed]
    for number, (kind, (make, what)) in enumerate(KINDS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        data = pack_it(make(folder))
        with pytest.raises(NotADataFile) as read:
            load(folder, data, name=name)
        assert read.value.message.startswith(f"{name} is not a data file: it is {what}"), kind
        assert read.value.cure, kind
        shelf = Shelf(data)
        shelf.name = name
        with pytest.raises(NotADataFile) as fetched:
            fetch_month(shelf, Slice(lake_at(folder), EVENTS, Month(MONTH)), folder / "downloads")
        assert str(fetched.value) == str(read.value), kind
        assert files_in(folder / "lake") == {} and files_in(folder / "downloads") == {}


def test_a_file_that_is_refused_when_fetched_leaves_the_one_before(tmp_path: Path) -> None:
    lake, downloads = lake_at(tmp_path), tmp_path / "downloads"
    fetch_month(Shelf(PLAIN), Slice(lake, EVENTS, Month(MONTH)), downloads)
    before = files_in(tmp_path / "lake")
    with pytest.raises(NotADataFile, match="it is a web page"):
        fetch_month(Shelf(b"<html>Sign in", "2"), Slice(lake, EVENTS, Month(MONTH)), downloads)
    assert files_in(tmp_path / "lake") == before


@pytest.mark.parametrize(
    ("name", "data", "what", "cure"),
    [
        ("2019-Oct.csv.gz", PLAIN, "plain text and not packed, as .gz says", "2019-Oct.csv"),
        ("2019-Oct.csv.zip", PLAIN, "plain text and not packed, as .zip says", "2019-Oct.csv"),
        ("2019-Oct.csv.zip", gzip.compress(PLAIN), "gzip and not a zip", "2019-Oct.csv.gz"),
    ],
)
def test_a_name_that_is_not_the_files_is_said(
    tmp_path: Path, name: str, data: bytes, what: str, cure: str
) -> None:
    with pytest.raises(NotADataFile, match=f"it is {what}") as caught:
        load(tmp_path, data, name=name)
    assert caught.value.cure.startswith(f"name it {cure}, as it is")


SYSTEM = [
    ".DS_Store",
    "data/.DS_Store",
    "__MACOSX/data/._2019-Oct.csv",
    "._2019-Oct.csv",
    "Thumbs.db",
    "data\\desktop.ini",
    ".git/config",
    "README.txt",
    "readme.md",
    "data/LICENSE",
    "License.pdf",
    "~$2019-Oct.csv",
]


def test_what_systems_and_people_put_beside_the_file_is_overlooked(tmp_path: Path) -> None:
    packed = pack(dict.fromkeys(SYSTEM, b"\0\0\0\1Bud1") | {"data/2019-Oct.csv": PLAIN})
    assert load(tmp_path, packed, name="2019-Oct.csv.zip").rows_accepted == 20


@pytest.mark.parametrize(
    ("members", "held"),
    [
        ({"data/a.csv": PLAIN, "b.csv": PLAIN, ".DS_Store": b"x"}, "data/a.csv, b.csv"),
        ({"a.csv": PLAIN, "notes.txt": b"x"}, "a.csv, notes.txt"),
        ({".DS_Store": b"x", "README.txt": b"x"}, ".DS_Store, README.txt"),
    ],
)
def test_what_is_no_such_file_counts_and_is_named(
    tmp_path: Path, members: dict[str, bytes], held: str
) -> None:
    with pytest.raises(NotADataFile, match="must hold exactly one") as caught:
        load(tmp_path, pack(members), name="2019-Oct.csv.zip")
    assert caught.value.message.endswith(f"it holds {held}")


def test_an_archive_with_a_password_says_so(tmp_path: Path) -> None:
    packed = bytearray(pack({"2019-Oct.csv": PLAIN}, zipfile.ZIP_STORED))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(NotADataFile, match="the archive is encrypted") as caught:
        load(tmp_path, bytes(packed), name="2019-Oct.csv.zip")
    assert "unpack it with its password" in caught.value.cure


@pytest.mark.parametrize("name", ["PAR1", "ORCHID", "BZh", "GIF89"])
def test_a_column_may_be_called_as_a_kind_of_file_begins(tmp_path: Path, name: str) -> None:
    texts = [f"x,{text}" for text in lines(5)]
    result = load(tmp_path, csv(texts, f"{name},{HEADER}"))
    assert (result.rows_accepted, result.unknown_columns) == (5, [name])
