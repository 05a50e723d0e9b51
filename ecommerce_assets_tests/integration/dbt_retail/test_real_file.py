"""The retail models on the complete real file: every published figure is met."""

from __future__ import annotations

import gzip
import shutil
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import yaml

from ecommerce_assets_tests.integration.dbt.project import ROOT, Dbt
from ecommerce_assets_tests.integration.dbt_retail import catalogue, shop
from ecommerce_assets_tests.integration.dbt_retail.conftest import RETAIL

REAL_FILE = ROOT.parent / "shared" / "data" / "retail" / "data.csv.gz"
TRUTHS = ROOT / "ecommerce_assets" / "domains" / "retail" / "truths"
PUBLISHED = yaml.safe_load((TRUTHS / "published.yaml").read_text(encoding="utf-8"))
LOAD = """
    create or replace table retail_raw.invoices_archive as
    with numbered as (
        select *, row_number() over () as place
        from read_csv('{path}', header = true, all_varchar = true, quote = '"', escape = '"',
                      nullstr = '', parallel = false)
    ),
    typed as (
        select InvoiceNo as invoice_no, StockCode as stock_code, Description as description,
            cast(Quantity as bigint) as quantity,
            timezone('Europe/London', strptime(InvoiceDate, '%m/%d/%Y %H:%M')) as invoice_date,
            cast(UnitPrice as decimal(12, 4)) as unit_price, CustomerID as customer_id,
            Country as country, place
        from numbered
    )
    select * exclude (place),
        row_number() over (partition by date_trunc('month', invoice_date) order by place) - 1
            as source_row_no
    from typed
"""


@pytest.fixture(scope="module")
def real(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The warehouse of the real file, after one `dbt build` of its thirteen months."""
    if not REAL_FILE.is_file():
        pytest.skip(f"no real file: {REAL_FILE} is not there")
    dbt = Dbt(tmp_path_factory.mktemp("real_retail"))
    # What dbt knows of the project is the same: it need not parse it again.
    shutil.copytree(built.home / "target", dbt.home / "target")
    path = dbt.home / "data.csv"
    path.write_text(gzip.decompress(REAL_FILE.read_bytes()).decode("cp1252"), encoding="utf-8")
    shop.write({}, dbt.database)
    catalogue.write(dbt.database)
    with duckdb.connect(str(dbt.database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(LOAD.format(path=path))
    dbt.over("build", shop.START, shop.END, *RETAIL, "--exclude-resource-type", "unit_test")
    return dbt


def spans(truth: dict[str, Any]) -> list[tuple[date, date, Decimal]]:
    """First day, end and figure of everything that a truth says."""
    found = []
    for month, figure in truth.get("by_month", {}).items():
        first = date.fromisoformat(f"{month}-01")
        end = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        found.append((first, end, Decimal(str(figure))))
    if "expected" in truth:
        found.append((date(2010, 12, 1), shop.END.date(), Decimal(str(truth["expected"]))))
    return found


@pytest.mark.parametrize("truth", PUBLISHED["truths"], ids=lambda truth: truth["metric"])
def test_every_published_figure_is_met(truth: dict[str, Any], real: Dbt) -> None:
    sql = (TRUTHS / f"{truth['measure']}.sql").read_text(encoding="utf-8")
    figures = spans(truth)

    assert figures
    with duckdb.connect(str(real.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for first, end, expected in figures:
            result = connection.execute(sql, [first, end])
            names = [column[0] for column in result.description or []]
            row = dict(zip(names, result.fetchall()[0], strict=True))
            apart = abs(Decimal(str(row[truth["metric"]])) - expected)
            assert apart <= Decimal(str(truth.get("tolerance", 0))), (first, row[truth["metric"]])


def test_the_last_month_is_incomplete_and_grows_from_nothing(real: Dbt) -> None:
    rows = real.rows(
        "select month_complete, growth_month_complete, growth_year_num is not null, "
        "growth_year_complete from retail_marts.agg_retail_sales_monthly order by month_date"
    )

    assert rows[0] == (True, False, False, False)
    assert rows[1:12] == [(True, True, False, False)] * 11
    assert rows[12] == (False, False, True, False)


def test_more_cancelled_units_find_their_sale_than_not(real: Dbt) -> None:
    rows = real.rows(
        "select link_method, count(distinct cancellation_line_key), sum(units) "
        "from retail_marts.fct_retail_return_links group by link_method order by link_method"
    )

    assert rows == [("exact_match", 2787, 225128), ("fifo", 4774, 25706), ("unlinked", 1697, 25546)]

    exact = real.rows(
        "select count(*), sum(returned_value) from retail_marts.fct_retail_return_links "
        "where link_method = 'exact_match'"
    )
    # A maximum matching over customer, item, quantity and price, found apart from the models.
    assert exact == [(2787, Decimal("402926.65"))]


def test_hours_after_the_last_line_are_not_observed(real: Dbt) -> None:
    rows = real.rows(
        "select sales_hour, hours_observed from retail_marts.agg_retail_sales_by_hour "
        "where weekday_iso = 5 and sales_hour in (12, 13) order by sales_hour"
    )

    assert rows == [(12, 50), (13, 49)]  # the data end on a Friday at 12:50


def test_carriage_is_no_item_of_goods(real: Dbt) -> None:
    rows = real.rows(
        "select stock_code, item_kind, is_service from retail_marts.dim_retail_item "
        "where stock_code in ('C2', '23444', '23574', '22016') order by stock_code"
    )

    assert rows == [
        ("22016", "gift_voucher", True),
        ("23444", "carriage", True),
        ("23574", "packing_charge", True),
        ("C2", "carriage", True),
    ]
