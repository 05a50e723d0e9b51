"""Whatever happens to a file's lines, each row is accepted exactly or kept in quarantine."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets_tests.support.builders import (
    COLUMNS,
    EVENTS,
    HEADER,
    MONTH,
    left_in_staging,
    line,
    load,
    published,
    quarantined,
)
from ecommerce_assets_tests.support.judge import assert_right, judge

#: Most lines are damaged here, and each is judged by itself.
LENIENT = replace(EVENTS, max_share_unreadable=1.0)
NUMBERS = (
    "| |x| 12|12 |1_000|0x10|007|+5|-5|-0|0|12.0|1.5|1.48758E+18|1e3|9223372036854775807"
    "|9223372036854775808|99999999999999999999|\u0661\u0662|\uff11\uff12|1,5|12.345|12.3|.5|5.|12345678.00"
    "|-3.10|NaN|inf"
)
TIMES = (
    "2019-10-05 12:00:00 MSK|2019-10-05 12:00:00|2019-10-32 00:00:00 UTC|2019-02-29 00:00:00 UTC"
    "|2019-10-05 24:00:00 UTC|2019-10-05 12:00:60 UTC|2019-09-30 23:59:59 UTC"
    "|2019-11-01 00:00:00 UTC|2019-10-31 23:59:59 UTC|2019-10-5 1:2:3 UTC"
    "| 2019-10-05 12:00:00 UTC|2019-10-05T12:00:00Z|05.10.2019"
)
WORDS = (
    'view|View|wishlist|purchase |null|NULL|\\N|#|\'|"|a"b|"a,b"|é|e\u0301|日本語'
    "|\u2028|\x85|\t|\x0b|\x7f|\ufeff|🙂"
)
JUNK = (*NUMBERS.split("|"), *TIMES.split("|"), *WORDS.split("|"))
free_text = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=12)
cell = st.tuples(st.sampled_from(COLUMNS), st.sampled_from(JUNK) | free_text)


@st.composite
def damaged_line(draw: st.DrawFn, number: int) -> str:
    kind = draw(st.sampled_from(("good",) * 6 + ("cells",) * 8 + ("shape",) * 4 + ("long",)))
    if kind == "cells":
        return line(number, **dict(draw(st.lists(cell, min_size=1, max_size=2))))
    if kind == "shape":
        values = line(number).split(",")
        shapes = ["", " ", "\t ", ",", "," * 8, "," * 9, '"', f'"{line(number)}"', "#" * 20]
        shapes += [",".join(values[:8]), ",".join([*values, "more"])]
        shapes += [line(number) + ",", line(number) + ",,", line(number)[:40], line(number) * 2]
        return draw(st.sampled_from([*shapes, HEADER]))
    if kind == "long" and draw(st.integers(0, 9)) == 0:
        return line(number, brand="b" * (3 << 20))
    return line(number)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    count = draw(st.integers(2, 25))
    texts = [HEADER, *(draw(damaged_line(number)) for number in range(count))]
    ends = draw(st.sampled_from(("\n", "\r\n", "mixed")))
    data = "".join(
        text + (draw(st.sampled_from(("\n", "\r\n"))) if ends == "mixed" else ends)
        for text in texts
    )
    last = draw(st.sampled_from(("whole", "no end", "half an end", "cut")))
    if last == "no end":
        data = data.rstrip("\r\n")
    elif last == "half an end":
        data = data.rstrip("\r\n") + "\r"
    elif last == "cut":
        data = data.rstrip("\r\n")[: -draw(st.integers(1, 60))]
    return draw(st.sampled_from((b"", b"\xef\xbb\xbf"))) + data.encode()


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(files())
def test_received_is_accepted_and_quarantined_and_blank_for_any_damage(data: bytes) -> None:
    verdict = judge(data, MONTH)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outside = sum("outside_month:event_time" in reasons for _, _, reasons, _ in verdict.refused)
        if not verdict.accepted or outside > (verdict.received - verdict.blank) / 2:
            try:
                load(folder, data, contract=LENIENT)
            except NotADataFile:
                assert not (folder / "lake" / "cosmetics").exists()
                return
            raise AssertionError("a file without acceptable rows was taken")
        result = load(folder, data, contract=LENIENT)
        assert_right(data, MONTH, published(folder), quarantined(folder, result))
        assert result.rows_received == verdict.received
        assert result.rows_accepted == len(verdict.accepted)
        assert result.rows_quarantined == len(verdict.refused)
        assert result.blank_lines == verdict.blank
        assert result.rows_received == (
            result.rows_accepted + result.rows_quarantined + result.blank_lines
        )
        assert left_in_staging(folder) == []
