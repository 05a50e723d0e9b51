"""The file of the simulated electronics shop, and the truths planted in it.

What belongs here: the text of the rows, and writing the file in pieces.
What stays out: how the rows are drawn, and how they are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecommerce_assets.domains.electronics.simulator.catalogue import Catalogue, make_catalogue
from ecommerce_assets.domains.electronics.simulator.counting import count_truth
from ecommerce_assets.domains.electronics.simulator.orders import Rows, make_rows
from ecommerce_assets.domains.electronics.simulator.plan import ShopPlan
from ecommerce_assets.domains.electronics.simulator.truth import ElectronicsTruth
from ecommerce_assets.simulation.calendar import DAY, days_from
from ecommerce_assets.simulation.delivery import deliver
from ecommerce_assets.simulation.randomness import Ints, Stream

MEMBER: Final = "kz.csv"
HEADER: Final = b"event_time,order_id,product_id,category_id,category_code,brand,price,user_id\n"
SENTINEL: Final = "1970-01-01 00:33:40 UTC,"
_CHUNK: Final = 250_000


def simulate_electronics(
    target: Path, *, rows: int, seed: int, calendar: Sequence[date]
) -> ElectronicsTruth:
    """Write the shop's one file as the source delivers it, and say what is true of it.

    The file has the columns `event_time,order_id,product_id,category_id,category_code,brand,
    price,user_id`, UTF-8, LF, no quoting, times like `2020-04-24 11:50:39 UTC` in rising
    order but for the rows without a date, prices in dollars with two decimals, one row a
    unit. It runs from the 5th of the first month to the 21st of the last, 10:10:30 UTC. In
    every sixth row the price stands in category_code and the user in brand. The same
    arguments give the same bytes.

    Args:
        target: the file; a name ending in `.zip` gives an archive with the one deflated
            member `kz.csv`. It is replaced in one step.
        rows: rows of the file, exactly; 500 to 7.5 million.
        seed: zero or more.
        calendar: first days of all its months, in order, without gaps, from 2012 on.

    Returns:
        the planted truths; keep them with `truth.write_electronics_truth`.

    Raises:
        ValueError: if the number of rows, the seed or the calendar is refused.
        OSError: if the target can't be written.
    """
    plan = ShopPlan(tuple(calendar), rows, seed)
    shop = make_catalogue(plan)
    prices = shop.monthly_prices(len(plan.calendar), Stream(seed, "electronics prices"))
    sold = make_rows(plan, shop)
    truth = count_truth(plan, shop, sold, prices)
    deliver(_as_csv(plan, shop, sold, prices), target, member=MEMBER)
    return truth


def _as_csv(
    plan: ShopPlan, shop: Catalogue, rows: Rows, prices: Ints
) -> Iterator[memoryview | bytes]:
    """The file's content in pieces of some tens of megabytes, header first."""
    yield HEADER
    dates = pa.array([f"{day} " for day in days_from(plan.first_day, plan.last_day)])
    clock = pa.array([f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02} UTC," for s in range(DAY)])
    goods = pa.array(_product_texts(shop))
    money = pa.array([f"{cents // 100}.{cents % 100:02}" for cents in prices.ravel().tolist()])
    known = ["", *map(str, rows.user_ids.tolist())]
    ends = pa.array([f",{user}\n" for user in known] + [f",{user},,\n" for user in known])
    for begin in range(0, len(rows.time), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        day, second = np.divmod(rows.time[part], DAY)
        product, order = rows.product[part], rows.order[part]
        undated = pa.array(rows.undated[part])
        lines = pc.binary_join_element_wise(
            pc.if_else(undated, "", dates.take(pa.array(day))),
            pc.if_else(undated, SENTINEL, clock.take(pa.array(second))),
            pa.array(rows.order_ids[order]).cast(pa.string()),
            goods.take(pa.array(product)),
            money.take(pa.array(rows.month[part] * shop.products + product)),
            ends.take(pa.array(rows.user[order] + len(known) * shop.shifted[product])),
            "",
        )
        offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32, count=len(lines) + 1)
        yield memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]]


def _product_texts(shop: Catalogue) -> list[str]:
    """What stands between order id and price, for each product.

    `,product_id,category_id,category_code,brand,`; of a shifted product `,product_id,,`, for
    its price comes next, in the place of the category code.
    """
    texts = []
    columns = (shop.ids, shop.categories, shop.code, shop.brand, shop.shifted)
    for product, category, code, brand, shifted in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        shown = f"{category},{shop.codes[code]},{shop.brands[brand]}"
        texts.append(f",{product},," if shifted else f",{product},{shown},")
    return texts
