"""What a load must make of a file, said again in plain Python, row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ecommerce_assets_tests.support.builders import COLUMNS, NULL_WORDS

LONGEST = 2 << 20
WHOLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TYPES = ("view", "cart", "remove_from_cart", "purchase")
REQUIRED = ("event_time", "event_type", "product_id", "category_id", "price", "user_id")


@dataclass
class Verdict:
    """The rows to accept, and of each other line its number, text, reasons and rows above."""

    received: int = 0
    blank: int = 0
    accepted: list[dict[str, Any]] = field(default_factory=list)
    refused: list[tuple[int, str, set[str], int]] = field(default_factory=list)


def judge(data: bytes, month: date) -> Verdict:
    """The verdict on a UTF-8 file whose first line names the contract's columns."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\r")
    terminated = text.endswith("\n")
    header, *body = text.removesuffix("\n").split("\n")
    names = header.split(",")
    verdict = Verdict(received=len(body))
    for number, line in enumerate(body, start=2):
        values, reasons = line.split(","), set[str]()
        typed: dict[str, Any] = {}
        last = number == len(body) + 1 and not terminated
        cut_off = last and not (len(values) == len(names) and WHOLE.fullmatch(values[-1]))
        if not line:
            verdict.blank += 1
            continue
        if cut_off:
            reasons = {"cut_off_last_line"}
        elif len(line.encode()) > LONGEST:
            reasons = {"line_size_over_maximum"}
        elif len(values) != len(names):
            too_many = len(values) > len(names)
            reasons = {"too_many_columns" if too_many else "missing_columns"}
        else:
            texts = dict(zip(names, values, strict=True))
            for column in COLUMNS:
                typed[column], code = read(column, texts[column], month)
                if code:
                    reasons.add(f"{code}:{column}")
        if reasons:
            verdict.refused.append((number, line, reasons, len(verdict.accepted)))
        else:
            verdict.accepted.append(typed)
    return verdict


def read(column: str, text: str, month: date) -> tuple[Any, str | None]:
    """The value of a text, and the code of the rule that it breaks."""
    is_text = column in ("event_type", "category_code", "brand", "user_session")
    if not text or (is_text and text in NULL_WORDS):
        return None, "missing" if column in REQUIRED else None
    if column == "event_time":
        return _time(text, month)
    if column == "event_type":
        return text, None if text in TYPES else "not_allowed"
    if column == "price":
        if not re.fullmatch(r"-?[0-9]{1,7}(\.[0-9]{1,2})?", text):
            return None, "not_a_decimal"
        return Decimal(text).quantize(Decimal("0.01")), None
    if column.endswith("_id"):
        if not re.fullmatch(r"0|-?[1-9][0-9]*", text) or not -(2**63) <= int(text) < 2**63:
            return None, "not_an_integer"
        return int(text), "below_minimum" if int(text) < 0 else None
    return text, None


def _time(text: str, month: date) -> tuple[Any, str | None]:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC", text):
        return None, "not_a_time"
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None, "not_a_time"
    inside = (at.year, at.month) == (month.year, month.month)
    return at, None if inside else "outside_month"


def assert_right(
    data: bytes, month: date, rows: list[dict[str, Any]], quarantine: list[dict[str, Any]]
) -> Verdict:
    """The load agrees with the verdict in every row, value, line, text and reason."""
    verdict = judge(data, month)
    assert rows == verdict.accepted
    found = [(q["line"], q["raw_line"], q["accepted_before"]) for q in quarantine]
    assert found == [(n, text, before) for n, text, _, before in verdict.refused]
    for kept, (_, _, reasons, _) in zip(quarantine, verdict.refused, strict=True):
        got = set(kept["reasons"])
        assert reasons <= got, kept
        # A value that is no number may break a second rule of its column, never another's.
        columns = {code.partition(":")[2] for code in reasons}
        assert {code.partition(":")[2] for code in got} <= columns, kept
    return verdict
