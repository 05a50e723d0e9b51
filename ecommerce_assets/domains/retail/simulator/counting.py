"""The truths of the gift shop's file, counted on the generator's own rows.

What belongs here: turning rows into a `RetailTruth`, before a line is written.
What stays out: the definitions of the figures; they stand in `truth`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from ecommerce_assets.domains.retail.simulator.catalogue import PAIR
from ecommerce_assets.domains.retail.simulator.documents import BAD_DEBT, CANCELLATION, Row
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.domains.retail.simulator.rhythm import MINUTES, OpenHours
from ecommerce_assets.domains.retail.simulator.truth import (
    BasisTruth,
    LinkTruth,
    MonthTruth,
    PairTruth,
    PartTruth,
    RetailTruth,
)


def count_truth(plan: ShopPlan, rows: list[Row], hours: OpenHours) -> RetailTruth:
    """All truths of a file.

    Args:
        plan: the data set.
        rows: the rows of the file.
        hours: says in which month a minute lies.
    """
    by_month: list[list[Row]] = [[] for _ in plan.calendar]
    for row in rows:
        by_month[hours.month_place(row.minute)].append(row)
    texts = Counter(row.line.description for row in rows)
    return RetailTruth(
        seed=plan.seed,
        everything=_part(rows),
        basis=_basis(rows),
        months=tuple(
            MonthTruth(month.isoformat(), _part(part), _basis(part))
            for month, part in zip(plan.calendar, by_month, strict=True)
        ),
        links=_links(rows),
        pair=_pair(rows),
        rows_by_country=dict(Counter(row.country for row in rows)),
        service_rows=dict(Counter(row.line.code for row in rows if not row.line.code[0].isdigit())),
        lower_case_codes=len(
            {row.line.code for row in rows if row.line.code[0].isdigit() and _has_small(row)}
        ),
        rows_with_pound_sign=sum(n for text, n in texts.items() if "£" in text),
        quoted_rows=sum(n for text, n in texts.items() if '"' in text or "," in text),
        outer_blank_rows=sum(n for text, n in texts.items() if text != text.strip(" ")),
        invoices_with_two_times=_with_several((row.invoice, str(row.minute)) for row in rows),
        customers_with_two_countries=_with_several(
            (row.customer, row.country) for row in rows if row.customer
        ),
        largest_quantity=max(row.line.quantity for row in rows),
    )


def _part(rows: list[Row]) -> PartTruth:
    cancelled = [row for row in rows if row.invoice.startswith(CANCELLATION)]
    return PartTruth(
        rows=len(rows),
        invoices=len({row.invoice for row in rows}),
        customers=len({row.customer for row in rows} - {""}),
        codes=len({row.line.code for row in rows}),
        countries=len({row.country for row in rows}),
        rows_without_customer=sum(not row.customer for row in rows),
        rows_without_description=sum(not row.line.description for row in rows),
        exact_duplicate_rows=len(rows) - len(set(rows)),
        cancellation_rows=len(cancelled),
        cancellation_invoices=len({row.invoice for row in cancelled}),
        cancellation_value_mils=sum(row.value for row in cancelled),
        bad_debt_invoices=len({row.invoice for row in rows if row.invoice.startswith(BAD_DEBT)}),
        negative_quantity_rows=sum(row.line.quantity < 0 for row in rows),
        zero_price_rows=sum(row.line.mils == 0 for row in rows),
        negative_price_rows=sum(row.line.mils < 0 for row in rows),
        value_mils=sum(row.value for row in rows),
    )


def _basis(rows: list[Row]) -> BasisTruth:
    basis = [row for row in rows if row.customer and row.line.quantity > 0 and row.line.mils > 0]
    return BasisTruth(
        rows=len(basis),
        customers=len({row.customer for row in basis}),
        invoices=len({row.invoice for row in basis}),
        codes=len({row.line.code for row in basis}),
        value_mils=sum(row.value for row in basis),
        purchase_occasions=len({(row.customer, row.minute // MINUTES) for row in basis}),
    )


def _links(rows: list[Row]) -> LinkTruth:
    """Rows rise in time, so that the sales seen so far are those that are not later."""
    bought: set[tuple[str, str]] = set()
    lines: set[tuple[str, str, int, int]] = set()
    found = Counter[str]()
    for row in sorted(rows, key=lambda row: (row.minute, row.invoice.startswith(CANCELLATION))):
        key = (row.customer, row.line.code.upper())
        if not row.customer:
            continue
        if not row.invoice.startswith(CANCELLATION):
            bought.add(key)
            lines.add((*key, row.line.quantity, row.line.mils))
        elif not row.line.code[0].isdigit():
            found["services"] += 1
        elif (*key, -row.line.quantity, row.line.mils) in lines:
            found["exact"] += 1
        else:
            found["partial" if key in bought else "none"] += 1
    return LinkTruth(found["exact"], found["partial"], found["none"], found["services"])


def _pair(rows: list[Row]) -> PairTruth:
    baskets: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.line.quantity > 0:
            baskets[row.invoice].add(row.line.code)
    first, second = (line.code for line in PAIR)
    return PairTruth(
        first_code=first,
        second_code=second,
        baskets=len(baskets),
        with_first=sum(first in codes for codes in baskets.values()),
        with_second=sum(second in codes for codes in baskets.values()),
        with_both=sum({first, second} <= codes for codes in baskets.values()),
    )


def _has_small(row: Row) -> bool:
    return row.line.code != row.line.code.upper()


def _with_several(pairs: Iterable[tuple[str, str]]) -> int:
    """How many of the first ones occur with more than one second."""
    return sum(n > 1 for n in Counter(first for first, _ in set(pairs)).values())
