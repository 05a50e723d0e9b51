"""Encodings and quotes are undone line by line, whatever the pieces in which a text comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.dialect import SEPARATOR, Dialect
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.inflate import MAX_LINE
from ecommerce_assets_tests.shared_files import unquoted

RETAIL = Dialect("windows-1252", ",", '"')
UTF8 = Dialect("utf-8", ",", '"')
FILE = Path("data.csv")
values = st.lists(st.text("ab\",; £\t'", max_size=6), min_size=2, max_size=5)
lines = st.text('ab,"" £', max_size=12)


def pieces(data: bytes, cuts: list[int]) -> Iterator[tuple[bytes, bool]]:
    at = 0
    for cut in sorted({*(c % (len(data) + 1) for c in cuts), len(data)}):
        if cut > at:
            yield data[at:cut], False
            at = cut


def plain(dialect: Dialect, data: bytes, cuts: list[int] | None = None) -> str:
    found = b"".join(text for text, _ in dialect.plain(FILE, pieces(data, cuts or [])))
    return found.decode()


@given(values)
def test_a_line_without_needless_quotes_is_written_back_as_it_came(row: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row)
    assert RETAIL.plain_line(out.getvalue()) == SEPARATOR.join(row)
    assert RETAIL.written(SEPARATOR.join(row)) == out.getvalue()


@given(values)
def test_needless_quotes_change_no_value(row: list[str]) -> None:
    line = ",".join('"' + value.replace('"', '""') + '"' for value in row)
    assert RETAIL.plain_line(line) == SEPARATOR.join(row)


@given(lines)
def test_a_line_is_read_as_the_standard_says_or_left_as_it_is(line: str) -> None:
    found, wanted = RETAIL.plain_line(line), unquoted(line)
    left = wanted is None or len(wanted) < 2
    assert found == (line if left else SEPARATOR.join(wanted or []))
    if left:
        assert RETAIL.written(found) == line
    assert RETAIL.plain_line(RETAIL.written(found)) == found, "a replay reads the same values"


@given(st.lists(lines), st.lists(st.integers(0, 500)), st.booleans())
def test_the_pieces_of_a_text_do_not_matter(texts: list[str], cuts: list[int], ended: bool) -> None:
    data = ("\n".join(texts) + "\n" * ended).encode("cp1252")
    whole = "\n".join(RETAIL.plain_line(text) for text in texts) + "\n" * ended
    assert plain(RETAIL, data, cuts) == whole


def test_one_stray_quote_harms_its_own_line_alone() -> None:
    assert plain(RETAIL, b'a,b\nc,"d\ne,f\n') == 'a\x1fb\nc,"d\ne\x1ff\n'


def test_a_row_inside_one_pair_of_quotes_is_no_row() -> None:
    assert RETAIL.plain_line('"a,b,c"') == RETAIL.written('"a,b,c"') == '"a,b,c"'


def test_a_plain_dialect_reads_and_writes_lines_as_they_are() -> None:
    kz = Dialect()
    assert kz.is_plain and kz.separator == ","
    assert not RETAIL.is_plain and RETAIL.separator == SEPARATOR
    assert not Dialect("windows-1252").is_plain and Dialect("windows-1252").separator == ","
    assert Dialect("UTF8").is_plain, "however the encoding is spelled"
    assert kz.plain_line('a,"b') == kz.written('a,"b') == 'a,"b'


def test_windows_1252_without_quotes_keeps_its_delimiter() -> None:
    assert plain(Dialect("windows-1252", ";"), b'\xa31;"x\n') == '£1;"x\n'


@pytest.mark.parametrize("cuts", [[], [2, 7, 8, 9, 20]])
def test_utf_8_under_another_encoding_is_refused_by_its_line(cuts: list[int]) -> None:
    with pytest.raises(NotADataFile, match=r"data\.csv .* line 3 is UTF-8") as caught:
        plain(RETAIL, "a,b\nc,d\ne,£\n".encode(), cuts)
    assert caught.value.cure == "convert it: iconv -f UTF-8 -t WINDOWS-1252 data.csv"


@pytest.mark.parametrize("cuts", [[], [2, 7, 8, 9, 20]])
def test_another_encoding_under_utf_8_is_refused_by_its_line(cuts: list[int]) -> None:
    with pytest.raises(NotADataFile, match="line 3 is not utf-8") as caught:
        plain(UTF8, b"a,b\nc,d\ne,\xa3\n", cuts)
    assert "mend the contract's encoding" in caught.value.cure


def test_a_byte_that_the_encoding_does_not_know_is_refused() -> None:
    with pytest.raises(NotADataFile, match="line 2 is not windows-1252"):
        plain(RETAIL, b"a,b\n\x81,d\n")


def test_a_mark_of_utf_8_is_taken_off_where_the_text_is_utf_8() -> None:
    assert plain(UTF8, b"\xef\xbb\xbfa,b\n") == "a\x1fb\n"
    with pytest.raises(NotADataFile, match="line 1 begins with the mark of UTF-8") as caught:
        plain(RETAIL, b"\xef\xbb\xbfa,b\n")
    assert "tail -c +4 data.csv | iconv -f UTF-8 -t WINDOWS-1252" in caught.value.cure


@pytest.mark.parametrize("dialect", [RETAIL, UTF8])
def test_the_separator_itself_is_refused_by_its_line(dialect: Dialect) -> None:
    with pytest.raises(NotADataFile, match=r"line 3 holds a control character \(0x1F\)"):
        plain(dialect, b"a,b\nc,d\ne,\x1ff\n", [5])


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    seen = 0

    def endless() -> Iterator[tuple[bytes, bool]]:
        nonlocal seen
        yield b"a,b\n", False
        while True:
            seen += 1 << 20
            yield b"x" * (1 << 20), False

    with pytest.raises(NotADataFile, match="line 2 is longer than 6,291,456 bytes"):
        list(RETAIL.plain(FILE, endless()))
    assert seen <= MAX_LINE + (2 << 20)
