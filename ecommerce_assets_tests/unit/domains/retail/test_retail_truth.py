"""The truths of the gift shop's file, each found again in nothing but the file."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets.domains.retail.simulator.truth import (
    read_retail_truth,
    write_retail_truth,
)
from ecommerce_assets_tests.unit.domains.conftest import RETAIL_CALENDAR, Invoices, Row


def moment(row: Row) -> datetime:
    return datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M")


def month_of(row: Row) -> str:
    return f"{moment(row):%Y-%m}-01"


def mils(rows: list[Row]) -> Decimal:
    return 1_000 * sum((int(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in rows), Decimal(0))


def different(rows: list[Row], column: str) -> int:
    return len({row[column] for row in rows} - {""})


def part(rows: list[Row]) -> dict[str, object]:
    cancelled = [row for row in rows if row["InvoiceNo"][0] == "C"]
    prices = [Decimal(row["UnitPrice"]) for row in rows]
    duplicates = Counter(tuple(row.values()) for row in rows)
    return {
        "rows": len(rows),
        "invoices": different(rows, "InvoiceNo"),
        "customers": different(rows, "CustomerID"),
        "codes": different(rows, "StockCode"),
        "countries": different(rows, "Country"),
        "rows_without_customer": sum(row["CustomerID"] == "" for row in rows),
        "rows_without_description": sum(row["Description"] == "" for row in rows),
        "exact_duplicate_rows": sum(times - 1 for times in duplicates.values()),
        "cancellation_rows": len(cancelled),
        "cancellation_invoices": different(cancelled, "InvoiceNo"),
        "cancellation_value_mils": mils(cancelled),
        "bad_debt_invoices": different([r for r in rows if r["InvoiceNo"][0] == "A"], "InvoiceNo"),
        "negative_quantity_rows": sum(int(row["Quantity"]) < 0 for row in rows),
        "zero_price_rows": sum(price == 0 for price in prices),
        "negative_price_rows": sum(price < 0 for price in prices),
        "value_mils": mils(rows),
    }


def basis(rows: list[Row]) -> dict[str, object]:
    kept = [
        row
        for row in rows
        if row["CustomerID"] and int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0
    ]
    return {
        "rows": len(kept),
        "customers": different(kept, "CustomerID"),
        "invoices": different(kept, "InvoiceNo"),
        "codes": different(kept, "StockCode"),
        "value_mils": mils(kept),
        "purchase_occasions": len({(row["CustomerID"], moment(row).date()) for row in kept}),
    }


def test_everything_and_the_basis_are_those_of_the_file(invoices: Invoices) -> None:
    assert asdict(invoices.truth.everything) == part(invoices.rows)
    assert asdict(invoices.truth.basis) == basis(invoices.rows)


def test_every_month_is_that_of_the_file(invoices: Invoices) -> None:
    by_month: dict[str, list[Row]] = defaultdict(list)
    for row in invoices.rows:
        by_month[month_of(row)].append(row)
    assert [month.month for month in invoices.truth.months] == [str(day) for day in RETAIL_CALENDAR]
    for month in invoices.truth.months:
        assert asdict(month.part) == part(by_month[month.month])
        assert asdict(month.basis) == basis(by_month[month.month])


def test_cancellations_are_linked_as_in_the_file(invoices: Invoices) -> None:
    sales: dict[tuple[str, str], list[Row]] = defaultdict(list)
    cancelled = []
    for row in invoices.rows:
        key = (row["CustomerID"], row["StockCode"].upper())
        if row["InvoiceNo"].startswith("C") and row["CustomerID"]:
            cancelled.append((key, row))
        elif row["CustomerID"]:
            sales[key].append(row)
    found = Counter[str]()
    for key, row in cancelled:
        earlier = [sale for sale in sales[key] if moment(sale) <= moment(row)]
        same = [
            sale
            for sale in earlier
            if int(sale["Quantity"]) == -int(row["Quantity"])
            and sale["UnitPrice"] == row["UnitPrice"]
        ]
        link = "exact" if same else "partial" if earlier else "none"
        found[link if row["StockCode"][:5].isdigit() else "services"] += 1
    links = asdict(invoices.truth.links)
    assert links == found
    # Original: 3,137 of 8,905 meet a sale exactly.
    assert links["exact"] / sum(links.values()) == pytest.approx(0.352, abs=0.05)
    assert min(links["exact"], links["partial"], links["none"]) > 50


def test_no_two_cancellations_fit_the_same_sale_and_none_takes_back_too_much(
    invoices: Invoices,
) -> None:
    sold: dict[tuple[str, str], int] = defaultdict(int)
    exactly = Counter[tuple[str, str, int, str]]()
    sales = set()
    for row in invoices.rows:
        item = (row["CustomerID"], row["StockCode"].upper())
        units = int(row["Quantity"])
        if not row["CustomerID"] or not row["StockCode"][:5].isdigit():
            continue
        if row["InvoiceNo"][0] != "C":
            sold[item] += units
            sales.add((*item, units, row["UnitPrice"]))
            continue
        if (*item, -units, row["UnitPrice"]) in sales:
            exactly[*item, -units, row["UnitPrice"]] += 1
        if item in sold:
            sold[item] += units
            assert sold[item] >= 0, row
    assert set(exactly.values()) == {1}
    assert sum(exactly.values()) == invoices.truth.links.exact


def test_the_planted_pair_is_sold_as_often_as_published(invoices: Invoices) -> None:
    baskets: dict[str, set[str]] = defaultdict(set)
    for row in invoices.rows:
        if int(row["Quantity"]) > 0:
            baskets[row["InvoiceNo"]].add(row["StockCode"])
    pair = invoices.truth.pair
    one, other = pair.first_code, pair.second_code
    assert pair.baskets == len(baskets)
    assert pair.with_first == sum(one in codes for codes in baskets.values())
    assert pair.with_second == sum(other in codes for codes in baskets.values())
    assert pair.with_both == sum({one, other} <= codes for codes in baskets.values())
    lift = pair.with_both * pair.baskets / (pair.with_first * pair.with_second)
    assert lift == pytest.approx(12.87, abs=1.5)


def test_countries_services_and_spellings_are_those_of_the_file(invoices: Invoices) -> None:
    truth, rows = invoices.truth, invoices.rows
    codes = Counter(row["StockCode"] for row in rows)
    texts = [row["Description"] for row in rows]
    assert truth.rows_by_country == Counter(row["Country"] for row in rows)
    assert truth.service_rows == {code: n for code, n in codes.items() if not code[0].isdigit()}
    assert truth.lower_case_codes == sum(c[0].isdigit() and c != c.upper() for c in codes)
    assert truth.rows_with_pound_sign == sum("£" in text for text in texts)
    assert truth.quoted_rows == sum('"' in text or "," in text for text in texts)
    assert truth.outer_blank_rows == sum(text != text.strip() for text in texts)
    assert truth.largest_quantity == max(int(row["Quantity"]) for row in rows) == 80_995


def test_two_times_and_two_countries_are_those_of_the_file(invoices: Invoices) -> None:
    times, countries = defaultdict(set), defaultdict(set)
    for row in invoices.rows:
        times[row["InvoiceNo"]].add(moment(row))
        if row["CustomerID"]:
            countries[row["CustomerID"]].add(row["Country"])
    several = [seen for seen in times.values() if len(seen) > 1]
    assert invoices.truth.invoices_with_two_times == len(several) > 0
    assert {max(seen) - min(seen) for seen in several} == {
        datetime(2, 1, 1, 0, 1) - datetime(2, 1, 1)
    }
    assert invoices.truth.customers_with_two_countries == 8
    assert sum(len(seen) == 2 for seen in countries.values()) == 8


def test_a_few_customers_only_cancel_and_some_buy_twice_a_day(invoices: Invoices) -> None:
    truth = invoices.truth
    assert 0 < truth.everything.customers - truth.basis.customers < 10
    share = truth.basis.purchase_occasions / truth.basis.invoices
    assert share == pytest.approx(16_763 / 18_532, abs=0.03)


def test_truths_survive_json_and_a_folder(invoices: Invoices, tmp_path: Path) -> None:
    assert read_retail_truth(tmp_path) is None
    path = write_retail_truth(invoices.truth, tmp_path / "truth")
    assert [one.name for one in path.parent.iterdir()] == ["invoices.json"]
    assert read_retail_truth(path.parent) == invoices.truth


def test_a_file_that_is_no_truth_is_named(tmp_path: Path) -> None:
    (tmp_path / "invoices.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"invoices\.json.*simulate the file again"):
        read_retail_truth(tmp_path)
