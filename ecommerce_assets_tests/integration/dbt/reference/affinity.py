"""Baskets, pairs of products in them, and what the pairs say."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations

from ecommerce_assets_tests.integration.dbt.reference.base import Row, grouped, month_of
from ecommerce_assets_tests.integration.dbt.reference.order_lines import order_lines
from ecommerce_assets_tests.integration.dbt.reference.performance import UNKNOWN
from ecommerce_assets_tests.integration.dbt.reference.world import World

Basket = frozenset[int]


def all_baskets(world: World) -> dict[datetime, list[Basket]]:
    """The distinct products of every order, by month of the order."""
    products = grouped(order_lines(world), lambda line: line["order_proxy_key"])
    by_month: dict[datetime, list[Basket]] = {}
    for order in world.orders:
        own = frozenset(line["product_id"] for line in products[order["order_proxy_key"]])
        by_month.setdefault(month_of(order["ordered_at"]), []).append(own)
    return by_month


def counted_baskets(world: World) -> dict[datetime, list[Basket]]:
    """Those of 2 to 100 products."""
    return {
        month: [basket for basket in baskets if 2 <= len(basket) <= 100]
        for month, baskets in all_baskets(world).items()
    }


def pairs_in(baskets: list[Basket]) -> Counter[tuple[int, int]]:
    """Baskets with both, by pair in order."""
    return Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))


def pair_months(world: World) -> list[Row]:
    """int_cosmetics__product_pair_months."""
    return [
        {
            "order_month": month,
            "first_product_id": first,
            "second_product_id": second,
            "n_both": n,
            "is_frequent": Fraction(n, len(baskets)) >= Fraction(1, 10_000),
        }
        for month, baskets in counted_baskets(world).items()
        for (first, second), n in pairs_in(baskets).items()
    ]


def product_basket_months(world: World) -> list[Row]:
    """int_cosmetics__product_basket_months."""
    return [
        {"order_month": month, "product_id": product, "n_baskets": n}
        for month, baskets in counted_baskets(world).items()
        for product, n in Counter(p for basket in baskets for p in basket).items()
    ]


def baskets_monthly(world: World) -> list[Row]:
    """agg_baskets_monthly."""
    rows = []
    for month, baskets in all_baskets(world).items():
        days = [o["order_date"] for o in world.orders if month_of(o["ordered_at"]) == month]
        counted = counted_baskets(world)[month]
        pairs = pairs_in(counted)
        frequent = [n for n in pairs.values() if n * 10_000 >= len(counted)]
        rows.append(
            {
                "order_month": month,
                "first_order_date": min(days),
                "last_order_date": max(days),
                "orders_proxy": len(baskets),
                "single_product_baskets": sum(len(b) == 1 for b in baskets),
                "n_baskets": len(counted),
                "oversized_baskets": sum(len(b) > 100 for b in baskets),
                "basket_products": sum(len(b) for b in counted),
                "pairs": len(pairs),
                "pair_occurrences": sum(pairs.values()),
                "frequent_pairs": len(frequent),
                "frequent_pair_occurrences": sum(frequent),
            }
        )
    return rows


def rounded(value: Fraction, digits: int) -> float:
    """Half up, as both engines round."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def measures(n: int, n_lhs: int, n_rhs: int, n_both: int) -> Row:
    """The ratios as the textbook has them."""
    support, confidence = Fraction(n_both, n), Fraction(n_both, n_lhs)
    share_lhs, share_rhs = Fraction(n_lhs, n), Fraction(n_rhs, n)
    return {
        "support": rounded(support, 9),
        "confidence": rounded(confidence, 6),
        "lift": rounded(confidence / share_rhs, 6),
        "leverage": rounded(support - share_lhs * share_rhs, 9),
        "conviction": (None if confidence == 1 else rounded((1 - share_rhs) / (1 - confidence), 6)),
        "jaccard": rounded(Fraction(n_both, n_lhs + n_rhs - n_both), 6),
    }


def names(world: World) -> dict[int, Row]:
    """What the source calls each product, over all months."""
    return {
        product: {
            "brand": min((e.brand for e in own if e.brand), default=UNKNOWN),
            "category_id": min(e.category for e in own),
            "category_code": min((e.code for e in own if e.code), default=UNKNOWN),
        }
        for product, own in grouped(world.events, lambda e: e.product).items()
    }


def affinity(world: World) -> list[Row]:
    """mart_product_affinity: counted over all months at once."""
    by_month = counted_baskets(world)
    baskets = [basket for own in by_month.values() for basket in own]
    n = len(baskets)
    with_product = Counter(p for basket in baskets for p in basket)
    pairs = pairs_in(baskets)
    months = [(pairs_in(own), len(own)) for own in by_month.values()]
    kept = {pair: k for pair, k in pairs.items() if k >= 3 and k * 10_000 >= n}
    days = [order["order_date"] for order in world.orders]
    named = names(world)
    rows: list[Row] = []
    for (first, second), k in kept.items():
        for lhs, rhs in ((first, second), (second, first)):
            rows.append(
                {
                    "lhs_product_id": lhs,
                    "rhs_product_id": rhs,
                    **{f"lhs_{key}": value for key, value in named[lhs].items()},
                    **{f"rhs_{key}": value for key, value in named[rhs].items()},
                    "n_baskets": n,
                    "n_lhs": with_product[lhs],
                    "n_rhs": with_product[rhs],
                    "n_both": k,
                    **measures(n, with_product[lhs], with_product[rhs], k),
                    "months_together": sum((first, second) in own for own, _ in months),
                    "months_frequent": sum(own[first, second] * 10_000 >= m for own, m in months),
                    "window_start_date": min(days),
                    "window_end_date": max(days),
                    "kept_share_num": sum(kept.values()),
                    "kept_share_den": sum(pairs.values()),
                }
            )
    add_ranks(rows)
    return rows


def add_ranks(rows: list[Row]) -> None:
    """Ranks over pairs, whichever direction, and over the partners of a product."""
    pairs = [row for row in rows if row["lhs_product_id"] < row["rhs_product_id"]]

    def above(row: Row, others: list[Row], column: str) -> int:
        return 1 + sum(bool(other[column] > row[column]) for other in others)

    for row in rows:
        partners = [r for r in rows if r["lhs_product_id"] == row["lhs_product_id"]]
        row["rank_by_baskets"] = above(row, pairs, "n_both")
        row["rank_by_lift"] = above(row, pairs, "lift")
        row["rank_in_lhs"] = above(row, partners, "n_both")


EXPECTED = {
    "cosmetics_intermediate.int_cosmetics__product_pair_months": pair_months,
    "cosmetics_intermediate.int_cosmetics__product_basket_months": product_basket_months,
    "cosmetics_marts.agg_baskets_monthly": baskets_monthly,
    "cosmetics_marts.mart_product_affinity": affinity,
}
