"""The electronics models computed again in plain Python, without months or batches.

Belongs here: the definitions, written a second time and as simply as they read; those over windows
of days and of the rows' quality are in `rolling`. Keep out SQL.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from ecommerce_assets_tests.integration.dbt.reference.base import (
    DAY,
    ZERO,
    Row,
    grouped,
    micros,
    month_of,
    sha256,
    text_of,
)
from ecommerce_assets_tests.integration.dbt_electronics.shop import Unit

UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Repaired:
    """A row after the repair, with its rank among equal rows."""

    unit: Unit
    repair: str | None
    dup_rank: int


def repaired(units: Sequence[Unit]) -> list[Repaired]:
    """The rows in file order, repaired by the rule `column_shift`."""
    seen: Counter[object] = Counter()
    rows = []
    for unit in units:
        seen[unit.delivered] += 1
        rank, rule = seen[unit.delivered], None
        if unit.price is None and unit.category is None and unit.user is None:
            is_price = re.fullmatch(r"\d{1,7}(\.\d{1,2})?", unit.code or "")
            is_user = unit.brand is None or (unit.brand.isdigit() and int(unit.brand) < 2**63)
            if is_price and is_user:
                user = int(unit.brand) if unit.brand else None
                unit = replace(
                    unit, price=Decimal(unit.code or ""), user=user, code=None, brand=None
                )
                rule = "column_shift"
        rows.append(Repaired(unit, rule, rank))
    return rows


def order_starts(instants: Iterable[datetime]) -> dict[datetime, datetime]:
    """The start of the order that each instant of one order id belongs to."""
    runs: list[list[datetime]] = []
    for instant in sorted(set(instants)):
        if not runs or instant - runs[-1][-1] > DAY:
            runs.append([])
        runs[-1].append(instant)
    starts: dict[datetime, datetime] = {}
    for run in runs:
        long = run[-1] - run[0] > DAY
        for instant in run:
            own = [other for other in run if not long or other.date() == instant.date()]
            starts[instant] = own[0]
    return starts


class World:
    """The store: rows as delivered, and what the marts share."""

    def __init__(self, delivered: list[Unit], undated: list[Unit]) -> None:
        self.delivered = delivered
        self.delivered_undated = undated

    @cached_property
    def purchases(self) -> list[Repaired]:
        return repaired(self.delivered)

    @cached_property
    def lines(self) -> list[Row]:
        """fct_electronics_order_lines."""
        starts = {
            order: order_starts(unit.at for unit in own)
            for order, own in grouped(self.delivered, lambda unit: unit.order).items()
        }
        rows = []
        same = grouped(
            self.purchases, lambda row: (*replace(row.unit, row_no=0).delivered, row.repair)
        )
        for own in same.values():
            unit, price = own[0].unit, own[0].unit.price
            start = starts[unit.order][unit.at]
            rows.append(
                {
                    "order_key": sha256(text_of([unit.order, micros(start)]))[:32],
                    "order_id": unit.order,
                    "ordered_at": start,
                    "purchased_at": unit.at,
                    "purchase_date": unit.at.date(),
                    "source_row_no": min(row.unit.row_no for row in own),
                    "product_id": unit.product,
                    "category_id": unit.category,
                    "category_code": unit.code,
                    "brand": unit.brand,
                    "user_id": unit.user,
                    "price": price,
                    "quantity": len(own),
                    "line_value": (price or ZERO) * len(own),
                    "is_revenue_line": price is not None and price > 0,
                    "repair": own[0].repair,
                }
            )
        return rows

    @cached_property
    def orders(self) -> list[Row]:
        """fct_electronics_orders."""
        rows = []
        for key, own in grouped(self.lines, lambda line: line["order_key"]).items():
            users = {line["user_id"] for line in own} - {None}
            rows.append(
                {
                    "order_key": key,
                    "order_id": own[0]["order_id"],
                    "ordered_at": own[0]["ordered_at"],
                    "order_date": own[0]["ordered_at"].date(),
                    "last_line_at": max(line["purchased_at"] for line in own),
                    "user_id": min(users, default=None),
                    "n_users": len(users),
                    "n_lines": len(own),
                    "n_units": units_of(own),
                    "n_products": len({line["product_id"] for line in own}),
                    "units_without_price": units_of(own, lambda line: line["price"] is None),
                    **sales(own),
                }
            )
        return rows

    @cached_property
    def days(self) -> list[date]:
        """The days with a sale, in order."""
        return sorted({line["purchase_date"] for line in self.lines})

    @cached_property
    def last_complete(self) -> date:
        last = max(line["purchased_at"] for line in self.lines)
        return self.days[-1] if last.hour == 23 else self.days[-2]

    @cached_property
    def as_of_dates(self) -> list[Row]:
        """int_electronics__as_of_dates."""
        span = (self.last_complete - self.days[0]).days + 1
        every = [self.days[0] + timedelta(days=number) for number in range(span)]
        return [
            {
                "as_of_date": day,
                "is_week_end": day.isoweekday() == 7,
                "is_latest": day == self.last_complete,
            }
            for day in every
            if day.isoweekday() == 7 or day == self.last_complete
        ]


def units_of(lines: Iterable[Row], condition: Callable[[Row], bool] = lambda line: True) -> int:
    """Units of the lines that meet the condition."""
    return sum(line["quantity"] for line in lines if condition(line))


def sales(lines: Iterable[Row]) -> Row:
    """Value of lines: above 0, below 0, together."""
    values = [line["line_value"] for line in lines]
    return {
        "gross_sales": sum((v for v in values if v > 0), ZERO),
        "adjustment_value": sum((v for v in values if v < 0), ZERO),
        "net_sales": sum(values, ZERO),
    }


def average_orders(orders: Iterable[Row]) -> Row:
    """Numerators and denominators of the average order values."""
    found: Row = {}
    own = list(orders)
    for kind in ("gross", "net"):
        values = [order[f"{kind}_sales"] for order in own if order[f"{kind}_sales"] > 0]
        found |= {f"aov_{kind}_num": sum(values, ZERO), f"aov_{kind}_den": len(values)}
    return found


def sales_hourly(world: World) -> list[Row]:
    """agg_electronics_sales_hourly."""
    placed = Counter((o["order_date"], o["ordered_at"].hour) for o in world.orders)
    hours = grouped(world.lines, lambda line: (line["purchase_date"], line["purchased_at"].hour))
    return [
        {
            "event_month": month_of(own[0]["purchased_at"]),
            "sales_date": day,
            "hour_local": hour,
            "orders": placed[day, hour],
            "order_lines": len(own),
            "units": units_of(own),
            **sales(own),
        }
        for (day, hour), own in hours.items()
    ]


def sales_daily(world: World) -> list[Row]:
    """agg_electronics_sales_daily."""
    placed = grouped(world.orders, lambda order: order["order_date"])
    return [
        {
            "event_month": month_of(own[0]["purchased_at"]),
            "sales_date": day,
            "first_purchase_at": min(line["purchased_at"] for line in own),
            "last_purchase_at": max(line["purchased_at"] for line in own),
            "orders": len(placed[day]),
            "buyers_known": len({line["user_id"] for line in own} - {None}),
            "products": len({line["product_id"] for line in own}),
            "order_lines": len(own),
            "units": units_of(own),
            "units_without_user": units_of(own, lambda line: line["user_id"] is None),
            "units_without_price": units_of(own, lambda line: line["price"] is None),
            "units_at_zero": units_of(own, lambda line: line["price"] == 0),
            **sales(own),
            **average_orders(placed[day]),
        }
        for day, own in grouped(world.lines, lambda line: line["purchase_date"]).items()
    ]


def month_length(first: date) -> int:
    """Days of the month."""
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def sales_monthly(world: World) -> list[Row]:
    """agg_electronics_sales_monthly."""
    rows: dict[date, Row] = {}
    placed = grouped(world.orders, lambda order: order["order_date"].replace(day=1))
    months = grouped(world.lines, lambda line: line["purchase_date"].replace(day=1))
    for first, own in sorted(months.items()):
        days, length = {line["purchase_date"] for line in own}, month_length(first)
        whole = len(days) == length and world.last_complete >= first + timedelta(days=length - 1)
        before = rows.get((first - timedelta(days=1)).replace(day=1))
        sold = sales(own)
        rows[first] = {
            "month_date": first,
            "days_in_month": length,
            "days_observed": len(days),
            "month_complete": whole,
            "orders": len(placed[first]),
            "order_lines": len(own),
            "units": units_of(own),
            **sold,
            **average_orders(placed[first]),
            "growth_num": sold["net_sales"] - before["net_sales"] if before else None,
            "growth_den": before["net_sales"] if before else None,
            "growth_of_complete_months": bool(before and before["month_complete"] and whole),
        }
    return list(rows.values())


def hour_grid(world: World) -> list[Row]:
    """agg_electronics_sales_hour_grid."""
    first = min(line["purchased_at"] for line in world.lines)
    last = max(line["purchased_at"] for line in world.lines)
    observed = Counter(
        (day.isoweekday(), hour)
        for day in world.days
        for hour in range(24)
        if (first.date(), first.hour) <= (day, hour) <= (last.date(), last.hour)
    )
    placed = Counter((o["ordered_at"].isoweekday(), o["ordered_at"].hour) for o in world.orders)
    sold = grouped(
        world.lines, lambda line: (line["purchased_at"].isoweekday(), line["purchased_at"].hour)
    )
    means = {
        kind: round(placed[kind] / observed[kind], 6) if observed[kind] else None
        for kind in ((day, hour) for day in range(1, 8) for hour in range(24))
    }
    known = {kind: mean for kind, mean in means.items() if mean is not None}
    rows = []
    for (day, hour), mean in means.items():
        own = sold[day, hour]
        rows.append(
            {
                "weekday_iso": day,
                "hour_local": hour,
                "hours_observed": observed[day, hour],
                "orders": placed[day, hour],
                "units": units_of(own),
                "gross_sales": sales(own)["gross_sales"],
                "net_sales": sales(own)["net_sales"],
                "mean_orders": mean,
                "is_peak": mean == max(known.values()),
                "is_peak_of_weekday": mean == max(m for k, m in known.items() if k[0] == day),
            }
        )
    return rows


def abc(world: World) -> list[Row]:
    """mart_electronics_abc."""
    rows = []
    for month, lines in grouped(world.lines, lambda line: month_of(line["purchased_at"])).items():
        days = sorted({line["purchase_date"] for line in lines})
        products = grouped(lines, lambda line: line["product_id"])
        gross = {product: sales(own)["gross_sales"] for product, own in products.items()}
        total, before = sum(gross.values(), ZERO), ZERO
        ranked = sorted(products, key=lambda product: (-gross[product], product))
        for place, product in enumerate(ranked, start=1):
            own = products[product]
            sold = grouped(own, lambda line: line["purchase_date"])
            daily = [units_of(sold.get(day, [])) for day in days]
            brands = [line["brand"] for line in own if line["brand"]]
            codes = [line["category_code"] for line in own if line["category_code"]]
            by_count = [
                c for c, cut in (("A", 5), ("B", 20)) if place <= -(-cut * len(ranked) // 100)
            ]
            by_sales = [c for c, cut in (("A", 80), ("B", 95)) if 100 * before < cut * total]
            before += gross[product]
            rows.append(
                {
                    "event_month": month,
                    "product_id": product,
                    "brand": min(brands, default=UNKNOWN),
                    "category_code": min(codes, default=UNKNOWN),
                    "days_sold": len(sold),
                    "days_observed": len(days),
                    "units": sum(daily),
                    "squared_daily_units": sum(n * n for n in daily),
                    "gross_sales": gross[product],
                    "sales_place": place,
                    "products_in_month": len(ranked),
                    "cumulative_share_num": before,
                    "cumulative_share_den": total,
                    "class_by_products": (by_count or ["C"])[0],
                    "class_by_sales": (by_sales or ["C"])[0],
                    "demand_cv": round(statistics.stdev(daily) / statistics.mean(daily), 6)
                    if len(days) > 1
                    else None,
                }
            )
    return rows
