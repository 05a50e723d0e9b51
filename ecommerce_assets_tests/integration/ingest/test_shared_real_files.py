"""The complete real retail file, where the folder `shared/data` lies beside the checkout.

Its figures by month were published by others; see `ecommerce_assets/domains/retail/truths/`.
"""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets.lib.ingest.month_file import IngestResult
from ecommerce_assets.lib.ingest.text import open_text
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets_tests.support.shared_files import (
    INVOICES,
    MONTHS,
    held_of,
    judge_invoices,
    load_part,
    rows_of,
    unquoted,
)

REAL_FILE = Path(__file__).parents[4] / "shared" / "data" / "retail" / "data.csv.gz"
pytestmark = pytest.mark.skipif(
    not REAL_FILE.is_file(), reason="the real file ../shared/data/retail/data.csv.gz is not here"
)
#: Invoices and value of all rows, by month of the shop's clock.
PUBLISHED = {
    date(2010, 12, 1): (2025, "748957.02"),
    date(2011, 1, 1): (1476, "560000.26"),
    date(2011, 2, 1): (1393, "498062.65"),
    date(2011, 3, 1): (1983, "683267.08"),
    date(2011, 4, 1): (1744, "493207.12"),
    date(2011, 5, 1): (2162, "723333.51"),
    date(2011, 6, 1): (2012, "691123.12"),
    date(2011, 7, 1): (1927, "681300.11"),
    date(2011, 8, 1): (1737, "682680.51"),
    date(2011, 9, 1): (2327, "1019687.62"),
    date(2011, 10, 1): (2637, "1070704.67"),
    date(2011, 11, 1): (3462, "1461756.25"),
    date(2011, 12, 1): (1015, "433668.01"),
}


@pytest.fixture(scope="module")
def data() -> bytes:
    return gzip.decompress(REAL_FILE.read_bytes())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[date, IngestResult]]:
    """A lake with every month of the file, and what each load said."""
    folder, packed = tmp_path_factory.mktemp("retail"), REAL_FILE.read_bytes()
    results = {
        month: load_part(folder, packed, month, name="data.csv.gz") for month in reversed(PUBLISHED)
    }
    return folder, results


def test_every_line_is_written_back_as_it_came(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(data)
    with open_text(path, tmp_path, max_bytes=10**9, dialect=INVOICES.dialect) as text:
        plain = text.path.read_text(encoding="utf-8").split("\n")
        assert (text.lines, text.blank) == (541_910, [])
    lines = data.decode("cp1252").split("\n")
    assert len(plain) == len(lines) == 541_911
    assert [INVOICES.dialect.written(line) for line in plain] == lines
    assert sum('"' in line for line in lines) > 4000, "quotes are put to the test"


def test_every_row_is_accepted_in_its_month(
    data: bytes, loaded: tuple[Path, dict[date, IngestResult]]
) -> None:
    folder, results = loaded
    verdict = judge_invoices(data)
    assert sum(result.rows_accepted for result in results.values()) == 541_909
    assert {result.rows_quarantined for result in results.values()} == {0}
    assert held_of(folder, UNDATED) == [] and verdict.blank == 0
    for month in PUBLISHED:
        found = [tuple(row.values()) for row in rows_of(folder, month)]
        assert found == verdict.accepted[month], month


def test_the_months_have_the_published_invoices_and_value(
    loaded: tuple[Path, dict[date, IngestResult]],
) -> None:
    """No row of the file lies in the hour between the shop's month and that of UTC."""
    assert (min(PUBLISHED), max(PUBLISHED)) == (MONTHS["retail"].first, MONTHS["retail"].last)
    for month, (invoices, value) in PUBLISHED.items():
        rows = rows_of(loaded[0], month)
        assert len({row["invoice_no"] for row in rows}) == invoices, month
        total = sum((row["quantity"] * row["unit_price"] for row in rows), Decimal(0))
        assert total.quantize(Decimal("0.01")) == Decimal(value), month


def test_pounds_quotes_and_blanks_are_those_of_the_file(
    data: bytes, loaded: tuple[Path, dict[date, IngestResult]]
) -> None:
    wanted = Counter((unquoted(line) or [])[2] for line in data.decode("cp1252").split("\n")[1:-1])
    found = Counter(row["description"] or "" for at in PUBLISHED for row in rows_of(loaded[0], at))
    assert found == wanted
    assert sum(number for text, number in found.items() if "£" in text) == 32
    assert found['RECORD FRAME 7" SINGLE SIZE '] > 0
