"""The rows of a month's file: sorted, with exact duplicates, and as text.

What belongs here: everything about a row that no session knows: its place, its duplicates,
its spelling. What stays out: where the events come from.

A row is one number while it is sorted: time, session, item and kind in one mixed radix.
Equal numbers are equal lines. Within a second the order of events is arbitrary, as in the
original: it follows the numbers of sessions and items, never the steps of a funnel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ecommerce_assets.domains.cosmetics.simulator.catalogue import Catalogue
from ecommerce_assets.domains.cosmetics.simulator.rhythm import DAY, seconds_in
from ecommerce_assets.domains.cosmetics.simulator.sessions import KINDS, VIEW, Events
from ecommerce_assets.simulation.randomness import Bools, Ints, Stream, hexadecimal

HEADER: Final = (
    b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
)
_CHUNK: Final = 250_000
# Excess rows per distinct one, by kind: 1,031 / 115,342 / 991,821 / 905 in the original.
_EXCESS: Final = (0.0001068, 0.020404, 0.33195, 0.000704)


@dataclass(frozen=True)
class MonthRows:
    """The rows of a file in their order; arrays have one entry per row.

    Attributes:
        time: seconds since the month's start, rising.
        slot: number of the session in the month.
        item: number of the item in the catalogue.
        kind: position in `KINDS`.
        repeated: rows that equal the row before them.
    """

    time: Ints
    slot: Ints
    item: Ints
    kind: Ints
    repeated: Bools

    def count(self, mask: Bools | None = None) -> dict[str, int]:
        """Rows by type, of all rows or of those for which the mask holds."""
        kinds = self.kind if mask is None else self.kind[mask]
        counts = np.bincount(kinds, minlength=len(KINDS)).tolist()
        return dict(zip(KINDS, counts, strict=True))


def planned_excess(total: int, by_kind: Ints) -> tuple[int, Ints]:
    """Distinct views and excess rows by kind that fill a month to exactly `total` rows.

    Args:
        total: rows wanted.
        by_kind: distinct events of the month by kind; the views are ignored.

    Returns:
        the number of distinct views, and the excess rows by kind, shape (4,).
    """
    excess = np.array([round(share * int(n)) for share, n in zip(_EXCESS, by_kind, strict=True)])
    others = int((by_kind + excess)[VIEW + 1 :].sum())
    excess[VIEW] = round((total - others) * _EXCESS[VIEW])
    return total - others - int(excess[VIEW]), excess


def arrange(events: Events, excess: Ints, *, slots: int, items: int, stream: Stream) -> MonthRows:
    """Add the excess rows and sort.

    Args:
        events: the month's distinct events, sessions numbered below `slots`.
        excess: how many rows of each kind to repeat; kinds that have none repeat views.
        slots: number of sessions.
        items: number of items.
        stream: decides which rows are repeated; some are more than once.
    """
    radix = [np.uint64(size) for size in (slots, items, len(KINDS))]
    keys = events.time.astype(np.uint64)
    for size, digit in zip(radix, (events.slot, events.item, events.kind), strict=True):
        keys = keys * size + digit.astype(np.uint64)
    extra = []
    for kind, count in enumerate(excess.tolist()):
        pool = np.flatnonzero(events.kind == kind)
        pool = pool if len(pool) else np.flatnonzero(events.kind == VIEW)
        extra.append(keys[pool[stream.below(np.full(count, len(pool)))]])
    keys = np.sort(np.concatenate([keys, *extra]))
    repeated = np.zeros(len(keys), dtype=bool)
    repeated[1:] = keys[1:] == keys[:-1]
    digits = []
    for size in reversed(radix):
        keys, digit = np.divmod(keys, size)
        digits.append(digit.astype(np.int64))
    in_kind, in_item, in_slot = digits
    return MonthRows(keys.astype(np.int64), in_slot, in_item, in_kind, repeated)


def item_texts(shop: Catalogue, prices: Ints) -> list[str]:
    """`product_id,category_id,category_code,brand,price,` of each item."""
    named = shop.item_has_brand.tolist()
    place = shop.item_products.tolist()
    ids, categories = shop.ids.tolist(), shop.categories.tolist()
    return [
        f"{ids[p]},{categories[p]},{shop.codes[p]},{shop.brands[p] * known},{_money(cents)},"
        for p, known, cents in zip(place, named, prices.tolist(), strict=True)
    ]


def session_texts(users: Ints, ids: NDArray[np.uint64], anonymous: Bools) -> pa.StringArray:
    """`user_id,user_session` and the line's end, for each session.

    Args:
        users: user ids as the file shows them, shape (n,).
        ids: random words, shape (n, 2); written as 32 hex digits in five groups.
        anonymous: sessions to leave without id.
    """
    count = len(users)
    digits = hexadecimal(ids)
    text = np.full((count, 36), ord("-"), dtype=np.uint8)
    for source, place, width in ((0, 0, 8), (8, 9, 4), (12, 14, 4), (16, 19, 4), (20, 24, 12)):
        text[:, place : place + width] = digits[:, source : source + width]
    offsets = pa.py_buffer(np.arange(count + 1, dtype=np.int32) * 36)
    known = pa.StringArray.from_buffers(count, offsets, pa.py_buffer(text))
    session = pc.if_else(pa.array(anonymous), "", known)
    line = pc.binary_join_element_wise(pa.array(users).cast(pa.string()), session, ",")
    return pc.binary_join_element_wise(line, "\n", "")


def as_csv(
    rows: MonthRows, month: date, *, items: list[str], sessions: pa.StringArray
) -> Iterator[memoryview | bytes]:
    """The file's content in pieces of some tens of megabytes, header first."""
    yield HEADER
    days = seconds_in(month) // DAY
    dates = pa.array([f"{month + timedelta(days=n)} " for n in range(days)])
    clock = _clock()
    kinds = pa.array([f"{kind}," for kind in KINDS])
    goods = pa.array(items)
    for begin in range(0, len(rows.time), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        day, second = np.divmod(rows.time[part], DAY)
        lines = pc.binary_join_element_wise(
            dates.take(pa.array(day)),
            clock.take(pa.array(second)),
            kinds.take(pa.array(rows.kind[part])),
            goods.take(pa.array(rows.item[part])),
            sessions.take(pa.array(rows.slot[part])),
            "",
        )
        offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32, count=len(lines) + 1)
        yield memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]]


@cache
def _clock() -> pa.StringArray:
    """Every second of a day as the file spells it."""
    return pa.array([f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02} UTC," for s in range(DAY)])


def _money(cents: int) -> str:
    """Two decimals, a leading minus where needed, as the original spells prices."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
