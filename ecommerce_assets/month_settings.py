"""Months as users write them, in settings and commands: `2019-10` and `2019-10:2020-02`.

Belongs here: reading them, and which months a setting may name. Stays out: the settings
(`settings.py`), and what follows from months (`lib/months.py`, `defs/shared/partitions.py`).
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

#: The months that a domain may have. Instants are counted from 1970 on, and BigQuery keeps no
#: partitions after 2159.
EARLIEST_MONTH, LATEST_MONTH = date(1970, 1, 1), date(2159, 12, 1)


def _month_range(value: str) -> str:
    first, last = parse_month_range(value)
    if first < EARLIEST_MONTH:
        raise ValueError(f"{value!r} starts before 1970-01: instants are counted from there on")
    if last > LATEST_MONTH:
        raise ValueError(f"{value!r} ends after 2159-12: BigQuery keeps no partitions beyond it")
    return value


MonthRange = Annotated[str, AfterValidator(_month_range)]


def parse_month(text: str) -> date:
    """Read `YYYY-MM` or `YYYY-MM-01` as the first day of that month.

    Raises:
        ValueError: the text is not a month; the message shows the form.
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-01)?", text.strip())
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(f"{text!r} is not a month; write it as 2019-10")
    return date(int(found[1]), int(found[2]), 1)


def parse_month_range(text: str) -> tuple[date, date]:
    """Read `YYYY-MM:YYYY-MM` as first and last month, both included.

    Raises:
        ValueError: not two months, or the last before the first.
    """
    first, separator, last = text.partition(":")
    if not separator:
        raise ValueError(f"{text!r} is not a range of months; write it as 2019-10:2020-02")
    months = parse_month(first), parse_month(last)
    if months[1] < months[0]:
        raise ValueError(f"{text!r} ends before it starts")
    return months
