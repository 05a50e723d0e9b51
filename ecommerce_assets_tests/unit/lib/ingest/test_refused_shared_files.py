"""A file of all months that is none, or another data set's, is refused and changes nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import ContractBroken, LakehouseError, NotADataFile
from ecommerce_assets_tests.support.builders import csv, lake_files, lines, pack
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICE_HEADER,
    INVOICES,
    JANUARY,
    JUNE,
    PURCHASE_HEADER,
    PURCHASES,
    electronics_file,
    invoice,
    load_part,
    purchase,
    retail_file,
)

GOOD = [invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(20)]
DATA = Path(__file__).parents[5] / "shared" / "data"
REFUSED: dict[str, tuple[TableContract, bytes, str, str]] = {
    "UTF-8 under Windows-1252": (
        INVOICES,
        retail_file(GOOD).decode("cp1252").encode(),
        "data.csv is not a data file: line 5 is UTF-8, and the contract says windows-1252",
        "iconv -f UTF-8 -t WINDOWS-1252 data.csv",
    ),
    "Windows-1252 under UTF-8": (
        PURCHASES,
        electronics_file([purchase(0)]) + purchase(1, brand="café").encode("cp1252") + b"\n",
        "kz.csv is not a data file: line 3 is not UTF-8",
        "iconv -f WINDOWS-1252 -t UTF-8 kz.csv",
    ),
    "a mark of UTF-8 under Windows-1252": (
        INVOICES,
        b"\xef\xbb\xbf" + retail_file([invoice(0)]),
        "line 1 begins with the mark of UTF-8",
        "tail -c +4",
    ),
    "a web page": (
        INVOICES,
        b"<!doctype html>\n<html><body>Sign in</body></html>\n",
        "it is a web page",
        "log in",
    ),
    "a Git LFS pointer": (
        PURCHASES,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:d87b\nsize 482542278\n",
        "it is a Git LFS pointer",
        "git lfs pull",
    ),
    "columns of another file": (
        INVOICES,
        csv(lines(3)),
        "lacks the columns InvoiceNo, StockCode",
        "domains/retail/contracts/invoices.odcs.yaml",
    ),
    "a column less": (
        PURCHASES,
        electronics_file([purchase(0)]).replace(b",user_id", b""),
        "kz.csv lacks the column user_id",
        "domains/electronics/contracts/purchases.odcs.yaml",
    ),
    "a column twice": (
        INVOICES,
        f"{INVOICE_HEADER},Country\n{invoice(0)},UK\n".encode(),
        "names a column twice",
        "correct the first line",
    ),
    "the contract's names instead of the file's": (
        INVOICES,
        (",".join(INVOICES.column_names) + f"\n{invoice(0)}\n").encode("cp1252"),
        "its columns have the contract's names, such as 'invoice_no', where the file's own, 'Inv",
        "deliver all columns",
    ),
    "another data set's years": (
        PURCHASES,
        electronics_file(
            [purchase(n, event_time=f"2019-10-0{n} 00:00:00 UTC") for n in (1, 2)] + [purchase(3)]
        ),
        "another data set's file: 2 of its 3 rows lie outside 2020-01 to 2020-11",
        "ECOMMERCE_ELECTRONICS_MONTHS",
    ),
    "days first": (
        INVOICES,
        retail_file([invoice(n, InvoiceDate="28-01-2011 08:26") for n in range(3)]),
        "has no row that keeps the contract (not_a_time:invoice_date: 3): InvoiceDate is "
        "'28-01-2011 08:26' where '1/28/2011 8:26' is expected",
        "check that it is the right file",
    ),
    "a header and no rows": (INVOICES, retail_file([]), "a header and no rows", "fetch data.csv"),
    "nothing but unclosed quotes": (
        INVOICES,
        retail_file(['"a', '"b']),
        "no row that keeps the contract (missing_columns: 2): a line is '\"a'",
        "right file",
    ),
}


def without_notes(folder: Path) -> dict[str, bytes]:
    """Every file in the lake but the note that says why a file was refused."""
    return {k: v for k, v in lake_files(folder).items() if not k.startswith("ops/refused_files/")}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("packed", ["plain", "zip", "gz"])
def test_it_is_refused_by_name_with_a_cure_and_the_lake_stays(
    tmp_path: Path, case: str, packed: str
) -> None:
    contract, data, what, cure = REFUSED[case]
    month, good = (
        (APRIL, electronics_file([purchase(0), "junk"]))
        if contract is PURCHASES
        else (JANUARY, retail_file([*GOOD, "junk"]))
    )
    load_part(tmp_path, good, month, contract)
    before = lake_files(tmp_path)
    name = "kz.csv" if contract is PURCHASES else "data.csv"
    if packed == "zip":
        data, name_now = pack({name: data}), f"{name}.zip"
    elif packed == "gz":
        data, name_now = gzip.compress(data), f"{name}.gz"
    else:
        name_now = name
    with pytest.raises(LakehouseError) as caught:
        load_part(tmp_path, data, month, contract, name=name_now)
    assert isinstance(caught.value, NotADataFile | ContractBroken)
    assert what.replace(f"{name} ", f"{name_now} ") in caught.value.message
    assert cure.replace(f" {name}", f" {name_now}") in caught.value.cure
    assert without_notes(tmp_path) == before, "split, months and both quarantines are as they were"


@pytest.mark.parametrize("name", ["kz_head20_from_notebook.csv", "kz_tail13_excel_damaged.csv"])
def test_real_rows_with_rounded_ids_are_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    path = DATA / "electronics" / name
    if not path.is_file():
        pytest.skip(f"no real extract: {path} is not there")
    data = path.read_bytes()
    assert data.startswith(PURCHASE_HEADER.encode())
    with pytest.raises(NotADataFile, match="cannot be read, and the contract allows 5%") as caught:
        load_part(tmp_path, data, APRIL, PURCHASES)
    rows = {"kz_head20_from_notebook.csv": 20, "kz_tail13_excel_damaged.csv": 13}[name]
    assert f"kz.csv: {rows} of its {rows} rows (100%)" in caught.value.message
    assert "a spreadsheet or a notebook rounded the numbers" in caught.value.message
    assert "fetch the original file" in caught.value.cure
    assert without_notes(tmp_path) == {}
