"""The retail facts computed again in plain Python, without months or batches.

Belongs here: facts, items, return links, invoices and baskets, written a second time and as simply
as they read; the lines before them are in `reference_lines`, sums of them in `sums`. Keep out SQL.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import permutations

from ecommerce_assets_tests.integration.dbt.reference.base import ZERO, Row, grouped
from ecommerce_assets_tests.integration.dbt_retail.reference_lines import staged
from ecommerce_assets_tests.integration.dbt_retail.shop import Line

UNKNOWN = "(unknown)"
ONE_BASKET_OF = 200
ONE_BASKET_OF_A_COUNTRY = 100
LEAST_BASKETS = 3


@dataclass
class OpenSale:
    """A line that sold units, and how many of them are not back yet."""

    line: Row
    units: int


class World:
    """The shop: its lines, and what the marts share."""

    def __init__(self, delivered: list[Line]) -> None:
        self.staged = staged(delivered)

    @cached_property
    def lines(self) -> list[Row]:
        """fct_retail_invoice_lines."""
        rows = []
        for row in self.staged:
            kept = {k: v for k, v in row.items() if k not in ("customer_id_delivered", "dup_rank")}
            at: datetime = row["invoiced_at"]
            kept["line_key"] = f"{at:%Y-%m}-01:{row['source_row_no']}"
            kept["is_revenue_line"] = row["line_kind"] == "sale" and row["unit_price"] > 0
            rows.append(kept)
        return rows

    @cached_property
    def items(self) -> dict[str, Row]:
        """dim_retail_item, by stock code."""
        rows = {}
        for code, own in grouped(self.lines, lambda line: line["stock_code"]).items():
            sales = [line for line in own if line["is_revenue_line"]]
            texts = Counter(line["description"] for line in sales if line["description"])
            best = sorted(texts, key=lambda text: (-texts[text], text))
            rows[code] = {
                "stock_code": code,
                "description": best[0] if best else UNKNOWN,
                "is_description_known": bool(best),
                "item_kind": own[0]["item_kind"],
                "is_service": own[0]["item_kind"] != "item",
                "n_lines": len(own),
                "n_spellings": len({line["stock_code_delivered"] for line in own}),
                "n_descriptions": len(texts),
                "first_sold_date": min((line["invoice_date"] for line in sales), default=None),
                "last_sold_date": max((line["invoice_date"] for line in sales), default=None),
                "lowest_price": min((line["unit_price"] for line in sales), default=None),
                "highest_price": max((line["unit_price"] for line in sales), default=None),
            }
        return rows

    @cached_property
    def cancelled(self) -> list[Row]:
        """Lines that give units back, discounts apart, in order."""
        return [
            line
            for line in self.lines
            if line["line_kind"] == "cancellation"
            and line["quantity"] < 0
            and line["item_kind"] != "discount"
        ]

    @cached_property
    def exact_sales(self) -> dict[str, Row]:
        """The sale that each exactly matched cancellation reverses, by the cancellation's key.

        Equal sales of a customer lie on a pile, and each cancellation takes the uppermost.
        """
        found: dict[str, Row] = {}
        piles: dict[tuple[object, ...], list[Row]] = {}
        cancelled = {line["line_key"] for line in self.cancelled}
        for line in self.lines:
            if not line["customer_id"]:
                continue
            units = abs(line["quantity"])
            what = (line["customer_id"], line["stock_code"], units, line["unit_price"])
            pile = piles.setdefault(what, [])
            if line["line_key"] in cancelled:
                if pile:
                    found[line["line_key"]] = pile.pop()
            elif line["line_kind"] == "sale" and line["quantity"] > 0:
                pile.append(line)
        return found

    @cached_property
    def links(self) -> list[Row]:
        """fct_retail_return_links."""
        reversed_sales = {sale["line_key"] for sale in self.exact_sales.values()}
        cancelled = {line["line_key"] for line in self.cancelled}
        open_sales: dict[tuple[int, str], deque[OpenSale]] = {}
        rows: list[Row] = []
        for line in self.lines:
            pool = open_sales.setdefault((line["customer_id"], line["stock_code"]), deque())
            if line["line_key"] in cancelled:
                rows += self.links_of(line, pool)
            elif (
                line["line_kind"] == "sale"
                and line["quantity"] > 0
                and line["line_key"] not in reversed_sales
            ):
                pool.append(OpenSale(line, line["quantity"]))
        return rows

    def links_of(self, line: Row, pool: deque[OpenSale]) -> list[Row]:
        """The links of one cancellation, which takes what it gives back from the open sales."""
        left, rows = -line["quantity"], []
        if line["line_key"] in self.exact_sales:
            return [link(line, 1, "exact_match", self.exact_sales[line["line_key"]], left)]
        while line["customer_id"] and pool and left:
            taken = min(left, pool[0].units)
            rows.append(link(line, len(rows) + 1, "fifo", pool[0].line, taken))
            left -= taken
            pool[0].units -= taken
            if not pool[0].units:
                pool.popleft()
        if left:
            rows.append(link(line, len(rows) + 1, "unlinked", None, left))
        return rows

    @cached_property
    def invoices(self) -> list[Row]:
        """fct_retail_invoices."""
        returned = grouped(
            (row for row in self.links if row["item_kind"] == "item"),
            lambda row: row["sale_invoice_no"],
        )
        rows = []
        for number, own in grouped(self.lines, lambda line: line["invoice_no"]).items():
            goods = [x for x in own if x["is_revenue_line"] and x["item_kind"] == "item"]
            services = [
                x
                for x in own
                if x["is_revenue_line"] and x["item_kind"] not in ("item", "discount")
            ]
            delivered = sum(
                x["quantity"] for x in own if x["line_kind"] == "sale" and x["item_kind"] == "item"
            )
            kinds = {line["line_kind"] for line in own}
            customers = {line["customer_id"] for line in own} - {None}
            gross = sum((line["line_value"] for line in goods), ZERO)
            back = returned.get(number, [])
            value = sum((row["returned_value"] for row in back), ZERO)
            units = sum(row["units"] for row in back)
            rows.append(
                {
                    "invoice_no": number,
                    "invoice_kind": kinds.pop() if len(kinds) == 1 else "sale",
                    "invoiced_at": min(line["invoiced_at"] for line in own),
                    "last_line_at": max(line["invoiced_at"] for line in own),
                    "n_timestamps": len({line["invoiced_at"] for line in own}),
                    "invoice_date": min(line["invoice_date"] for line in own),
                    "invoice_hour": min(line["invoice_hour"] for line in own),
                    "customer_id": min(customers, default=None),
                    "n_customers": len(customers),
                    "country": min(line["country"] for line in own),
                    "n_lines": len(own),
                    "n_items": len({line["stock_code"] for line in goods}),
                    "units_sold": sum(line["quantity"] for line in goods),
                    "gross_sales": gross,
                    "service_sales": sum((line["line_value"] for line in services), ZERO),
                    "all_rows_value": sum((line["line_value"] for line in own), ZERO),
                    "returned_units": units,
                    "returned_value": value,
                    "net_sales": gross - value,
                    "is_fully_cancelled": delivered > 0 and units >= delivered,
                }
            )
        return rows

    @cached_property
    def baskets(self) -> list[Row]:
        """fct_retail_basket."""
        kept = {
            invoice["invoice_no"]: invoice
            for invoice in self.invoices
            if invoice["n_items"] >= 2 and not invoice["is_fully_cancelled"]
        }
        goods = [x for x in self.lines if x["is_revenue_line"] and x["item_kind"] == "item"]
        rows = []
        for (number, code), own in grouped(
            goods, lambda line: (line["invoice_no"], line["stock_code"])
        ).items():
            if number in kept:
                shared = ("invoice_date", "customer_id", "country", "n_items")
                rows.append(
                    {
                        "invoice_no": number,
                        "stock_code": code,
                        **{column: kept[number][column] for column in shared},
                        "units": sum(line["quantity"] for line in own),
                        "item_value": sum((line["line_value"] for line in own), ZERO),
                    }
                )
        return rows

    @cached_property
    def pairs(self) -> list[Row]:
        """mart_retail_basket_pairs."""
        baskets = grouped(self.baskets, lambda row: row["invoice_no"])
        n, dates = len(baskets), [row["invoice_date"] for row in self.baskets]
        single = Counter(row["stock_code"] for row in self.baskets)
        both = Counter(
            pair
            for own in baskets.values()
            for pair in permutations([row["stock_code"] for row in own], 2)
        )
        rows = []
        for (lhs, rhs), count in both.items():
            if count < LEAST_BASKETS or count * ONE_BASKET_OF < n:
                continue
            left, right = single[lhs], single[rhs]
            without = n * (left - count)
            rows.append(
                {
                    "lhs_stock_code": lhs,
                    "rhs_stock_code": rhs,
                    "lhs_description": self.items[lhs]["description"],
                    "rhs_description": self.items[rhs]["description"],
                    "n_baskets": n,
                    "n_lhs": left,
                    "n_rhs": right,
                    "n_both": count,
                    "support": count / n,
                    "confidence": count / left,
                    "lift": count * n / (left * right),
                    "leverage": count / n - left * right / (n * n),
                    "conviction": (n - right) * left / without if without else None,
                    "jaccard": count / (left + right - count),
                    "window_start_date": min(dates),
                    "window_end_date": max(dates),
                }
            )
        return rows

    @cached_property
    def country_pairs(self) -> list[Row]:
        """mart_retail_basket_pairs_by_country."""
        rows: list[Row] = []
        sold = [line for line in self.lines if line["quantity"] > 0]
        for country in [*sorted({line["country"] for line in sold}), "(all countries)"]:
            own = [x for x in sold if country in (x["country"], "(all countries)")]
            baskets: dict[str, set[str]] = {}
            for line in own:
                goods = {line["stock_code"]} if line["item_kind"] == "item" else set()
                baskets.setdefault(line["invoice_no"], set()).update(goods)
            n, dates = len(baskets), [line["invoice_date"] for line in own]
            single = Counter(code for codes in baskets.values() for code in codes)
            both = Counter(pair for codes in baskets.values() for pair in permutations(codes, 2))
            rows += [
                {
                    "country": country,
                    "lhs_stock_code": lhs,
                    "rhs_stock_code": rhs,
                    "lhs_description": self.items[lhs]["description"],
                    "rhs_description": self.items[rhs]["description"],
                    "n_baskets": n,
                    "n_lhs": single[lhs],
                    "n_rhs": single[rhs],
                    "n_both": count,
                    "support": ratio(count, n),
                    "confidence": ratio(count, single[lhs]),
                    "lift": ratio(count * n, single[lhs] * single[rhs]),
                    "window_start_date": min(dates),
                    "window_end_date": max(dates),
                }
                for (lhs, rhs), count in both.items()
                if count >= LEAST_BASKETS and count * ONE_BASKET_OF_A_COUNTRY >= n
            ]
        return rows


def ratio(numerator: int, denominator: int) -> float:
    """A ratio at six digits, its half rounded up, as both engines do."""
    exact = Decimal(numerator) / Decimal(denominator)
    return float(exact.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def link(line: Row, number: int, method: str, sale: Row | None, units: int) -> Row:
    """One row of fct_retail_return_links."""
    price: Decimal = line["unit_price"]
    return {
        "cancellation_line_key": line["line_key"],
        "link_no": number,
        "link_method": method,
        "sale_line_key": sale["line_key"] if sale else None,
        "cancellation_invoice_no": line["invoice_no"],
        "sale_invoice_no": sale["invoice_no"] if sale else None,
        "stock_code": line["stock_code"],
        "item_kind": line["item_kind"],
        "customer_id": line["customer_id"],
        "country": line["country"],
        "return_date": line["invoice_date"],
        "return_hour": line["invoice_hour"],
        "order_date": sale["invoice_date"] if sale else None,
        "order_hour": sale["invoice_hour"] if sale else None,
        "days_to_return": (line["invoice_date"] - sale["invoice_date"]).days if sale else None,
        "units": units,
        "unit_price": price,
        "returned_value": units * price,
    }
