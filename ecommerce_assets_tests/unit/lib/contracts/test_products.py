"""Numbers that models cannot multiply or sum are refused row by row, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets_tests.support.builders import load, reason_codes
from ecommerce_assets_tests.support.shared_files import (
    INVOICE_HEADER,
    INVOICES,
    JANUARY,
    changed_invoices,
    held_of,
    invoice,
    load_part,
    retail_file,
    rows_of,
)

GOOD = [invoice(n) for n in range(40)]
LARGEST = "99999999.9999"
REFUSED = {
    "a line of ten billion": ("100", LARGEST, "out_of_range:line_value"),
    "a negative one": ("-100", LARGEST, "out_of_range:line_value"),
    "exactly a billion": ("100000000", "10.0000", "out_of_range:line_value"),
    "more units than can be summed": ("9223372036854775807", "0", "above_maximum:quantity"),
    "and as many taken back": ("-9223372036854775808", "0", "below_minimum:quantity"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_line_is_kept_out_with_its_reason(tmp_path: Path, case: str) -> None:
    quantity, price, reason = REFUSED[case]
    body = [*GOOD, invoice(40, Quantity=quantity, UnitPrice=price)]
    result = load_part(tmp_path, retail_file(body), JANUARY)
    assert (result.rows_accepted, result.reasons) == (40, {reason: 1})
    assert reason_codes(held_of(tmp_path, JANUARY)) == [[reason]]


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("9", LARGEST), ("-9", LARGEST), ("1000000000", "0"), ("99999999", "10")],
)
def test_what_models_can_hold_is_accepted(tmp_path: Path, quantity: str, price: str) -> None:
    body = [*GOOD, invoice(40, Quantity=quantity, UnitPrice=price)]
    assert load_part(tmp_path, retail_file(body), JANUARY).rows_accepted == 41
    assert rows_of(tmp_path, JANUARY)[-1]["quantity"] == int(quantity)


def test_a_value_that_is_no_number_breaks_its_own_rule_alone(tmp_path: Path) -> None:
    body = [*GOOD, invoice(40, Quantity="many"), invoice(41, UnitPrice="")]
    result = load_part(tmp_path, retail_file(body), JANUARY)
    assert result.reasons == {"missing:unit_price": 1, "not_an_integer:quantity": 1}


def test_every_source_of_the_invoices_has_the_same_limits(tmp_path: Path) -> None:
    others = [load_contract("retail", f"invoices_{name}") for name in ("url", "postgres")]
    assert {contract.products for contract in others} == {INVOICES.products}
    limits = {
        (column.minimum, column.maximum)
        for contract in (INVOICES, *others)
        for column in contract.columns
        if column.name == "quantity"
    }
    assert limits == {(-1_000_000_000, 1_000_000_000)}
    postgres = others[1]
    lines = ["7,A,x,100,2011-01-05 08:26:00,99999999,1,UK", "7,A,x,1,2011-01-05 08:26:00,9,1,UK"]
    data = "\n".join([INVOICE_HEADER, *lines, ""]).encode()
    result = load(tmp_path, data, name="2011-Jan.csv", contract=postgres, month=JANUARY)
    assert result.reasons == {"out_of_range:line_value": 1}


def test_a_product_needs_columns_that_are_numbers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs columns that are numbers"):
        changed_invoices(tmp_path, ("[quantity, unit_price]", "[quantity, country]"))
