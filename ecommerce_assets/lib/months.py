"""Arithmetic on months, each a date whose day is 1, and how people say several.

Stays out: which months a domain has (`domains/<domain>/settings.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

#: How a month is written where it is a key: of partitions, of tags, of ledger rows.
MONTH_FORMAT = "%Y-%m-%d"


def next_month(month: date) -> date:
    """The first day of the month after `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before `month`."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """All months from `first` to `last`, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = next_month(first)
    return months


def contiguous(months: Iterable[date]) -> list[tuple[date, date]]:
    """The ranges, first and last month included, that months fall into."""
    ranges: list[tuple[date, date]] = []
    for month in sorted(set(months)):
        if ranges and next_month(ranges[-1][1]) == month:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
    return ranges


def in_words(months: Iterable[date]) -> str:
    """Months as people say them, e.g. `2010-12 to 2011-02, 2011-05`."""
    return ", ".join(
        f"{first:%Y-%m}" if first == last else f"{first:%Y-%m} to {last:%Y-%m}"
        for first, last in contiguous(months)
    )


def said_once(reasons: Mapping[date, str]) -> list[tuple[str, str]]:
    """Months that share a reason, in words, with that reason; the earliest month's first.

    A file that holds all months fails for all of them alike: that is one thing to say.
    """
    alike: dict[str, list[date]] = {}
    for month, reason in sorted(reasons.items()):
        alike.setdefault(reason, []).append(month)
    return [(in_words(months), reason) for reason, months in alike.items()]
