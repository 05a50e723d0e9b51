"""A line with more values than the header is never read from the wrong places."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.ingest.scan import Scan
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets_tests.support.shared_files import (
    PURCHASES,
    electronics_file,
    held_of,
    load_part,
    purchase,
    rows_of,
)

MONTH = date(2020, 1, 1)
VALUES = st.sampled_from(["", "7", "12.5", "x"])
LINES = st.lists(st.lists(VALUES, min_size=1, max_size=6).map(";".join), min_size=1, max_size=12)


@given(LINES, st.lists(st.integers(1, 7), min_size=1, max_size=8))
def test_lines_of_surplus_values_are_found_wherever_the_chunks_end(
    lines: list[str], sizes: list[int]
) -> None:
    data = "\n".join(["a;b;c", *lines, ""]).encode()
    text = TextFile(Path("x"), "x", dialect=Dialect(delimiter=";"))
    scan, at = Scan(text), 6
    scan.feed(data[:at])  # the header comes in one piece
    while at < len(data):
        size = sizes[at % len(sizes)]
        scan.feed(data[at : at + size])
        at += size

    wanted = [n for n, line in enumerate(lines, 2) if line.count(";") > 2 and line[-1] == ";"]
    assert list(text.overlong) == wanted


def test_a_price_with_a_decimal_comma_and_no_user_is_no_other_price(tmp_path: Path) -> None:
    good = [purchase(n, MONTH) for n in range(3)]
    wrong = good[0].rsplit(",", 2)[0] + ",162,01,"
    load_part(tmp_path, electronics_file([*good, wrong]), MONTH, PURCHASES)

    assert len(rows_of(tmp_path, MONTH, PURCHASES)) == 3
    kept = held_of(tmp_path, MONTH, PURCHASES) + held_of(tmp_path, UNDATED, PURCHASES)
    assert [(row["line"], row["raw_line"], row["reasons"]) for row in kept] == [
        (5, wrong, ["too_many_columns"])
    ]
