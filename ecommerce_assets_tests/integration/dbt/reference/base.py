"""What the second computations share: rows, keys, months, and the textbook's statistics.

Belongs here: helpers that several marts need. Keep out any mart's own definition.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

DAY = timedelta(hours=24)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
ZERO = Decimal(0)

Row = dict[str, Any]


def micros(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def text_of(values: Iterable[object]) -> str:
    """Values with their lengths; a null is a tilde."""
    return "".join("~" if v is None else f"{len(str(v))}:{v}" for v in values)


def sha256(text: str) -> str:
    """Hex digits of the hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def month_of(instant: datetime) -> datetime:
    """First instant of the UTC month."""
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """First instant of the month after."""
    return month_of(month + timedelta(days=32))


def grouped(items: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    """Items by key."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def nearest_rank(values: list[int], percent: int) -> int | None:
    """The percentile by nearest rank."""
    return sorted(values)[-(-percent * len(values) // 100) - 1] if values else None


def wilson(hits: int, trials: int) -> tuple[float | None, float | None]:
    """The 95 % Wilson interval, by the textbook."""
    if not trials:
        return None, None
    z, share = 1.959963984540054, hits / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials)
    half *= math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return centre - half, centre + half
