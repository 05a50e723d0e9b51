"""A line that holds what no text holds goes to quarantine alone; every other line is loaded."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.damage import Damage
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.ingest.scan import Scan
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    HEADER,
    MONTH,
    changed_contract,
    csv,
    lake_at,
    line,
    lines,
    load,
    pack,
    published,
    quarantined,
)
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICES,
    JANUARY,
    PURCHASES,
    electronics_file,
    held_of,
    invoice,
    load_part,
    purchase,
    retail_file,
    rows_of,
)

#: A piece of a line, the reason of the line that holds it, and how people see it.
DAMAGES = {
    "NUL": (b"\0", "nul_byte", "\\x00"),
    "a block of NULs": (b"\0" * 4096, "nul_byte", "\\x00" * 4096),
    "carriage return": (b"\r", "stray_carriage_return", "\\r"),
    "two of them": (b"a\rb\rc", "stray_carriage_return", "a\\rb\\rc"),
    "not UTF-8": (b"caf\xe9", "wrong_encoding", "caf\\xe9"),
    "half a character": (b"\xe2\x82", "wrong_encoding", "\\xe2\\x82"),
    "all at once": (b"\0\r\xff", "nul_byte|stray_carriage_return|wrong_encoding", "\\x00\\r\\xff"),
}
BLANK = 21
PACKED = {
    "2019-Oct.csv": bytes,
    "2019-Oct.csv.gz": gzip.compress,
    "2019-Oct.zip": lambda data: pack({"2019-Oct.csv": data}),
}


def spoiled(number: int, piece: bytes) -> bytes:
    return line(number, brand="bra@nd").encode().replace(b"@", piece)


def seen(folder: Path, result: Any) -> list[tuple[int, int, str, str]]:
    return [
        (row["line"], row["accepted_before"], "|".join(row["reasons"]), row["raw_line"])
        for row in quarantined(folder, result)
    ]


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"], ids=["LF", "CR LF", "CR CR LF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "without its last end"])
def test_a_line_is_kept_and_the_month_is_loaded(
    tmp_path: Path, name: str, end: bytes, last: bool
) -> None:
    # Enough good lines that the damaged ones are few.
    texts, wanted = [text.encode() for text in lines(160)], []
    for n, (piece, code, shown) in enumerate(DAMAGES.values()):
        place = 5 + 5 * n
        texts[place] = spoiled(place, piece)
        above = place - n - (place > BLANK)
        wanted.append((place + 2, above, code, line(place, brand=f"bra{shown}nd")))
    texts[BLANK] = b""
    data = end.join([HEADER.encode(), *texts]) + end * last
    result = load(tmp_path, PACKED[name](data), name=name)
    assert seen(tmp_path, result) == wanted
    assert (result.rows_received, result.rows_accepted, result.blank_lines) == (160, 152, 1)
    spoilt = {5 + 5 * n for n in range(len(DAMAGES))}
    good = [n for n in range(160) if n not in {*spoilt, BLANK}]
    assert [row["product_id"] for row in published(tmp_path)] == [5_000_000 + n for n in good]


def test_damage_in_many_lines_refuses_the_file_and_is_named(tmp_path: Path) -> None:
    texts = [text.encode() for text in lines(40)]
    texts[:8] = [spoiled(n, b"\0") for n in range(8)]
    with pytest.raises(NotADataFile, match="a line of 9 values without NUL bytes is expected in 8"):
        load(tmp_path, b"\n".join([HEADER.encode(), *texts, b""]))


def test_a_line_of_any_length_costs_itself_alone(tmp_path: Path) -> None:
    texts = lines(30)
    texts[3] = line(3, brand="b" * (3 << 20))  # the reader's own limit
    texts[9] = line(9, brand="b" * (7 << 20))
    texts[19] = line(19, brand="b" * (13 << 20))
    result = load(tmp_path, csv(texts))
    assert result.rows_accepted == 27
    assert result.reasons == {"line_size_over_maximum": 1, "line_too_long": 2}
    kept = quarantined(tmp_path, result)
    assert [(row["line"], row["accepted_before"]) for row in kept] == [(5, 3), (11, 8), (21, 17)]
    assert kept[0]["raw_line"] == texts[3]
    assert kept[1]["raw_line"] == texts[9][:10_000] + "…", "its beginning tells which row it is"


def test_a_last_line_without_end_of_any_length_is_cut_off(tmp_path: Path) -> None:
    result = load(tmp_path, csv(lines(9)) + b"x" * (15 << 20))
    assert result.reasons == {"cut_off_last_line": 1, "line_too_long": 1}
    assert (result.rows_received, result.rows_accepted, result.rows_quarantined) == (10, 9, 1)


def test_a_cut_through_a_character_costs_the_last_line(tmp_path: Path) -> None:
    result = load(tmp_path, csv([*lines(3), "é"])[:-2])
    assert result.rows_accepted == 3
    assert seen(tmp_path, result) == [(5, 3, "cut_off_last_line|wrong_encoding", "\\xc3")]


@pytest.mark.parametrize(
    "text", ["\x0b", "\x7f", "\x85", "\u2028", "\x1f", "\ufeff", "🙂", "\\x00"]
)
def test_other_characters_are_text(tmp_path: Path, text: str) -> None:
    result = load(tmp_path, csv([*lines(3), line(3, brand=f"a{text}b")]))
    assert (result.rows_accepted, result.rows_quarantined) == (4, 0)
    assert published(tmp_path)[3]["brand"] == f"a{text}b"


def test_an_encoding_is_damage_in_a_few_lines_and_another_file_in_many(tmp_path: Path) -> None:
    good, bad = line(0, brand="é").encode(), line(1, brand="é").encode("cp1252")
    ascii_lines = [text.encode() for text in lines(200)]
    header = HEADER.encode()
    mixed = b"\n".join([header, *ascii_lines, bad, bad, b""])
    assert load(tmp_path, mixed).reasons == {"wrong_encoding": 2}
    mostly_good = b"\n".join([header, *ascii_lines * 2, *[good] * 21, *[bad] * 20, b""])
    assert load(tmp_path, mostly_good).reasons == {"wrong_encoding": 20}
    other = b"\n".join([header, *ascii_lines, *[bad] * 11, b""])
    with pytest.raises(NotADataFile, match="line 202 and 10 more are not UTF-8") as caught:
        load(tmp_path, other)
    assert caught.value.cure.endswith("iconv -f WINDOWS-1252 -t UTF-8 2019-Oct.csv")
    with pytest.raises(NotADataFile, match="line 5 is not UTF-8"):
        load(tmp_path, b"\n".join([header, *ascii_lines[:3], bad, b""]))


def test_rows_apart_by_carriage_returns_are_no_single_row(tmp_path: Path) -> None:
    data = csv(lines(3)) + csv(lines(4), end="\r") + b"\n"
    with pytest.raises(NotADataFile, match="line 5 holds 5 rows that end with carriage ret") as got:
        load(tmp_path, data)
    assert got.value.cure == "end its lines with line feeds: tr '\\r' '\\n' < 2019-Oct.csv"


def test_a_replay_leaves_damaged_lines_as_a_full_load_does(tmp_path: Path) -> None:
    texts = [text.encode() for text in lines(20)]
    texts[4], texts[9] = spoiled(4, b"\0"), line(9, event_type="wishlist").encode()
    texts[14] = spoiled(14, b"\xff")
    data = b"\n".join([HEADER.encode(), *texts, b""])
    load(tmp_path, data)
    learned = changed_contract(tmp_path, ("[view,", "[wishlist, view,"))
    done = replay(Slice(lake_at(tmp_path), learned, Month(MONTH)))
    assert done is not None and (done.taken_back, done.still_quarantined) == (1, 2)
    replayed = published(tmp_path)
    result = load(tmp_path / "full", data, contract=learned)
    assert replayed == published(tmp_path / "full")
    again = load(tmp_path, data, contract=learned)
    assert again.unchanged and seen(tmp_path, again) == seen(tmp_path / "full", result)


# Files of all months, quotes, other encodings ---------------------------------------------------


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_line_of_a_store_is_kept_without_a_month(tmp_path: Path, damage: str) -> None:
    piece, code, shown = DAMAGES[damage]
    texts = [purchase(n).encode() for n in range(20)]
    texts[7] = purchase(7, brand="sam@sung").encode().replace(b"@", piece)
    texts[12] = purchase(12, price="x").encode()
    data = b"\n".join([electronics_file([]).rstrip(), *texts, b""])
    result = load_part(tmp_path, data, APRIL, PURCHASES)
    assert (result.rows_accepted, result.rows_quarantined) == (18, 1)
    (kept,) = held_of(tmp_path, APRIL, PURCHASES)
    assert (kept["line"], kept["accepted_before"]) == (14, 11)
    (lost,) = held_of(tmp_path, UNDATED, PURCHASES)
    assert (lost["line"], "|".join(lost["reasons"])) == (9, code)
    assert lost["raw_line"] == purchase(7, brand=f"sam{shown}sung")


RETAIL = {
    "NUL": (b"\0", "nul_byte", "\\x00"),
    "carriage return": (b"\r", "stray_carriage_return", "\\r"),
    "no character of Windows-1252": (b"\x81", "wrong_encoding", "\\x81"),
    "the loader's separator": (b"\x1f", "control_character", "\\x1f"),
}


@pytest.mark.parametrize("damage", RETAIL)
@pytest.mark.parametrize("quoted", [True, False], ids=["in quotes", "without quotes"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_a_line_of_a_shop_with_quotes_is_kept(
    tmp_path: Path, damage: str, quoted: bool, end: str
) -> None:
    piece, code, shown = RETAIL[damage]
    texts = [invoice(n) for n in range(40)]
    texts[7] = invoice(7, Description="PINK, @ SMALL" if quoted else "PINK @ SMALL")
    data = retail_file(texts, end).replace(b"@", piece)
    result = load_part(tmp_path, data, JANUARY)
    assert (result.rows_accepted, result.rows_quarantined) == (39, 0)
    (lost,) = held_of(tmp_path, UNDATED)
    assert (lost["line"], lost["reasons"]) == (9, [code])
    assert lost["raw_line"] == texts[7].replace("@", shown)
    assert len(rows_of(tmp_path, JANUARY)) == 39


def test_a_long_line_of_a_shop_costs_itself_alone(tmp_path: Path) -> None:
    texts = [invoice(n) for n in range(20)]
    texts[7] = invoice(7, Description="b" * (14 << 20))
    result = load_part(tmp_path, retail_file(texts), JANUARY)
    assert result.rows_accepted == 19
    (lost,) = held_of(tmp_path, UNDATED)
    assert (lost["line"], lost["reasons"]) == (9, ["line_too_long"])
    assert len(lost["raw_line"]) < 11_000


def test_another_encoding_than_a_shop_declares_is_another_file(tmp_path: Path) -> None:
    contract = replace(INVOICES, dialect=replace(INVOICES.dialect, encoding="ascii"))
    texts = [invoice(n, Description="£5") for n in range(20)]
    with pytest.raises(NotADataFile, match="line 2 and 19 more are not ascii"):
        load_part(tmp_path, retail_file(texts), JANUARY, contract)


# Pieces -----------------------------------------------------------------------------------------

LINE = st.sampled_from([b"", b"a,b", b"\0,b", b"a\rb", b"\xff,", b"\xc3\xa9,x", b"a,b,", b"a,b,c,"])


@given(
    st.lists(LINE, min_size=1, max_size=15), st.lists(st.integers(1, 9), min_size=1), st.booleans()
)
def test_the_pieces_of_a_text_do_not_matter(
    found: list[bytes], sizes: list[int], ended: bool
) -> None:
    data = b"\n".join([b"h,i", b"1,2", *found, *[b"\xc3\xa9,1"] * 15]) + b"\n" * ended

    def scanned(cuts: list[int]) -> dict[str, Any]:
        text = TextFile(Path("x"), "x", dialect=Dialect(), damage=Damage("x"))
        scan, at = Scan(text, text.damage), 0
        for turn in range(len(data) + 1):
            size = cuts[turn % len(cuts)]
            if at < len(data):
                scan.feed(data[at : at + size])
                at += size
        scan.finish()
        counts = vars(text) | {"index": None, "damage": text.damage.lines}
        return counts

    whole = scanned([len(data)])
    assert scanned(sizes) == whole
    wanted = {n for n, row in enumerate(found, 3) if {0, 13, 255} & set(row)}
    assert set(whole["damaged"]) == wanted
    starts = [0]
    for row in data.split(b"\n"):
        starts.append(starts[-1] + len(row) + 1)
    assert all(span[0] == starts[n - 1] for n, span in whole["damaged"].items())
