"""The truths of the electronics file, counted on the generator's own numbers.

What belongs here: turning rows into an `ElectronicsTruth`, before a line is written.
What stays out: the definitions of the figures; they stand in `truth`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from ecommerce_assets.domains.electronics.simulator.catalogue import Catalogue
from ecommerce_assets.domains.electronics.simulator.orders import Rows
from ecommerce_assets.domains.electronics.simulator.plan import ShopPlan
from ecommerce_assets.domains.electronics.simulator.rhythm import (
    RUSH_HOUR,
    RUSH_WEEKDAY,
    weekday_and_hour,
)
from ecommerce_assets.domains.electronics.simulator.truth import (
    BrandTruth,
    ElectronicsTruth,
    MonthTruth,
    PartTruth,
    ProductTruth,
)
from ecommerce_assets.simulation.randomness import Bools, Ints

_STRONGEST: Final = 10


def count_truth(plan: ShopPlan, shop: Catalogue, rows: Rows, prices: Ints) -> ElectronicsTruth:
    """All truths of a file.

    Args:
        plan: the data set.
        shop: the catalogue.
        rows: the rows of the file.
        prices: prices in cents, shape (months, products).
    """
    cents = prices[rows.month, rows.product]
    dated = ~rows.undated
    first = _first_rows(rows)
    started = np.bincount(rows.month[first], minlength=len(plan.calendar)).tolist()
    weekday, hour = weekday_and_hour(rows.time[first], plan)
    grid = np.bincount(weekday * 24 + hour, minlength=7 * 24).reshape(7, 24)
    months = []
    for index, month in enumerate(plan.calendar):
        part = _part(shop, rows, cents, dated & (rows.month == index))
        months.append(MonthTruth(month.isoformat(), part, started[index]))
    times = rows.time[dated]
    return ElectronicsTruth(
        seed=plan.seed,
        everything=_part(shop, rows, cents, np.ones(len(cents), dtype=bool)),
        undated=_part(shop, rows, cents, rows.undated),
        months=tuple(months),
        orders_across_months=sum(month.part.orders - month.orders_started for month in months),
        first_event=_spelled(plan, int(times[0])),
        last_event=_spelled(plan, int(times[-1])),
        brands=_brands(shop, rows, cents),
        products=_products(shop, rows, cents),
        orders_by_weekday_hour=tuple(tuple(day) for day in grid.tolist()),
        peak_weekday=RUSH_WEEKDAY,
        peak_hour=RUSH_HOUR,
    )


def _part(shop: Catalogue, rows: Rows, cents: Ints, mask: Bools) -> PartTruth:
    """What is true of the rows for which the mask holds."""
    product, order, price = rows.product[mask], rows.order[mask], cents[mask]
    shifted = shop.shifted[product]
    user = rows.user[order]
    orders = np.zeros(len(rows.order_ids), dtype=bool)
    orders[order] = True
    empty = {
        "category_id": shifted,
        "category_code": ~shifted & (shop.code[product] == 0),
        "brand": np.where(shifted, user == 0, shop.brand[product] == 0),
        "price": shifted,
        "user_id": shifted | (user == 0),
    }
    return PartTruth(
        rows=len(product),
        orders=int(orders.sum()),
        products=len(np.unique(product)),
        brands=int((np.unique(shop.brand[product]) > 0).sum()),
        users=int((np.unique(user) > 0).sum()),
        shifted_rows=int(shifted.sum()),
        empty={column: int(flags.sum()) for column, flags in empty.items()},
        rows_with_price=int((~shifted).sum()),
        priced_value_cents=int(price[~shifted].sum()),
        value_cents=int(price.sum()),
        zero_price_rows=int((price == 0).sum()),
        exact_duplicate_rows=int(rows.repeated[mask].sum()),
    )


def _first_rows(rows: Rows) -> Ints:
    """Places of the first row of each dated order; rows rise in time."""
    _, place = np.unique(rows.order, return_index=True)
    return np.asarray(place[~rows.undated[place]])


def _brands(shop: Catalogue, rows: Rows, cents: Ints) -> tuple[BrandTruth, ...]:
    brand = shop.brand[rows.product]
    rows_of, value_of = {}, {}
    for undated in (False, True):
        mask = rows.undated == undated
        rows_of[undated] = np.bincount(brand[mask], minlength=len(shop.brands))
        value_of[undated] = _summed(brand[mask], cents[mask], len(shop.brands))
    ranked = sorted(range(1, len(shop.brands)), key=lambda place: -value_of[False][place])
    return tuple(
        BrandTruth(
            brand=shop.brands[place],
            rows=int(rows_of[False][place]),
            value_cents=int(value_of[False][place]),
            undated_rows=int(rows_of[True][place]),
            undated_value_cents=int(value_of[True][place]),
        )
        for place in ranked[:_STRONGEST]
    )


def _products(shop: Catalogue, rows: Rows, cents: Ints) -> tuple[ProductTruth, ...]:
    dated = ~rows.undated
    units = np.bincount(rows.product[dated], minlength=shop.products)
    value = _summed(rows.product[dated], cents[dated], shop.products)
    ranked = np.lexsort((shop.ids, -units))[:_STRONGEST]
    return tuple(
        ProductTruth(int(shop.ids[place]), int(units[place]), int(value[place])) for place in ranked
    )


def _summed(groups: Ints, amounts: Ints, count: int) -> Ints:
    """Sum of whole amounts by group, without a float on the way."""
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, groups, amounts)
    return total


def _spelled(plan: ShopPlan, seconds: int) -> str:
    """An instant as the file spells it."""
    origin = datetime.combine(plan.first_day, datetime.min.time())
    return f"{origin + timedelta(seconds=seconds)} UTC"
