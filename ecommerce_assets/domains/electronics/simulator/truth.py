"""What the generator planted in the electronics file, with the definition of every figure.

What belongs here: the figures, and keeping them beside the data as JSON.
What stays out: reading the data. A pipeline that computes the same figure from the file
must get the same number; a difference is a defect of the pipeline or of this module.

Shifted rows (price in category_code, user in brand; category, price and user empty) count
with their repaired price and user wherever a value or a user is meant, and as delivered
wherever an empty column is meant. Undated rows carry 1970-01-01 00:33:40 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.simulation.truth_files import read_truth, write_truth


@dataclass(frozen=True)
class PartTruth:
    """What is true of a part of the rows: all, those of a month, or those without a date.

    Attributes:
        rows: rows, each one unit of a product.
        orders: different order ids.
        products: different product ids.
        brands: different brands; shifted rows have none.
        users: different known users, repaired ones included.
        shifted_rows: rows whose columns are shifted.
        empty: rows in which a column is empty, as delivered, by column.
        rows_with_price: rows with something in the column price.
        priced_value_cents: sum of the column price, as delivered.
        value_cents: sum of all prices, those of shifted rows included.
        zero_price_rows: rows with price 0.00, shifted ones included.
        exact_duplicate_rows: excess rows: a line that occurs n times counts n - 1 times.
    """

    rows: int
    orders: int
    products: int
    brands: int
    users: int
    shifted_rows: int
    empty: dict[str, int]
    rows_with_price: int
    priced_value_cents: int
    value_cents: int
    zero_price_rows: int
    exact_duplicate_rows: int


@dataclass(frozen=True)
class MonthTruth:
    """What is true of a month's dated rows.

    Attributes:
        month: ISO date of its first day.
        part: its rows.
        orders_started: orders whose first dated row lies in the month.
    """

    month: str
    part: PartTruth
    orders_started: int


@dataclass(frozen=True)
class BrandTruth:
    """A brand; shifted rows have none.

    Attributes:
        brand: its name.
        rows: its dated rows.
        value_cents: their prices.
        undated_rows: its rows without a date.
        undated_value_cents: their prices.
    """

    brand: str
    rows: int
    value_cents: int
    undated_rows: int
    undated_value_cents: int


@dataclass(frozen=True)
class ProductTruth:
    """A product.

    Attributes:
        product_id: its id.
        units: its dated rows.
        value_cents: their prices.
    """

    product_id: int
    units: int
    value_cents: int


@dataclass(frozen=True)
class ElectronicsTruth:
    """What is true of the whole file, as the generator knows it before writing.

    Attributes:
        seed: the data set's seed.
        everything: all rows.
        undated: the rows without a date; whole orders.
        months: the dated rows, month by month, in order.
        orders_across_months: orders with rows in two months.
        first_event: earliest date of a dated row, as the file spells it.
        last_event: latest one.
        brands: the ten brands of the highest dated value, the highest first.
        products: the ten products with the most dated rows, most first, then by id.
        orders_by_weekday_hour: dated orders by weekday (Monday first) and hour, UTC, of
            their first row; 7 rows of 24.
        peak_weekday: weekday of the planted rush, 0 is Monday.
        peak_hour: its hour, UTC.
    """

    seed: int
    everything: PartTruth
    undated: PartTruth
    months: tuple[MonthTruth, ...]
    orders_across_months: int
    first_event: str
    last_event: str
    brands: tuple[BrandTruth, ...]
    products: tuple[ProductTruth, ...]
    orders_by_weekday_hour: tuple[tuple[int, ...], ...]
    peak_weekday: int
    peak_hour: int


def write_electronics_truth(truth: ElectronicsTruth, directory: Path) -> Path:
    """Write `<directory>/purchases.json`, replacing it in one step; the path it wrote."""
    return write_truth(truth, directory / "purchases.json")


def read_electronics_truth(directory: Path) -> ElectronicsTruth | None:
    """The truth in a directory; None if there is none.

    Raises:
        ValueError: if the file is not a truth; the message names it.
    """
    return read_truth(directory / "purchases.json", ElectronicsTruth)
