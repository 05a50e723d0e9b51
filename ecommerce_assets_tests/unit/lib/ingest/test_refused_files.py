"""What is not a data file is refused by name, with a cure, and leaves the lake as it was."""

from __future__ import annotations

import codecs
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import LakehouseError, NotADataFile
from ecommerce_assets_tests.support.builders import (
    HEADER,
    csv,
    lake_files,
    line,
    lines,
    load,
    quarantined,
)

WINDOWS = csv(lines(5)).replace(b"runail", "café".encode("cp1252"), 2)
MEANT_FOR_PEOPLE = {
    "empty": (b"", "it is empty", "fetch 2019-Oct.csv again"),
    "only blanks": (b" \n\r\n\n", "it is empty", "fetch 2019-Oct.csv again"),
    "LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:d87b\nsize 482542278\n",
        "it is a Git LFS pointer",
        "git lfs pull",
    ),
    "web page": (b"\n\n<!DOCTYPE html>\n<html><body>Sign in", "it is a web page", "log in"),
    "page without type": (b"<!-- x --><HTML><body>Sign in", "it is a web page", "log in"),
    "JSON error": (b'{"code":403,"message":"Forbidden"}', "it is JSON", "fetch 2019-Oct.csv again"),
    "header only": (HEADER.encode() + b"\n", "a header and no rows", "fetch 2019-Oct.csv again"),
    "header without end": (HEADER.encode(), "a header and no rows", "fetch 2019-Oct.csv again"),
    "header and blanks": (csv([]) + b"\n\r\n", "a header and no rows", "fetch 2019-Oct.csv again"),
    "UTF-16": (
        codecs.BOM_UTF16_LE + csv(lines(3)).decode().encode("utf-16-le"),
        "it is encoded in UTF-16",
        "iconv -f UTF-16 -t UTF-8 2019-Oct.csv",
    ),
    "UTF-16 without mark": (
        csv(lines(3)).decode().encode("utf-16-le"),
        "a NUL byte in line 1: it is UTF-16LE without a mark",
        "convert it to UTF-8: iconv -f UTF-16LE -t UTF-8 2019-Oct.csv",
    ),
    "UTF-16 of the other order": (
        csv(lines(3)).decode().encode("utf-16-be"),
        "a NUL byte in line 1: it is UTF-16BE without a mark",
        "iconv -f UTF-16BE",
    ),
    "a NUL byte in the header": (
        csv(lines(3)).replace(b"brand", b"bra\0nd"),
        "a NUL byte in line 1: it is binary or damaged",
        "tr -d '\\000' < 2019-Oct.csv",
    ),
    "a carriage return in the header": (
        csv(lines(3)).replace(b"brand", b"bra\rnd"),
        "line 1 holds a carriage return in its middle",
        "tr -d '\\r' < 2019-Oct.csv",
    ),
    "Windows-1252": (
        WINDOWS,
        "line 2 and 1 more are not UTF-8",
        "iconv -f WINDOWS-1252 -t UTF-8 2019-Oct.csv",
    ),
    "old Mac line ends": (
        csv(lines(3), end="\r"),
        "line 1 holds a carriage return",
        "tr '\\r' '\\n'",
    ),
    "endless first line": (b"x" * 200_000, "its first line never ends", "fetch 2019-Oct.csv again"),
    "nothing to accept": (csv(["x", "y"]), "has no row that keeps the contract", "right file"),
    "a cut row alone": (csv([line(0)])[:-20], "no row that keeps the contract", "right file"),
}


@pytest.mark.parametrize("case", MEANT_FOR_PEOPLE)
def test_it_is_refused_with_name_and_cure(
    tmp_path: Path, loaded: dict[str, bytes], case: str
) -> None:
    data, what, cure = MEANT_FOR_PEOPLE[case]
    with pytest.raises(NotADataFile) as caught:
        load(tmp_path, data)
    assert caught.value.message.startswith("2019-Oct.csv ")
    assert what in caught.value.message
    assert cure in caught.value.cure
    assert lake_files(tmp_path) == loaded, "the published month is untouched, nothing is staged"


def test_nothing_is_published_where_nothing_was(tmp_path: Path) -> None:
    for data, _, _ in MEANT_FOR_PEOPLE.values():
        with pytest.raises(NotADataFile):
            load(tmp_path, data)
    assert lake_files(tmp_path) == {}


def test_another_months_file_is_refused(tmp_path: Path, loaded: dict[str, bytes]) -> None:
    with pytest.raises(NotADataFile, match=r"2019-Oct\.csv is another month's file") as caught:
        load(tmp_path, csv([*lines(4), "junk"]), month=date(2019, 11, 1))
    assert "4 of its 5 rows lie outside 2019-11" in caught.value.message
    assert "deliver the file of 2019-11" in caught.value.cure
    assert lake_files(tmp_path) == loaded


def test_half_a_month_outside_is_quarantine_and_no_refusal(tmp_path: Path) -> None:
    outside = [line(n, event_time="2019-11-01 00:00:00 UTC") for n in range(4)]
    result = load(tmp_path, csv([*lines(4), *outside]))
    assert result.reasons == {"outside_month:event_time": 4}


def test_the_line_of_a_wrong_byte_is_found_deep_in_the_file(tmp_path: Path) -> None:
    result = load(tmp_path, csv(lines(60_000)) + b"caf\xe9\n")
    assert (result.rows_accepted, result.reasons) == (60_000, {"wrong_encoding": 1})
    assert quarantined(tmp_path, result)[0]["line"] == 60_002


def test_a_file_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakehouseError, match="more than 1,000 bytes") as caught:
        load(tmp_path, csv(lines(50)), max_bytes=1000)
    assert "ECOMMERCE_MAX_FILE_BYTES" in caught.value.cure
