"""The truths of the electronics purchases: figures as data, and the SQL that finds ours.

Belongs here: `published.yaml`, the planted figures of the simulated store, and one query a file;
its columns are the metrics. Stays out: judging (`lib/truths.py`). Every query is over the months
from the first `?` to the second, the end excluded, and runs on every engine.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.domains.truths import SIMULATED
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.simulation.electronics.truth import ElectronicsTruth

HERE = Path(__file__).parent
KAGGLE = "kaggle mkechinov/ecommerce-purchase-history-from-electronics-store"


def planted_truths(planted: ElectronicsTruth, months: list[date]) -> list[Truth]:
    """What the simulated store planted, month by month and in all.

    Args:
        planted: the truth of the whole file.
        months: the domain's months.
    """
    truths: list[Truth] = []
    for month in planted.months:
        day, part = date.fromisoformat(month.month), month.part
        truths += [
            _planted(day, day, "month", "month_rows", part.rows, "rows with a date"),
            _planted(day, day, "month", "month_value", _usd(part.value_cents), "all prices"),
            _planted(
                day,
                day,
                "month",
                "month_repaired_rows",
                part.shifted_rows,
                "rows whose shifted columns are repaired",
            ),
            _planted(
                day,
                day,
                "month",
                "month_duplicate_rows",
                part.exact_duplicate_rows,
                "rows that an equal row precedes",
            ),
            _planted(
                day,
                day,
                "sales",
                "orders",
                month.orders_started,
                "orders whose first row with a date lies in the month",
            ),
        ]
    for measure, metric, expected, definition, arguments in _of_the_file(planted):
        truths.append(
            _planted(months[0], months[-1], measure, metric, expected, definition, *arguments)
        )
    return truths


def _of_the_file(
    planted: ElectronicsTruth,
) -> list[tuple[str, str, int | Decimal, str, tuple[object, ...]]]:
    """Measure, metric, expected figure, definition and arguments of the figures of all rows."""
    rows, undated = planted.everything, planted.undated
    nothing: tuple[object, ...] = ()
    figures: list[tuple[str, str, int | Decimal, str, tuple[object, ...]]] = [
        ("rows", "rows_all", rows.rows, "rows of the file", nothing),
        ("rows", "rows_with_price", rows.rows_with_price, "rows delivered with a price", nothing),
        ("rows", "repaired_rows", rows.shifted_rows, "rows that the shift rule repairs", nothing),
        ("rows", "unrepaired_rows", 0, "rows without a price that no rule repairs", nothing),
        ("rows", "duplicate_rows", rows.exact_duplicate_rows, "rows after an equal one", nothing),
        ("orders", "source_orders", rows.orders, "distinct order_id", nothing),
        ("orders", "products", rows.products, "distinct product_id", nothing),
        ("undated", "undated_rows", undated.rows, "rows at the sentinel date", nothing),
        ("undated", "undated_value", _usd(undated.value_cents), "their prices", nothing),
        (
            "undated",
            "undated_repaired_rows",
            undated.shifted_rows,
            "those of them that the shift rule repairs",
            nothing,
        ),
        ("peak", "peak_weekday_iso", planted.peak_weekday + 1, "weekday of the rush", nothing),
        ("peak", "peak_hour", planted.peak_hour, "hour of the rush, UTC", nothing),
    ]
    for empty, metric in (
        ("category_id", "rows_without_category_id"),
        ("category_code", "rows_without_category_code"),
        ("brand", "rows_without_brand"),
        ("price", "rows_without_price"),
        ("user_id", "rows_without_user"),
    ):
        definition = f"rows delivered without {empty}"
        figures.append(("rows", metric, rows.empty[empty], definition, nothing))
    for brand in planted.brands:
        named = (brand.brand,)
        value = _usd(brand.value_cents)
        figures.append(
            ("brand", f"brand_units of {brand.brand}", brand.rows, "rows with a date", named)
        )
        figures.append(("brand", f"brand_value of {brand.brand}", value, "their prices", named))
    for product in planted.products:
        known = (product.product_id,)
        metric = f"product_units of {product.product_id}"
        figures.append(("product", metric, product.units, "rows with a date", known))
    return figures


def _usd(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _planted(
    first: date,
    last: date,
    measure: str,
    metric: str,
    expected: int | Decimal,
    definition: str,
    *arguments: object,
) -> Truth:
    return Truth(
        dataset=SIMULATED,
        metric=metric,
        first=first,
        last=last,
        needs_from=first,
        definition=definition,
        expected=Decimal(expected),
        tolerance=Decimal(0),
        source="planted by the simulated store",
        measure=measure,
        column=metric.partition(" of ")[0],
        arguments=arguments,
    )
