"""Arithmetic on months, each a date whose day is 1.

Stays out: which months a domain has (`partitions.py`, `settings.py`).
"""

from __future__ import annotations

from datetime import date


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
