"""A file in quotes is read where its contract declares none; other spellings are called by name."""

from __future__ import annotations

import csv as csv_module
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    COLUMNS,
    HEADER,
    MONTH,
    changed_contract,
    csv,
    lake_at,
    line,
    lines,
    load,
    pack,
    published,
    quarantined,
)
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    INVOICE_HEADER,
    INVOICES,
    JANUARY,
    PURCHASE_HEADER,
    PURCHASES,
    electronics_file,
    held_of,
    invoice,
    load_part,
    purchase,
    retail_file,
    rows_of,
)

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "2019-Oct.csv": bytes,
    "2019-Oct.csv.gz": gzip.compress,
    "2019-Oct.zip": lambda data: pack({"2019-Oct.csv": data}),
}
ALL, STRINGS = csv_module.QUOTE_ALL, csv_module.QUOTE_NONNUMERIC


def quoted(text: str, how: int = ALL, end: str = "\n") -> bytes:
    """A file of unquoted lines as another program writes it."""
    out = io.StringIO()
    writer = csv_module.writer(out, quoting=how, lineterminator=end)
    for row in csv_module.reader(text.splitlines(), quotechar="\0"):
        writer.writerow(row if how == ALL else [float(v) if v.isdigit() else v for v in row])
    return out.getvalue().replace(".0,", ",").encode()


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "with a mark of UTF-8"])
def test_every_value_in_quotes_is_read_as_without(
    tmp_path: Path, name: str, end: str, mark: bytes
) -> None:
    body = [*lines(30), line(30, price="x"), line(31, brand="café")]
    load(tmp_path / "plain", csv(body))
    data = mark + quoted(csv(body).decode(), end=end)
    result = load(tmp_path, PACKED[name](data), name=name)
    assert (result.rows_received, result.rows_accepted) == (32, 31)
    assert published(tmp_path) == published(tmp_path / "plain")
    (kept,) = quarantined(tmp_path, result)
    assert (kept["line"], kept["raw_line"]) == (32, line(30, price="x"))


@pytest.mark.parametrize("header", [True, False], ids=["header too", "values alone"])
def test_quotes_around_some_values_are_read(tmp_path: Path, header: bool) -> None:
    names = ",".join(f'"{name}"' for name in COLUMNS) if header else HEADER
    texts = [f'"{at}","{kind}",{rest}' for at, kind, rest in (t.split(",", 2) for t in lines(9))]
    load(tmp_path, csv(texts, names))
    load(tmp_path / "plain", csv(lines(9)))
    assert published(tmp_path) == published(tmp_path / "plain")


def test_values_with_commas_and_quotes_are_whole(tmp_path: Path) -> None:
    texts = [line(0, brand='"a, ""b"", c"'), line(1), line(2, brand='"un"closed"')]
    result = load(tmp_path, csv(texts, ",".join(f'"{name}"' for name in COLUMNS)))
    assert published(tmp_path)[0]["brand"] == 'a, "b", c'
    assert result.rows_accepted == 2
    assert quarantined(tmp_path, result)[0]["line"] == 4, "a stray quote costs its own line"


def test_a_stray_quote_in_a_file_without_quotes_stays_a_character(tmp_path: Path) -> None:
    load(tmp_path, csv([line(0, brand='7" disc'), line(1, brand='"a"')]))
    assert [row["brand"] for row in published(tmp_path)] == ['7" disc', '"a"']


def test_a_replay_of_a_file_in_quotes_ends_as_a_full_load(tmp_path: Path) -> None:
    texts = [*lines(5), line(5, event_type="wishlist", brand="a@b"), line(6), line(7, price="x")]
    data = quoted(csv(texts).decode()).replace(b"@", b",")
    load(tmp_path, data)
    learned = changed_contract(tmp_path, ("[view,", "[wishlist, view,"))
    done = replay(Slice(lake_at(tmp_path), learned, Month(MONTH)))
    assert done is not None and (done.taken_back, done.still_quarantined) == (1, 1)
    load(tmp_path / "full", data, contract=learned)
    assert published(tmp_path) == published(tmp_path / "full")
    assert published(tmp_path)[5]["brand"] == "a,b"


def test_a_shared_file_in_quotes_is_read_as_without(tmp_path: Path) -> None:
    plain = electronics_file([*(purchase(n) for n in range(20)), purchase(20, price="x")])
    load_part(tmp_path / "plain", plain, APRIL, PURCHASES)
    load_part(tmp_path, quoted(plain.decode()), APRIL, PURCHASES)
    assert rows_of(tmp_path, APRIL, PURCHASES) == rows_of(tmp_path / "plain", APRIL, PURCHASES)
    (kept,) = held_of(tmp_path, APRIL, PURCHASES)
    assert (kept["line"], kept["raw_line"]) == (22, purchase(20, price="x"))


BODY = csv(lines(9)).decode()
OTHERS = {
    "semicolons": (BODY.replace(",", ";"), "values are apart by semicolons", "`delimiter: ';'`"),
    "tabs": (BODY.replace(",", "\t"), "values are apart by tabs where commas are", "\\t"),
    "bars in quotes": (
        "\n".join('"' + row.replace(",", '"|"') + '"' for row in BODY.splitlines()),
        "values are apart by vertical bars where commas are expected",
        "export it with commas",
    ),
    "upper case": (
        BODY.replace(HEADER, HEADER.upper()),
        "columns are spelled in another case: 'EVENT_TIME' where 'event_time' is expected",
        "sourceName",
    ),
    "one in another case": (
        BODY.replace("user_id", "User_ID"),
        "columns are spelled in another case: 'User_ID' where 'user_id' is expected",
        "sourceName",
    ),
    "blanks": (
        BODY.replace(HEADER, HEADER.replace(",", ", ")),
        "with blanks or marks around them: ' event_type' where 'event_type' is expected",
        "name the columns as the contract does",
    ),
    "two marks of UTF-8": (
        "\ufeff\ufeff" + BODY,
        r"with blanks or marks around them: '\ufeffevent_time' where 'event_time' is expected",
        "name the columns",
    ),
    "single quotes": (
        BODY.replace(HEADER, "'" + HEADER.replace(",", "','") + "'"),
        "with blanks or marks around them: \"'event_time'\" where",
        "name the columns",
    ),
    "no header": (
        BODY.removeprefix(HEADER + "\n"),
        "it has no header: its first line is a row",
        f"put the header in front of it: {HEADER}",
    ),
    "a column renamed": (
        BODY.replace("user_id", "userid"),
        "lacks the column user_id (is 'userid' for user_id meant?); its first line is",
        "domains/cosmetics/contracts/events.odcs.yaml",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_another_spelling_of_the_header_is_called_by_its_name(tmp_path: Path, case: str) -> None:
    data, what, cure = OTHERS[case]
    for name, pack_it in PACKED.items():
        with pytest.raises(ContractBroken) as caught:
            load(tmp_path, pack_it(data.encode()), name=name)
        assert caught.value.message.startswith(name)
        assert what in caught.value.message and cure in caught.value.cure
    assert not (tmp_path / "lake" / "cosmetics").exists()


def test_shared_files_say_the_same(tmp_path: Path) -> None:
    store = electronics_file([purchase(n) for n in range(9)])
    shop = retail_file([invoice(n, Description="x") for n in range(9)])
    cases = [
        (PURCHASES, store.replace(b",", b";"), "apart by semicolons where commas"),
        (PURCHASES, store.partition(b"\n")[2], "it has no header: its first line is a row"),
        (PURCHASES, store.replace(b"order_id", b"Order_ID"), "'Order_ID' where 'order_id'"),
        (INVOICES, shop.replace(b",", b"\t"), "apart by tabs where commas are expected"),
        (INVOICES, shop.partition(b"\n")[2], "it has no header: its first line is a row"),
        (INVOICES, shop.replace(b"InvoiceNo", b"INVOICENO"), "'INVOICENO' where 'InvoiceNo'"),
    ]
    for contract, data, what in cases:
        month = APRIL if contract is PURCHASES else JANUARY
        with pytest.raises(ContractBroken) as caught:
            load_part(tmp_path, data, month, contract)
        assert what in caught.value.message, caught.value.message
    assert PURCHASE_HEADER in store.decode() and INVOICE_HEADER in shop.decode()
