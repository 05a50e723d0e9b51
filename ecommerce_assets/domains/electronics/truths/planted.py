"""What the simulated electronics store planted, in the form of the truth ledger.

Belongs here: which planted figure is found by which measure. Stays out: the SQL of the measures
(`truths/*.sql`), the definitions of the figures (`domains/electronics/simulator/truth.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ecommerce_assets.domains.truths import Figure, truth_of
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.domains.electronics.simulator.truth import ElectronicsTruth, MonthTruth

#: How many of the planted brands and products are looked for by name.
NAMED = 3
#: The rush can be told from chance where its hour has so many times the orders of any other, in a
#: file of so many months.
CLEAR_PEAK = Decimal("1.3")
CLEAR_MONTHS = 6


def planted_truths(planted: ElectronicsTruth, months: Sequence[date]) -> list[Truth]:
    """What the simulated store planted, month by month and in all.

    Args:
        planted: the truth of the whole file.
        months: the domain's months, oldest first. Where they are not the file's, which was then
            written for other months, none of its figures is a truth of theirs.
    """
    if [month.isoformat() for month in months] != [month.month for month in planted.months]:
        return []
    truths = []
    for place, (day, month) in enumerate(zip(months, planted.months, strict=True)):
        truths += [truth_of(figure, day, day) for figure in _of_month(month)]
        # An order that began in the month before counts there, if that month is loaded.
        before = months[max(place - 1, 0)]
        orders = Figure("sales", "orders", month.orders_started, "orders that began in the month")
        truths.append(truth_of(orders, day, day, before))
    whole = (*_of_all(planted), *_named(planted), *_peak(planted))
    truths += [truth_of(figure, months[0], months[-1]) for figure in whole]
    return truths


def _of_month(month: MonthTruth) -> Iterator[Figure]:
    part = month.part
    yield Figure("month", "month_rows", part.rows, "rows with a date in the month")
    yield Figure(
        "month", "month_value", _money(part.value_cents), "their prices, repaired ones too"
    )
    yield Figure("month", "month_repaired_rows", part.shifted_rows, "rows with shifted columns")
    yield Figure(
        "month",
        "month_duplicate_rows",
        part.exact_duplicate_rows,
        "rows that an equal row precedes",
    )
    yield Figure("sales", "units", part.rows, "units: one a row")
    yield Figure("sales", "gross_sales", _money(part.value_cents), "prices of all units")


def _of_all(planted: ElectronicsTruth) -> Iterator[Figure]:
    every, undated = planted.everything, planted.undated
    yield Figure("rows", "rows_all", every.rows, "rows of the file, those without a date too")
    for column, rows in every.empty.items():
        name = "user" if column == "user_id" else column
        yield Figure("rows", f"rows_without_{name}", rows, f"rows delivered without {column}")
    yield Figure("rows", "rows_with_price", every.rows_with_price, "rows delivered with a price")
    yield Figure("rows", "repaired_rows", every.shifted_rows, "rows with shifted columns")
    yield Figure("rows", "unrepaired_rows", 0, "rows without a price that no rule repairs")
    yield Figure(
        "rows", "duplicate_rows", every.exact_duplicate_rows, "rows that an equal row precedes"
    )
    yield Figure("orders", "source_orders", every.orders, "distinct order_id")
    yield Figure("orders", "products", every.products, "distinct product_id")
    yield Figure("undated", "undated_rows", undated.rows, "rows without a date")
    yield Figure("undated", "undated_value", _money(undated.value_cents), "their prices")
    yield Figure(
        "undated", "undated_repaired_rows", undated.shifted_rows, "those with shifted columns"
    )
    last = datetime.strptime(planted.last_event, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    yield Figure("span", "last_purchase_at", int(last.timestamp()), "last event_time")


def _named(planted: ElectronicsTruth) -> Iterator[Figure]:
    """The strongest brands and the products sold most, by the rows with a date."""
    for brand in planted.brands[:NAMED]:
        whose = (brand.brand,)
        definition = f"rows of {brand.brand} with a date"
        yield Figure(
            "brand", "brand_units", brand.rows, definition, f"units_of_{brand.brand}", whose
        )
        yield Figure(
            "brand",
            "brand_value",
            _money(brand.value_cents),
            f"prices of the {definition}",
            f"value_of_{brand.brand}",
            whose,
        )
    for rank, product in enumerate(planted.products[:NAMED], start=1):
        yield Figure(
            "product",
            "product_units",
            product.units,
            f"rows of product {product.product_id} with a date",
            f"units_of_product_{rank}",
            (product.product_id,),
        )


def _peak(planted: ElectronicsTruth) -> Iterator[Figure]:
    """The planted rush, where chance cannot have made another hour as busy."""
    grid = planted.orders_by_weekday_hour
    rush = grid[planted.peak_weekday][planted.peak_hour]
    others = sorted(orders for day in grid for orders in day)[-2]
    if rush < CLEAR_PEAK * others or len(planted.months) < CLEAR_MONTHS:
        return
    definition = "of the hour with the most orders per observed hour"
    yield Figure("peak", "peak_weekday_iso", planted.peak_weekday + 1, f"weekday {definition}")
    yield Figure("peak", "peak_hour", planted.peak_hour, f"hour {definition}")


def _money(cents: int) -> Decimal:
    return Decimal(cents) / 100
