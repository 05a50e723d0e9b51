"""The truths of the cosmetics events: figures as data, and the SQL that finds ours.

Belongs here: `published.yaml`, the planted figures of the simulated shop, and one query a file;
its columns are the metrics. Stays out: judging (`lib/truths.py`). Every query is over the months
from the first `?` to the second, the end excluded, and runs on every engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.domains.truths import Figure, truth_of
from ecommerce_assets.domains.truths import published_truths as published
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.domains.cosmetics.simulator.truth import MonthTruth

HERE = Path(__file__).parent
KAGGLE = "kaggle mkechinov/ecommerce-events-history-in-cosmetics-shop"


def published_truths() -> list[Truth]:
    """The figures that others published of the Kaggle data set."""
    return published(HERE)


def planted_truths(planted: Mapping[str, MonthTruth]) -> list[Truth]:
    """What the simulated shop planted, month by month and, where all months are there, in all.

    Args:
        planted: the truths by month, as `read_truths` gives them.
    """
    if not planted:
        return []
    days = [date.fromisoformat(month) for month in planted]
    truths: list[Truth] = []
    for day, truth in zip(days, planted.values(), strict=True):
        truths += [truth_of(figure, day, day, days[0]) for figure in _of_month(truth)]
        if truth.outage:
            hours = (date.fromisoformat(truth.outage.day), truth.outage.from_hour)
            orders = Figure(
                "outage",
                "orders_in_the_outage",
                truth.outage.purchases,
                "orders in the hours in which checkout failed",
                arguments=(*hours, truth.outage.until_hour),
            )
            truths.append(truth_of(orders, day, day))
    # A session that goes on in a month that nobody asked the shop for cannot be found whole.
    if planted[f"{days[-1]}"].sessions_into_next_month == 0:
        whole = _of_all_months(list(planted.values()))
        truths += [truth_of(figure, days[0], days[-1]) for figure in whole]
    return truths


def _of_month(truth: MonthTruth) -> list[Figure]:
    """Everything that a month's truth says."""
    figures = [
        Figure("traffic", "rows_all", truth.rows, "all rows"),
        Figure(
            "traffic", "rows_without_session", truth.rows_without_session, "rows without session id"
        ),
        Figure("events", "rows_without_brand", truth.rows_without_brand, "rows without brand"),
        Figure(
            "events",
            "rows_without_category_code",
            truth.rows_without_category_code,
            "rows without category code",
        ),
        Figure("events", "zero_price_rows", truth.rows_with_zero_price, "rows with price 0"),
        Figure(
            "events", "negative_price_rows", truth.rows_with_negative_price, "rows with price < 0"
        ),
        Figure(
            "sales",
            "purchase_value",
            Decimal(truth.purchase_value_cents) / 100,
            "prices of all purchase rows",
        ),
        Figure(
            "sales",
            "positive_purchase_value",
            Decimal(truth.positive_purchase_value_cents) / 100,
            "prices above 0 of all purchase rows",
        ),
        Figure("users", "users", truth.users, "users with a row"),
        Figure("users", "new_users", truth.new_users, "users whose first loaded month it is"),
        Figure(
            "users",
            "returning_users",
            truth.returning_users,
            "users with a row in an earlier month",
        ),
    ]
    for kind, rows in truth.rows_by_type.items():
        figures.append(Figure("traffic", f"rows_{kind}", rows, f"rows of type {kind}"))
    for kind, rows in truth.duplicate_rows_by_type.items():
        definition = f"rows of type {kind} that an equal row precedes"
        figures.append(Figure("duplicates", f"duplicate_rows_{kind}", rows, definition))
    return figures


def _of_all_months(planted: list[MonthTruth]) -> list[Figure]:
    """Figures of sessions, put together over months: by session id, whoever the user."""
    steps = {
        "source_sessions": ("sessions", "session ids"),
        "sessions_with_view": ("with_view", "session ids with a view"),
        "sessions_with_cart": ("with_cart", "session ids with a cart event"),
        "sessions_with_purchase": ("with_purchase", "session ids with a purchase"),
        "sessions_view_then_cart": (
            "view_then_cart",
            "session ids whose first cart event is at or after their first view",
        ),
        "sessions_view_then_cart_then_purchase": (
            "view_then_cart_then_purchase",
            "those of them whose first purchase is at or after their first cart event",
        ),
    }
    return [
        Figure(
            "sessions", metric, sum(getattr(truth.funnel, name) for truth in planted), definition
        )
        for metric, (name, definition) in steps.items()
    ]
