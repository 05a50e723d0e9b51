"""The electronics marts over windows of days, and of the rows' quality, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped, month_of
from ecommerce_assets_tests.integration.dbt_electronics.reference import (
    UNKNOWN,
    Repaired,
    World,
    abc,
    average_orders,
    hour_grid,
    repaired,
    sales,
    sales_daily,
    sales_hourly,
    sales_monthly,
    units_of,
)

WEEKS = (4, 12, 24, 52)


def year_before(day: date) -> date:
    """The same day of the year before; 28 February for the 29th."""
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


def within(rows: Sequence[Row], column: str, first: date, last: date) -> list[Row]:
    """Rows whose day lies in the window, both ends part of it."""
    return [row for row in rows if first <= row[column] <= last]


def sales_to_date(world: World) -> list[Row]:
    """mart_electronics_sales_to_date."""
    rows = []
    for as_of in world.as_of_dates:
        last = as_of["as_of_date"]
        first, before = last.replace(month=1, day=1), year_before(last)
        lines = within(world.lines, "purchase_date", first, last)
        orders = within(world.orders, "order_date", first, last)
        prior_first = before.replace(month=1, day=1)
        prior_days = [day for day in world.days if prior_first <= day <= before]
        expected = (last - first).days + 1
        observed = len([day for day in world.days if first <= day <= last])
        prior_expected = (before - prior_first).days + 1
        whole = len(prior_days) == prior_expected
        prior = sales(within(world.lines, "purchase_date", prior_first, before))
        prior_orders = len(within(world.orders, "order_date", prior_first, before))
        rows.append(
            {
                **as_of,
                "year_start_date": first,
                "window_days_expected": expected,
                "window_days_observed": observed,
                "window_complete": observed == expected,
                "orders": len(orders),
                "units": units_of(lines),
                "gross_sales": sales(lines)["gross_sales"],
                "net_sales": sales(lines)["net_sales"],
                **average_orders(orders),
                "prior_as_of_date": before,
                "prior_days_expected": prior_expected,
                "prior_days_observed": len(prior_days),
                "prior_complete": whole,
                "prior_orders": prior_orders if whole else None,
                "prior_gross_sales": prior["gross_sales"] if whole else None,
                "prior_net_sales": prior["net_sales"] if whole else None,
            }
        )
    return rows


def brands_of(lines: list[Row]) -> dict[str, list[Row]]:
    """Lines by brand, the unknown one included."""
    return grouped(lines, lambda line: line["brand"] or UNKNOWN)


def ranks_of(lines: list[Row]) -> dict[str, int]:
    """Places of the known brands by net sales; equal sales share one."""
    net = {b: sales(own)["net_sales"] for b, own in brands_of(lines).items() if b != UNKNOWN}
    return {brand: 1 + sum(other > own for other in net.values()) for brand, own in net.items()}


def brand_rank(world: World) -> list[Row]:
    """mart_electronics_brand_rank."""
    brands_of_order = {
        key: {line["brand"] or UNKNOWN for line in own}
        for key, own in grouped(world.lines, lambda line: line["order_key"]).items()
    }
    rows = []
    for as_of in world.as_of_dates:
        for weeks in WEEKS:
            last = as_of["as_of_date"]
            first = last - timedelta(days=7 * weeks - 1)
            earlier = first - timedelta(days=7 * weeks)
            lines = within(world.lines, "purchase_date", first, last)
            orders = within(world.orders, "order_date", first, last)
            ranks = ranks_of(lines)
            seen = earlier >= world.days[0]
            before = ranks_of(
                within(world.lines, "purchase_date", earlier, first - timedelta(days=1))
            )
            total, brands = sales(lines)["net_sales"], brands_of(lines)
            observed = len([day for day in world.days if first <= day <= last])
            for brand, own in brands.items():
                previous = before.get(brand) if seen else None
                rank = ranks.get(brand)
                rows.append(
                    {
                        **as_of,
                        "window_weeks": weeks,
                        "window_start_date": first,
                        "brand": brand,
                        "is_unknown": brand == UNKNOWN,
                        "gross_sales": sales(own)["gross_sales"],
                        "net_sales": sales(own)["net_sales"],
                        "units": units_of(own),
                        "orders": sum(brand in brands_of_order[o["order_key"]] for o in orders),
                        "customers_known": len({line["user_id"] for line in own} - {None}),
                        "rank_net": rank,
                        "rank_prev_window": previous,
                        "rank_change": previous - rank if previous and rank else None,
                        "share_num": sales(own)["net_sales"],
                        "share_den": total,
                        "unknown_brand_num": sales(brands.get(UNKNOWN, []))["net_sales"],
                        "unknown_brand_den": total,
                        "window_days_expected": 7 * weeks,
                        "window_days_observed": observed,
                        "window_complete": observed == 7 * weeks,
                        "previous_window_observed": seen,
                    }
                )
    return rows


def qualities(rows: Sequence[Repaired]) -> Row:
    """What both marts of quality count of rows."""

    def count(condition: Callable[[Repaired], bool]) -> int:
        return sum(condition(row) for row in rows)

    def value(condition: Callable[[Repaired], bool]) -> object:
        return sum((row.unit.price or ZERO for row in rows if condition(row)), ZERO)

    return {
        "all_rows": len(rows),
        "source_orders": len({row.unit.order for row in rows}),
        "column_shift_rows": count(lambda row: row.repair == "column_shift"),
        "unrepaired_rows": count(lambda row: row.unit.price is None),
        "unknown_user_num": count(lambda row: row.unit.user is None),
        "unknown_brand_num": count(lambda row: row.unit.brand is None),
        "unknown_category_num": count(lambda row: row.unit.code is None),
        "unknown_user_den": len(rows),
        "unknown_brand_den": len(rows),
        "unknown_category_den": len(rows),
        "zero_price_rows": count(lambda row: row.unit.price == 0),
        "negative_price_rows": count(lambda row: (row.unit.price or ZERO) < 0),
        "exact_duplicate_rows": count(lambda row: row.dup_rank > 1),
        "exact_duplicate_value": value(lambda row: row.dup_rank > 1),
        "all_rows_value": value(lambda row: True),
        "delivered_price_value": value(lambda row: row.repair is None),
        "repaired_price_value": value(lambda row: row.repair is not None),
    }


def delivered_nulls(columns: list[tuple[object, ...]]) -> Row:
    """Missing values as the file has them."""
    names = {"category_id": 3, "category_code": 4, "brand": 5, "price": 6, "user": 7}
    return {
        f"delivered_without_{name}": sum(row[place] is None for row in columns)
        for name, place in names.items()
    }


def quality_monthly(world: World) -> list[Row]:
    """agg_electronics_data_quality_monthly."""
    delivered = grouped(world.delivered, lambda unit: month_of(unit.at))
    rows = grouped(world.purchases, lambda row: month_of(row.unit.at))
    return [
        {
            "event_month": month,
            **qualities(own),
            **delivered_nulls([unit.delivered for unit in delivered[month]]),
        }
        for month, own in rows.items()
    ]


def undated(world: World) -> list[Row]:
    """agg_electronics_undated."""
    columns = [unit.delivered for unit in world.delivered_undated]
    return [{**qualities(repaired(world.delivered_undated)), **delivered_nulls(columns)}]


#: Every mart, with the function that computes it a second time.
EXPECTED: dict[str, Callable[[World], list[Row]]] = {
    "electronics_marts.fct_electronics_order_lines": lambda world: world.lines,
    "electronics_marts.fct_electronics_orders": lambda world: world.orders,
    "electronics_marts.agg_electronics_sales_hourly": sales_hourly,
    "electronics_marts.agg_electronics_sales_daily": sales_daily,
    "electronics_marts.agg_electronics_sales_monthly": sales_monthly,
    "electronics_marts.agg_electronics_sales_hour_grid": hour_grid,
    "electronics_marts.mart_electronics_sales_to_date": sales_to_date,
    "electronics_marts.mart_electronics_brand_rank": brand_rank,
    "electronics_marts.mart_electronics_abc": abc,
    "electronics_marts.agg_electronics_data_quality_monthly": quality_monthly,
    "electronics_marts.agg_electronics_undated": undated,
}
