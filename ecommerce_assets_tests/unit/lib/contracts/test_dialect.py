"""Encodings and quotes are undone line by line, whatever the pieces in which a text comes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.contracts.dialect import SEPARATOR, Dialect
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.damage import Damage
from ecommerce_assets_tests.support.shared_files import unquoted

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


def plain(
    dialect: Dialect, data: bytes, cuts: list[int] | None = None, damage: Damage | None = None
) -> str:
    damage = damage or Damage("data.csv", dialect.encoding)
    found = b"".join(text for text, _ in dialect.plain(FILE, pieces(data, cuts or []), damage))
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
@pytest.mark.parametrize(
    ("dialect", "byte"), [(UTF8, b"\xa3"), (RETAIL, b"\x81")], ids=["UTF-8", "Windows-1252"]
)
def test_a_line_that_is_not_in_the_encoding_is_noted_and_shown(
    dialect: Dialect, byte: bytes, cuts: list[int]
) -> None:
    damage = Damage("data.csv", dialect.encoding)
    found = plain(dialect, b"a,b\nc,d\ne," + byte + b"\nf,g\n", cuts, damage)
    assert found.split("\n")[3] == "f\x1fg"
    assert f"\\x{byte.hex()}" in found.split("\n")[2]
    assert damage.lines == {3: "wrong_encoding"} and damage.ahead == [3]


def test_a_mark_of_utf_8_is_taken_off_where_the_text_is_utf_8() -> None:
    assert plain(UTF8, b"\xef\xbb\xbfa,b\n") == "a\x1fb\n"
    with pytest.raises(NotADataFile, match="line 1 begins with the mark of UTF-8") as caught:
        plain(RETAIL, b"\xef\xbb\xbfa,b\n")
    assert "tail -c +4 data.csv | iconv -f UTF-8 -t WINDOWS-1252" in caught.value.cure


@pytest.mark.parametrize("dialect", [RETAIL, UTF8])
def test_the_separator_itself_is_noted_by_its_line(dialect: Dialect) -> None:
    damage = Damage("data.csv", dialect.encoding)
    plain(dialect, b"a,b\nc,d\ne,\x1ff\n", [5], damage)
    assert damage.lines == {3: "control_character"}


@given(st.lists(values, min_size=1, max_size=4), st.booleans())
def test_lines_of_nothing_but_quoted_values_are_read_alike_at_once(
    rows: list[list[str]], ended: bool
) -> None:
    texts = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    whole = "\n".join(RETAIL.plain_line(text) for text in texts) + "\n" * ended
    text = "\n".join(texts) + "\n" * ended
    assert plain(RETAIL, text.encode("cp1252")) == whole
    assert RETAIL._without_quotes(text) in (None, whole)


def test_a_line_that_never_ends_does_not_fill_the_memory() -> None:
    damage, size = Damage("data.csv"), 0

    def endless() -> Iterator[tuple[bytes, bool]]:
        yield b"a,b\n", False
        for _ in range(64):
            yield b"x" * (1 << 20), False
        yield b"\nc,d\n", False

    for text, _ in RETAIL.plain(FILE, endless(), damage):
        size += len(text)
    assert size < 20_000 and damage.lines == {2: "line_too_long"}
