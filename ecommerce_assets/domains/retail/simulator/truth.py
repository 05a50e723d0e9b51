"""What the generator planted in the gift shop's file, with the definition of every figure.

What belongs here: the figures, and keeping them beside the data as JSON.
What stays out: reading the data. A pipeline that computes the same figure from the file
must get the same number; a difference is a defect of the pipeline or of this module.

Values are whole tenths of a penny (`mils`), quantity times price. Codes, descriptions and
countries count as delivered unless a definition says otherwise; months are those of the
file's own wall-clock time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.simulation.truth_files import read_truth, write_truth


@dataclass(frozen=True)
class PartTruth:
    """What is true of a part of the rows: all, or those of a month.

    Attributes:
        rows: rows.
        invoices: different invoice numbers.
        customers: different customers that are not empty.
        codes: different stock codes.
        countries: different countries.
        rows_without_customer: rows with an empty CustomerID.
        rows_without_description: rows with an empty Description.
        exact_duplicate_rows: excess rows: a line that occurs n times counts n - 1 times.
        cancellation_rows: rows of invoices whose number begins with C.
        cancellation_invoices: those invoices.
        cancellation_value_mils: their value, negative.
        bad_debt_invoices: invoices whose number begins with A.
        negative_quantity_rows: rows with a quantity below 0.
        zero_price_rows: rows with price 0.
        negative_price_rows: rows with a price below 0.
        value_mils: value of all rows.
    """

    rows: int
    invoices: int
    customers: int
    codes: int
    countries: int
    rows_without_customer: int
    rows_without_description: int
    exact_duplicate_rows: int
    cancellation_rows: int
    cancellation_invoices: int
    cancellation_value_mils: int
    bad_debt_invoices: int
    negative_quantity_rows: int
    zero_price_rows: int
    negative_price_rows: int
    value_mils: int


@dataclass(frozen=True)
class BasisTruth:
    """What is true of the rows with a known customer, a quantity and a price above 0.

    Attributes:
        rows: those rows.
        customers: their customers.
        invoices: their invoices.
        codes: their stock codes.
        value_mils: their value.
        purchase_occasions: different pairs of customer and date.
    """

    rows: int
    customers: int
    invoices: int
    codes: int
    value_mils: int
    purchase_occasions: int


@dataclass(frozen=True)
class MonthTruth:
    """What is true of a month: of all its rows, and of those of the basis."""

    month: str
    part: PartTruth
    basis: BasisTruth


@dataclass(frozen=True)
class LinkTruth:
    """Cancellation rows of known customers by the sale that they reverse.

    The first three are of items: stock codes that begin with five digits. A sale is a row of
    another invoice than a cancellation, of the same customer and code (compared in upper
    case), not later than the cancellation. No two cancellations fit the same sale exactly.

    Attributes:
        exact: a sale has the same price and the opposite quantity.
        partial: there is a sale, but none such; a sale of at least so many units is not
            reversed by another cancellation.
        none: there is no sale.
        services: cancellation rows of services, whose sales are not told apart.
    """

    exact: int
    partial: int
    none: int
    services: int


@dataclass(frozen=True)
class PairTruth:
    """Two items planted as bought together, counted over rows with a quantity above 0.

    Attributes:
        first_code: the stock code of one.
        second_code: the stock code of the other.
        baskets: invoices that have such a row.
        with_first: those with the first item.
        with_second: those with the second.
        with_both: those with both.
    """

    first_code: str
    second_code: str
    baskets: int
    with_first: int
    with_second: int
    with_both: int


@dataclass(frozen=True)
class RetailTruth:
    """What is true of the whole file, as the generator knows it before writing.

    Attributes:
        seed: the data set's seed.
        everything: all rows.
        basis: the rows of the basis.
        months: both by month, in order.
        links: cancellations of known customers by their sale.
        pair: the planted pair.
        rows_by_country: rows by country.
        service_rows: rows by stock code, of codes that begin with no digit.
        lower_case_codes: different stock codes with a small letter after five digits.
        rows_with_pound_sign: rows whose description has a pound sign.
        quoted_rows: rows whose description has a quote or a comma.
        outer_blank_rows: rows whose description begins or ends with a blank.
        invoices_with_two_times: invoices whose rows carry two minutes.
        customers_with_two_countries: customers with more than one country.
        largest_quantity: the largest quantity, mistyped and cancelled.
    """

    seed: int
    everything: PartTruth
    basis: BasisTruth
    months: tuple[MonthTruth, ...]
    links: LinkTruth
    pair: PairTruth
    rows_by_country: dict[str, int]
    service_rows: dict[str, int]
    lower_case_codes: int
    rows_with_pound_sign: int
    quoted_rows: int
    outer_blank_rows: int
    invoices_with_two_times: int
    customers_with_two_countries: int
    largest_quantity: int


def write_retail_truth(truth: RetailTruth, directory: Path) -> Path:
    """Write `<directory>/invoices.json`, replacing it in one step; the path it wrote."""
    return write_truth(truth, directory / "invoices.json")


def read_retail_truth(directory: Path) -> RetailTruth | None:
    """The truth in a directory; None if there is none.

    Raises:
        ValueError: if the file is not a truth; the message names it.
    """
    return read_truth(directory / "invoices.json", RetailTruth)
