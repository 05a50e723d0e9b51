"""What a file is that bears a data file's name and is none, by its first bytes.

Belongs here: kinds of files and the cure for each, and what operating systems put beside a file in
an archive. Stays out: unpacking (`unpack.py`), and headers of CSV files (`header.py`).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import PurePosixPath

#: Bytes that are looked at.
HEAD = 2048
_EXPORT = "save it as CSV (UTF-8)"
_AGAIN = "fetch {name} again from its source"
_UNPACK = "unpack it and deliver the CSV file that is in it, plain or as .gz or .zip"
_PICTURE = ("a picture", _AGAIN)
#: First bytes, what they are of, and the cure.
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (xls)", f"open it and {_EXPORT}"),
    (b"PAR1", "Parquet", f"{_EXPORT}, for instance: duckdb -c \"copy '{{name}}' to 'data.csv'\""),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV: sqlite3 -csv -header"),
    (b"ARROW1", "Arrow or Feather", _EXPORT),
    (b"FEA1", "Feather", _EXPORT),
    (b"Obj\x01", "Avro", _EXPORT),
    (b"ORC", "ORC", _EXPORT),
    (b"\x89HDF", "HDF5", _EXPORT),
    (b"\x93NUMPY", "a NumPy array", _EXPORT),
    (b"\x80\x04\x95", "a Python pickle", f"{_EXPORT}; pickles of strangers run code"),
    (b"\x80\x05\x95", "a Python pickle", f"{_EXPORT}; pickles of strangers run code"),
    (b"%PDF", "a PDF document", _AGAIN),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"BZh", "packed with bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "packed with xz", _UNPACK),
    (b"\x04\x22\x4d\x18", "packed with lz4", _UNPACK),
    (b"\x1f\x9d", "packed with compress", _UNPACK),
    (b"\x89PNG", *_PICTURE),
    (b"\xff\xd8\xff", *_PICTURE),
    (b"GIF8", *_PICTURE),
    (b"\x7fELF", "a program", _AGAIN),
)
_WEB = (b"<!doctype html", b"<html", b"<head")
_SYSTEM_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx"))
_TEXTS = ("readme", "license", "licence", "copying", "notice", "changelog", "authors", "about")
_TEXT_ENDINGS = frozenset(("", ".txt", ".md", ".rst", ".html", ".htm", ".pdf", ".rtf"))


def pretender(head: bytes, name: str, *, json: bool = False) -> tuple[str, str] | None:
    """What a file is that is not the wanted text, and the cure; None for what may be it.

    Args:
        head: its first bytes, not packed, `HEAD` of them or all.
        name: of the file.
        json: whether JSON is wanted; else a delimited text is.
    """
    found = _binary(head) or _text(head, json)
    return (found[0], found[1].replace("{name}", name)) if found else None


def workbook(members: Iterable[str]) -> tuple[str, str] | None:
    """What a ZIP archive is by its members where programs use one as their file; else None."""
    names = set(members)
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook (xlsx)", f"open it and {_EXPORT}"
    if "mimetype" in names and "content.xml" in names:
        return "an OpenDocument file (ods)", f"open it and {_EXPORT}"
    if "[Content_Types].xml" in names:
        return "an Office document", _EXPORT
    return None


def is_beside_the_data(member: str) -> bool:
    """Whether a file in an archive is an operating system's or tells about the archive alone."""
    path = PurePosixPath(member.replace("\\", "/"))
    if any(part.startswith((".", "~$")) or part.lower() in _SYSTEM_FILES for part in path.parts):
        return True
    stem = path.name.lower().removesuffix(path.suffix.lower())
    return path.suffix.lower() in _TEXT_ENDINGS and stem.startswith(_TEXTS)


def _binary(head: bytes) -> tuple[str, str] | None:
    has_bytes = any(byte < 9 or byte > 127 for byte in head)
    for magic, what, cure in _MAGIC:
        # A column may be called PAR1, or begin with ORC.
        if head.startswith(magic) and (has_bytes or not magic.isalnum()):
            return f"it is {what}", cure
    if head[8:12] == b"DUCK":
        return "it is a DuckDB database", "export the table as CSV with its command `copy`"
    if head[257:262] == b"ustar":
        return "it is a tar archive", _UNPACK
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "it is encoded in UTF-32", "convert it: iconv -f UTF-32 -t UTF-8 {name}"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is encoded in UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 {name}"
    return None


def _text(head: bytes, json: bool) -> tuple[str, str] | None:
    start = head.lstrip(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        return "it is empty", _AGAIN
    if start.startswith(b"version https://git-lfs.github.com"):
        what = "it is a Git LFS pointer, a few lines that stand for the file"
        return what, f"run `git lfs pull` where it came from, or {_AGAIN}"
    if start.startswith(_WEB) or b"<html" in start[:1000]:
        cure = f"log in to the source (for Kaggle: set the credentials) and {_AGAIN}"
        return "it is a web page, most likely a login page", cure
    if start.startswith((b"<?xml", b"<error", b"<rss", b"<soap")):
        return "it is XML, most likely an error message of the source", _AGAIN
    if not json and start.startswith((b"{", b"[{", b"[\n", b"[]")):
        what = "it is JSON, most likely an error message of the source"
        return what, f"{_AGAIN}; if it is the data: {_EXPORT}"
    if start.startswith((b"create table", b"insert into", b"-- mysql dump", b"-- postgresql")):
        return "it is a dump of SQL commands", f"load it into its database and {_EXPORT}"
    return None
