"""What the simulated gift shop planted, in the form of the truth ledger.

Belongs here: which planted figure is found by which measure. Stays out: the SQL of the measures
(`truths/*.sql`), the definitions of the figures (`domains/retail/simulator/truth.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ecommerce_assets.domains.truths import Figure, truth_of
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.domains.retail.simulator.truth import RetailTruth


def planted_truths(planted: RetailTruth, months: Sequence[date]) -> list[Truth]:
    """What the simulated shop planted, month by month and in all.

    Args:
        planted: the truth of the whole file.
        months: the domain's months, oldest first. Where they are not the file's, which was then
            written for other months, none of its figures is a truth of theirs.
    """
    if not _same_months(planted, months):
        return []
    truths: list[Truth] = []
    for month in planted.months:
        day, rows = date.fromisoformat(month.month), month.part
        value, what = _pounds(rows.value_mils), "quantity x price of the month's rows"
        for figure in (
            Figure("months", "month_invoices", rows.invoices, "invoices of the month"),
            Figure("months", "month_value", value, what),
        ):
            truths.append(truth_of(figure, day, day))
    truths += [truth_of(figure, months[0], months[-1]) for figure in _of_the_file(planted)]
    return truths + planted_links(planted, months)


def planted_links(planted: RetailTruth, months: Sequence[date]) -> list[Truth]:
    """The cancelled items of known customers, by the way their sale must be found.

    A planted part of a sale is what first in, first out must find: nothing else takes its units.

    Args:
        planted: the truth of the whole file.
        months: the domain's months, oldest first. Where they are not the file's, which was then
            written for other months, nothing is known of their links.
    """
    if not _same_months(planted, months):
        return []
    links = planted.links
    figures = (
        ("exact_links", links.exact, "that a sale of equal quantity and price meets"),
        ("fifo_links", links.partial, "of a part of a sale"),
        ("unlinked_cancellations", links.none, "of what the customer never bought"),
    )
    return [
        truth_of(
            Figure("links", metric, expected, f"cancelled items of known customers {definition}"),
            months[0],
            months[-1],
        )
        for metric, expected, definition in figures
    ]


def _same_months(planted: RetailTruth, months: Sequence[date]) -> bool:
    return [month.isoformat() for month in months] == [month.month for month in planted.months]


def _of_the_file(planted: RetailTruth) -> list[Figure]:
    """The figures of all rows."""
    rows, basis, pair = planted.everything, planted.basis, planted.pair
    lines: list[tuple[str, int | Decimal, str]] = [
        ("rows_all", rows.rows, "rows of the file"),
        ("invoices", rows.invoices, "distinct InvoiceNo"),
        ("customers", rows.customers, "distinct CustomerID, not null"),
        ("stock_codes", rows.codes, "distinct StockCode, as delivered"),
        ("countries", rows.countries, "distinct Country"),
        ("rows_without_customer", rows.rows_without_customer, "rows without CustomerID"),
        ("rows_without_description", rows.rows_without_description, "rows without Description"),
        ("duplicate_rows", rows.exact_duplicate_rows, "rows that an equal row precedes"),
        ("cancellation_rows", rows.cancellation_rows, "rows of invoices C…"),
        ("cancellation_invoices", rows.cancellation_invoices, "invoices C…"),
        ("bad_debt_invoices", rows.bad_debt_invoices, "invoices A…"),
        ("negative_quantity_rows", rows.negative_quantity_rows, "rows with a quantity below 0"),
        ("zero_price_rows", rows.zero_price_rows, "rows with price 0"),
        ("negative_price_rows", rows.negative_price_rows, "rows with a price below 0"),
        ("value_all_rows", _pounds(rows.value_mils), "quantity x price of all rows"),
    ]
    of_basis: list[tuple[str, int | Decimal, str]] = [
        ("basis_p_rows", basis.rows, "rows with a customer, quantity and price above 0"),
        ("basis_p_customers", basis.customers, "customers of these rows"),
        ("basis_p_invoices", basis.invoices, "invoices of these rows"),
        ("basis_p_stock_codes", basis.codes, "stock codes of these rows"),
        ("basis_p_value", _pounds(basis.value_mils), "quantity x price of these rows"),
        ("purchase_occasions", basis.purchase_occasions, "customers x days of these rows"),
    ]
    of_pair: list[tuple[str, int, str]] = [
        ("baskets", pair.baskets, "invoices with a quantity above 0"),
        ("with_first", pair.with_first, "those with the pair's first item"),
        ("with_second", pair.with_second, "those with its second item"),
        ("with_both", pair.with_both, "those with both"),
    ]
    codes = (pair.first_code, pair.second_code)
    found = [Figure("lines", *figure) for figure in lines]
    found += [Figure("basis_p", *figure) for figure in of_basis]
    found += [
        Figure("pair", column, expected, definition, f"{column} of the planted pair", codes)
        for column, expected, definition in of_pair
    ]
    two_times = planted.invoices_with_two_times
    what = "invoices whose rows have two timestamps"
    return [*found, Figure("invoices", "invoices_of_two_timestamps", two_times, what)]


def _pounds(mils: int) -> Decimal:
    """Pounds of a number of thousandths."""
    return Decimal(mils) / 1000
