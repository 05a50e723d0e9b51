"""Whatever happens to the lines of a file of all months, each row is in one place, once."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets_tests.support.builders import left_in_staging
from ecommerce_assets_tests.support.shared_files import (
    INVOICE_HEADER,
    INVOICES,
    JANUARY,
    JUNE,
    MARCH,
    MONTHS,
    PURCHASES,
    SENTINEL,
    assert_split_right,
    electronics_file,
    held_of,
    invoice,
    judge_invoices,
    load_part,
    purchase,
    rows_of,
)

#: Most lines are damaged here, and each is judged by itself.
LENIENT = replace(INVOICES, max_share_unreadable=1.0, ambiguous_dates="accept")
LENIENT_STORE = replace(PURCHASES, max_share_unreadable=1.0)
COLUMNS = INVOICE_HEADER.split(",")
MAY = date(2011, 5, 1)
NUMBERS = " | 12|1_000|007|+5|-0|12.0|1e3|9223372036854775808|1,5|1.23456|.5|123456789.0|-3.1|NaN"
TIMES = (
    "3/27/2011 1:30|6/1/2011 0:30|6/1/2011 1:00|10/30/2011 1:30|12/31/2011 23:59|1/1/2012 0:00"
    "|11/30/2010 23:59|12/1/2010 0:00|13/1/2011 8:26|2/29/2011 8:00|1/5/2011|1/5/2011 8:26:00"
    "|2011-01-05 08:26| 1/5/2011 8:26"
)
TEXTS = 'POST|C2|£5|é|"|a"b|"a"|,|a,b|", "|;|\t|#|null|\'| x |“x”'
JUNK = (*NUMBERS.split("|"), *TIMES.split("|"), *TEXTS.split("|"), "")
free_text = st.text(
    st.sampled_from([chr(code) for code in range(32, 127)] + list("£é€ß")), max_size=9
)
cell = st.tuples(st.sampled_from(COLUMNS), st.sampled_from(JUNK) | free_text)
month = st.sampled_from([JANUARY, JUNE, MAY])


@st.composite
def damaged_line(draw: st.DrawFn, number: int) -> str:
    kind = draw(st.sampled_from(("good",) * 6 + ("cells",) * 6 + ("time",) * 3 + ("shape",) * 5))
    at = draw(month)
    if kind == "cells":
        return invoice(number, at, **dict(draw(st.lists(cell, min_size=1, max_size=2))))
    if kind == "time":
        return invoice(number, InvoiceDate=draw(st.sampled_from(TIMES.split("|"))))
    if kind == "shape":
        line = invoice(number, at)
        place = draw(st.integers(0, len(line)))
        shapes = ["", " ", ",", "," * 7, "," * 8, '"', '""', '"' + line, line + '"', line + ","]
        shapes += [line + ",more", line[:place] + '"' + line[place:], line[:place], line[place:]]
        shapes += [f'"{line}"', INVOICE_HEADER, ",".join(f'"{v}"' for v in "abcdefgh")]
        return draw(st.sampled_from(shapes))
    return invoice(number, at)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    texts = [INVOICE_HEADER, *(draw(damaged_line(n)) for n in range(draw(st.integers(2, 20))))]
    end = draw(st.sampled_from(("\n", "\r\n")))
    data = end.join(texts) + end
    last = draw(st.sampled_from(("whole", "no end", "cut")))
    if last != "whole":
        data = data.rstrip("\r\n")
    if last == "cut":
        data = data[: -draw(st.integers(1, 40))]
    return data.encode("cp1252")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(files())
def test_every_line_is_accepted_in_its_month_or_kept_or_blank(data: bytes) -> None:
    verdict = judge_invoices(data)
    outside = sum(
        "outside_month:invoice_date" in reasons
        for lines in verdict.refused.values()
        for _, _, reasons, _ in lines
    )
    rows = verdict.received - verdict.blank
    good = {at: list(lines) for at, lines in verdict.accepted.items() if lines}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not good or outside > rows / 2:
            try:
                load_part(folder, data, JANUARY, LENIENT)
            except NotADataFile:
                assert not (folder / "lake" / "retail").exists()
                return
            raise AssertionError("a file without acceptable rows was taken")
        # `cells` may move a row anywhere: every month in which a line lies is loaded.
        months = sorted({*good, *verdict.refused} - {UNDATED} | {JANUARY})
        results = [load_part(folder, data, at, LENIENT) for at in months]
        assert_split_right(folder, data, months)
        assert verdict.received == (
            sum(result.rows_accepted + result.rows_quarantined for result in results)
            + len(held_of(folder, UNDATED))
            + verdict.blank
        )
        assert all(r.rows_received == r.rows_accepted + r.rows_quarantined for r in results)
        assert all(MONTHS["retail"].first <= at <= MONTHS["retail"].last for at in months)
        other = next(at for at in (MARCH, date(2011, 2, 1), date(2011, 4, 1)) if at not in months)
        assert load_part(folder, data, other, LENIENT).rows_received == 0 and not rows_of(
            folder, other
        )
        assert left_in_staging(folder) == []


STORE_MONTHS = [date(2020, number, 1) for number in (1, 2, 6, 10, 11)]
#: What may be wrong with a line of the electronics store: its changes, and whether it has a month.
DAMAGE: list[tuple[dict[str, str], bool]] = [
    ({"event_time": SENTINEL}, False),
    ({"event_time": "2019-12-31 23:59:59 UTC"}, False),
    ({"event_time": "2020-12-01 00:00:00 UTC"}, False),
    ({"event_time": "24.04.2020"}, False),
    ({"event_time": ""}, False),
    ({"order_id": "2.294359E+18"}, True),
    ({"product_id": ""}, True),
    ({"category_id": "2.268105e+18"}, True),
    ({"price": "1,5", "user_id": "7"}, False),  # one value more
    ({"price": "12.345"}, True),
    ({"user_id": "-1"}, True),
    ({"brand": "a\x1fb", "price": "x"}, True),
]


@st.composite
def store_lines(draw: st.DrawFn, number: int) -> tuple[str, date | None, str]:
    """A line, the month that it belongs to, and its fate: `good`, `bad` or `blank`."""
    kind = draw(st.sampled_from(("good",) * 5 + ("damaged",) * 4 + ("short", "blank")))
    at = draw(st.sampled_from(STORE_MONTHS))
    if kind == "good":
        shift = draw(st.sampled_from([{}, {"category_id": "", "price": "", "brand": '"é"'}]))
        return purchase(number, at, **shift), at, "good"
    if kind == "damaged":
        changes, has_month = draw(st.sampled_from(DAMAGE))
        return purchase(number, at, **changes), at if has_month else None, "bad"
    if kind == "short":
        return purchase(number, at)[: draw(st.integers(1, 40))], None, "bad"
    return "", None, "blank"


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(st.integers(1, 25).flatmap(lambda n: st.tuples(*(store_lines(i) for i in range(n)))))
def test_a_line_of_the_store_never_moves_to_another_month(
    drawn: tuple[tuple[str, date | None, str], ...],
) -> None:
    # Enough good lines in front that the file is not another data set's.
    front = [(purchase(1000 + n, at), at, "good") for n, at in enumerate(STORE_MONTHS * 6)]
    lines = [*front, *drawn]
    data = electronics_file([text for text, _, _ in lines])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        received = 0
        for at in {each for _, each, _ in lines if each}:
            result = load_part(folder, data, at, LENIENT_STORE)
            received += result.rows_accepted + result.rows_quarantined
            wanted = [text for text, month, fate in lines if month == at and fate == "good"]
            orders = [text.split(",")[1] for text in wanted]
            rows = rows_of(folder, at, PURCHASES)
            assert [str(row["order_id"]) for row in rows] == orders
            assert [row["event_time"].date().replace(day=1) for row in rows] == [at] * len(rows)
            kept = [held["raw_line"] for held in held_of(folder, at, PURCHASES)]
            assert kept == [text for text, month, fate in lines if month == at and fate == "bad"]
        undated = [held["raw_line"] for held in held_of(folder, UNDATED, PURCHASES)]
        assert undated == [text for text, month, fate in lines if not month and fate == "bad"]
        blank = sum(fate == "blank" for _, _, fate in lines)
        assert received + len(undated) + blank == len(lines)
