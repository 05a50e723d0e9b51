"""The retail marts that are sums of lines, in plain Python, and the list of all marts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped
from ecommerce_assets_tests.integration.dbt_retail.catalogue import positions
from ecommerce_assets_tests.integration.dbt_retail.reference import World

UK = "United Kingdom"
ZEROES = {
    "units_sold": 0,
    "units_returned": 0,
    "gross_sales": ZERO,
    "service_sales": ZERO,
    "discounts": ZERO,
    "returns_on_return_date": ZERO,
    "returns_on_order_date": ZERO,
    "service_returns": ZERO,
    "other_value": ZERO,
    "all_rows_value": ZERO,
}


def measured(world: World) -> list[Row]:
    """Lines with the measure that each counts in, and returned goods on the order's day."""
    rows = []
    for line in world.lines:
        row = {
            **line,
            **ZEROES,
            "sales_date": line["invoice_date"],
            "sales_hour": line["invoice_hour"],
        }
        value, goods = line["line_value"], line["item_kind"] == "item"
        row["all_rows_value"], row["is_order_line"] = value, False
        back = line["line_kind"] == "cancellation" and line["quantity"] < 0
        if line["item_kind"] == "discount" and line["line_kind"] in ("sale", "cancellation"):
            row["discounts"] = -value
        elif line["is_revenue_line"]:
            row["is_order_line"] = True
            row["gross_sales" if goods else "service_sales"] = value
            row["units_sold"] = line["quantity"] if goods else 0
        elif back:
            row["returns_on_return_date" if goods else "service_returns"] = -value
            row["units_returned"] = -line["quantity"] if goods else 0
        else:
            row["other_value"] = value
        rows.append(row)
    for link in world.links:
        if link["item_kind"] == "item":
            day = link["order_date"] or link["return_date"]
            hour = link["return_hour"] if link["order_hour"] is None else link["order_hour"]
            moved = {"sales_date": day, "sales_hour": hour, "is_order_line": False}
            rows.append(
                {**link, **ZEROES, **moved, "returns_on_order_date": link["returned_value"]}
            )
    return rows


def sums(rows: Iterable[Row]) -> Row:
    """Orders, buyers and all measures of a group of measured lines."""
    own = list(rows)
    found: Row = {name: sum((row[name] for row in own), zero) for name, zero in ZEROES.items()}
    orders = [row for row in own if row["is_order_line"]]
    net = found["gross_sales"] - found["discounts"]
    return {
        **found,
        "orders": len({row["invoice_no"] for row in orders}),
        "customers_known": len({row["customer_id"] for row in orders} - {None}),
        "net_sales_on_return_date": net - found["returns_on_return_date"],
        "net_sales_on_order_date": net - found["returns_on_order_date"],
    }


def order_values(invoices: Iterable[Row]) -> Row:
    """Numerators and denominators of the average order values."""
    own = list(invoices)
    found: Row = {}
    for kind in ("gross", "net"):
        values = [row[f"{kind}_sales"] for row in own if row[f"{kind}_sales"] > 0]
        found |= {f"aov_{kind}_num": sum(values, ZERO), f"aov_{kind}_den": len(values)}
    return found


def first_of_month(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def daily(world: World) -> list[Row]:
    """agg_retail_sales_daily."""
    placed = grouped(world.invoices, lambda invoice: invoice["invoice_date"])
    days = grouped(measured(world), lambda row: row["sales_date"])
    return [
        {"sales_date": day, **sums(own), **order_values(placed.get(day, []))}
        for day, own in days.items()
    ]


def monthly(world: World) -> list[Row]:
    """agg_retail_sales_monthly."""
    placed = grouped(world.invoices, lambda invoice: first_of_month(invoice["invoice_date"]))
    observed = {line["invoice_date"] for line in world.lines}
    rows: dict[date, Row] = {}
    months = grouped(measured(world), lambda row: first_of_month(row["sales_date"]))
    for month, own in sorted(months.items()):
        next_month = first_of_month(month + timedelta(days=31))
        last = next_month - timedelta(days=1)
        row = {
            "month_date": month,
            "days_in_month": (next_month - month).days,
            "days_observed": len([day for day in observed if first_of_month(day) == month]),
            "month_complete": min(observed) <= month and last <= max(observed),
            **sums(own),
            **order_values(placed.get(month, [])),
        }
        net = row["net_sales_on_return_date"]
        earlier = {
            "month": rows.get(first_of_month(month - timedelta(days=1))),
            "year": rows.get(month.replace(year=month.year - 1)),
        }
        rows[month] = dict(row)
        for kind, before in earlier.items():
            base = before["net_sales_on_return_date"] if before else None
            whole = bool(before and before["month_complete"] and row["month_complete"])
            rows[month] |= {
                f"growth_{kind}_num": None if base is None else net - base,
                f"growth_{kind}_den": base,
                f"growth_{kind}_complete": whole,
            }
    return list(rows.values())


def by(world: World, column: str) -> dict[tuple[date, object], Row]:
    """Sums by month and a column."""
    groups = grouped(measured(world), lambda row: (first_of_month(row["sales_date"]), row[column]))
    return {key: {"month_date": key[0], **sums(own)} for key, own in groups.items()}


def by_item(world: World) -> list[Row]:
    """agg_retail_sales_by_item."""
    shown = ("stock_code", "description", "item_kind")
    return [
        {**row, **{column: world.items[str(code)][column] for column in shown}}
        for (_, code), row in by(world, "stock_code").items()
    ]


def by_customer(world: World) -> list[Row]:
    """agg_retail_sales_by_customer."""
    return [
        {**row, "customer_id": customer or 0, "is_unknown": customer is None}
        for (_, customer), row in by(world, "customer_id").items()
    ]


def by_country(world: World) -> list[Row]:
    """agg_retail_sales_by_country."""
    return [
        {**row, "country": country, "is_unknown": country == "Unspecified"}
        for (_, country), row in by(world, "country").items()
    ]


def by_hour(world: World) -> list[Row]:
    """agg_retail_sales_by_hour."""
    hours: dict[date, list[int]] = {}
    for line in world.lines:
        hours.setdefault(line["invoice_date"], []).append(line["invoice_hour"])

    def observed(kind: tuple[int, int]) -> int:
        """Days of the kind whose hour lies between the first line of all and the last."""
        first, last = min(hours), max(hours)
        return sum(
            (day > first or kind[1] >= min(hours[day]))
            and (day < last or kind[1] <= max(hours[day]))
            for day in hours
            if day.isoweekday() == kind[0]
        )

    groups = grouped(
        measured(world), lambda row: (row["sales_date"].isoweekday(), row["sales_hour"])
    )
    placed = grouped(
        (
            invoice
            for invoice in world.invoices
            if invoice["invoice_kind"] == "sale"
            and invoice["gross_sales"] + invoice["service_sales"] > 0
        ),
        lambda invoice: (invoice["invoice_date"].isoweekday(), invoice["invoice_hour"]),
    )
    means = {kind: len(placed.get(kind, [])) / observed(kind) for kind in groups}
    names = ("gross_sales", "net_sales_on_return_date", "net_sales_on_order_date", "all_rows_value")
    return [
        {
            "weekday_iso": kind[0],
            "sales_hour": kind[1],
            "hours_observed": observed(kind),
            "orders": len(placed.get(kind, [])),
            "orders_uk": sum(invoice["country"] == UK for invoice in placed.get(kind, [])),
            **{name: sums(own)[name] for name in names},
            "gross_sales_uk": sums(x for x in own if x["country"] == UK)["gross_sales"],
            "mean_orders": means[kind],
            "is_peak": means[kind] == max(means.values()),
        }
        for kind, own in groups.items()
    ]


def customers(world: World) -> list[Row]:
    """dim_retail_customer."""
    lines = grouped(world.lines, lambda line: line["customer_id"])
    every = grouped(measured(world), lambda row: row["customer_id"])
    rows = []
    for customer, own in lines.items():
        if customer is None:
            continue
        sales = [line for line in own if line["is_revenue_line"]]
        sold = {line["invoice_date"] for line in sales}
        countries = Counter(line["country"] for line in own)
        totals = sums(every[customer])
        shown = ("orders", "units_sold", "units_returned", "gross_sales", "service_sales")
        rows.append(
            {
                "customer_id": customer,
                "country": min(countries, key=lambda name: (-countries[name], name)),
                "n_countries": len(countries),
                "first_seen_date": min(line["invoice_date"] for line in own),
                "last_seen_date": max(line["invoice_date"] for line in own),
                "first_order_date": min(sold, default=None),
                "last_order_date": max(sold, default=None),
                "purchase_days": len(sold),
                "items": len({x["stock_code"] for x in sales if x["item_kind"] == "item"}),
                "n_lines": len(own),
                **{name: totals[name] for name in (*shown, "discounts", "all_rows_value")},
                "returned_value": totals["returns_on_return_date"],
                "net_sales": totals["net_sales_on_return_date"],
                "mean_order_num": totals["gross_sales"],
                "mean_order_den": totals["orders"],
            }
        )
    return rows


#: Every mart of the primary source, with the function that computes it a second time.
EXPECTED: dict[str, Callable[[World], list[Row]]] = {
    "retail_marts.fct_retail_invoice_lines": lambda world: world.lines,
    "retail_marts.mart_retail_price_position": positions,
    "retail_marts.dim_retail_item": lambda world: list(world.items.values()),
    "retail_marts.fct_retail_return_links": lambda world: world.links,
    "retail_marts.fct_retail_invoices": lambda world: world.invoices,
    "retail_marts.fct_retail_basket": lambda world: world.baskets,
    "retail_marts.mart_retail_basket_pairs": lambda world: world.pairs,
    "retail_marts.mart_retail_basket_pairs_by_country": lambda world: world.country_pairs,
    "retail_marts.dim_retail_customer": customers,
    "retail_marts.agg_retail_sales_daily": daily,
    "retail_marts.agg_retail_sales_monthly": monthly,
    "retail_marts.agg_retail_sales_by_item": by_item,
    "retail_marts.agg_retail_sales_by_customer": by_customer,
    "retail_marts.agg_retail_sales_by_country": by_country,
    "retail_marts.agg_retail_sales_by_hour": by_hour,
}
