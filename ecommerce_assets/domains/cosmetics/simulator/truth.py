"""What the generator planted in a month, with the definition of every figure.

What belongs here: the figures, and keeping them beside the data as one JSON file a month.
What stays out: reading the data. A pipeline that computes the same figure from the files
must get the same number; a difference is a defect of the pipeline or of this module.

One file a month, never one for all: months made in any order, twice, or by several
processes at once leave the same files, and no writer has to wait for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.simulation.truth_files import read_truth, write_truth


@dataclass(frozen=True)
class PairTruth:
    """Two products planted as bought together.

    Attributes:
        first_product_id: the smaller of the two product ids.
        second_product_id: the larger one.
        sessions: sessions counted as started in the month in which both were bought,
            whether planted or by chance.
    """

    first_product_id: int
    second_product_id: int
    sessions: int


@dataclass(frozen=True)
class OutageTruth:
    """Hours in which checkout failed.

    Attributes:
        day: ISO date, UTC.
        from_hour: first hour without purchases.
        until_hour: first hour with purchases again.
        purchases: purchase rows in the window, always 0.
        lost_orders: sessions whose order the outage prevented.
    """

    day: str
    from_hour: int
    until_hour: int
    purchases: int
    lost_orders: int


@dataclass(frozen=True)
class FunnelTruth:
    """Sessions by the steps they took.

    A session is a non-empty session id, with the events of all its users and of all months
    of the calendar. It counts in the month of its first event there. Equal times count as
    in order, since events of one second have no order.

    Attributes:
        sessions: all sessions.
        with_view: sessions with a view.
        with_cart: sessions with a cart event, in whatever order.
        with_purchase: sessions with a purchase, in whatever order.
        view_then_cart: sessions with a view whose first cart event is at or after their
            first view.
        view_then_cart_then_purchase: those of them whose first purchase is at or after
            their first cart event.
    """

    sessions: int
    with_view: int
    with_cart: int
    with_purchase: int
    view_then_cart: int
    view_then_cart_then_purchase: int


@dataclass(frozen=True)
class MonthTruth:
    """What is true of one month's file, as the generator knows it before writing.

    Attributes:
        month: ISO date of its first day.
        seed: the data set's seed.
        rows: lines without the header.
        rows_by_type: rows by event_type.
        duplicate_rows_by_type: excess rows: a line that occurs n times in the file counts
            n - 1 times.
        rows_without_session: rows with an empty user_session.
        rows_without_brand: rows with an empty brand.
        rows_without_category_code: rows with an empty category_code.
        rows_with_zero_price: rows with price 0.00.
        rows_with_negative_price: rows with a price below zero; all are purchases.
        purchase_value_cents: sum of the prices of all purchase rows, duplicates and
            negative prices included.
        positive_purchase_value_cents: the same, prices above zero only.
        users: users with a row in the file.
        new_users: users whose first month in the calendar is this one.
        returning_users: users with a row in an earlier month of the calendar.
        funnel: the sessions that start in the month.
        sessions_from_previous_month: sessions of the file that started in the month before
            it; 0 in the first month, where they count as started.
        sessions_into_next_month: sessions that go on in the next month's file; 0 in the last.
        sessions_shared_by_users: session ids that two users share.
        pairs: the ten pairs planted as bought together, the most frequent planted first.
        outage: the planted failure of checkout, in one month of the calendar.
    """

    month: str
    seed: int
    rows: int
    rows_by_type: dict[str, int]
    duplicate_rows_by_type: dict[str, int]
    rows_without_session: int
    rows_without_brand: int
    rows_without_category_code: int
    rows_with_zero_price: int
    rows_with_negative_price: int
    purchase_value_cents: int
    positive_purchase_value_cents: int
    users: int
    new_users: int
    returning_users: int
    funnel: FunnelTruth
    sessions_from_previous_month: int
    sessions_into_next_month: int
    sessions_shared_by_users: int
    pairs: tuple[PairTruth, ...]
    outage: OutageTruth | None


def write_month_truth(truth: MonthTruth, directory: Path) -> Path:
    """Write `<directory>/<month>.json`, replacing it in one step; the path it wrote."""
    return write_truth(truth, directory / f"{truth.month}.json")


def read_truths(directory: Path) -> dict[str, MonthTruth]:
    """All truths in a directory by month, in order of months; empty if there is none.

    Raises:
        ValueError: if a file is not a truth; the message names it.
    """
    truths = {}
    for path in sorted(directory.glob("????-??-??.json")):
        truth = read_truth(path, MonthTruth)
        if truth:
            truths[path.stem] = truth
    return truths
