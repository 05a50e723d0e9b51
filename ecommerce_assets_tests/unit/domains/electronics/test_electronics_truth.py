"""The truths of the electronics file, each found again by DuckDB in nothing but the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.domains.electronics.simulator.truth import (
    read_electronics_truth,
    write_electronics_truth,
)
from ecommerce_assets_tests.unit.domains.conftest import Purchases

REPAIRED = """
    create view sold as
    select
        *,
        event_time = '1970-01-01 00:33:40 UTC' as undated,
        price is null as shifted,
        cast(coalesce(price, category_code) as decimal(12, 2)) as paid,
        case when price is null then brand else user_id end as buyer,
        case when price is not null then brand end as real_brand,
        strptime(event_time, '%Y-%m-%d %H:%M:%S UTC') as bought_at
    from read_csv('{path}', all_varchar = true, quote = '', nullstr = '')
"""
PART = """
    select
        count(*) as rows,
        count(distinct order_id) as orders,
        count(distinct product_id) as products,
        count(distinct real_brand) as brands,
        count(distinct buyer) as users,
        count(*) filter (shifted) as shifted_rows,
        {
            'category_id': count(*) - count(category_id),
            'category_code': count(*) - count(category_code),
            'brand': count(*) - count(brand),
            'price': count(*) - count(price),
            'user_id': count(*) - count(user_id)
        } as empty,
        count(price) as rows_with_price,
        cast(coalesce(sum(paid) filter (not shifted), 0) * 100 as bigint) as priced_value_cents,
        cast(coalesce(sum(paid), 0) * 100 as bigint) as value_cents,
        count(*) filter (paid = 0) as zero_price_rows,
        count(*) - count(distinct (
            event_time, order_id, product_id, category_id, category_code, brand, price, user_id
        )) as exact_duplicate_rows
    from sold
    where $condition
"""


@pytest.fixture(scope="module")
def found(purchases: Purchases) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(REPAIRED.format(path=purchases.path))
        yield connection


def part(found: duckdb.DuckDBPyConnection, condition: str) -> dict[str, object]:
    answer = found.execute(PART.replace("$condition", condition))
    names = [column[0] for column in answer.description or ()]
    row = answer.fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))


def test_everything_and_the_undated_rows_are_those_of_the_file(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    assert asdict(purchases.truth.everything) == part(found, "true")
    assert asdict(purchases.truth.undated) == part(found, "undated")


def test_every_month_is_that_of_the_file(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    started = dict(
        found.execute(
            """
            select strftime(first_at, '%Y-%m-01'), count(*)
            from (select min(bought_at) as first_at from sold where not undated group by order_id)
            group by 1
            """
        ).fetchall()
    )
    assert len(purchases.truth.months) == 11
    for month in purchases.truth.months:
        condition = f"not undated and date_trunc('month', bought_at) = date '{month.month}'"
        assert asdict(month.part) == part(found, condition)
        assert month.orders_started == started[month.month]


def test_orders_across_months_and_the_span_are_those_of_the_file(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    several = """
        select count(*) from (
            select order_id from sold where not undated
            group by order_id having count(distinct date_trunc('month', bought_at)) > 1
        )
    """
    truth = purchases.truth
    assert found.execute(several).fetchall() == [(truth.orders_across_months,)]
    assert truth.orders_across_months > 0
    span = "select min(event_time), max(event_time) from sold where not undated"
    assert found.execute(span).fetchall() == [(truth.first_event, truth.last_event)]


def test_the_strongest_brands_are_those_of_the_file(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    rows = found.execute(
        """
        select
            real_brand,
            count(*) filter (not undated),
            cast(sum(paid) filter (not undated) * 100 as bigint) as dated_cents,
            count(*) filter (undated),
            cast(coalesce(sum(paid) filter (undated), 0) * 100 as bigint)
        from sold where real_brand is not null
        group by real_brand order by dated_cents desc limit 10
        """
    ).fetchall()
    assert [tuple(asdict(brand).values()) for brand in purchases.truth.brands] == rows
    assert rows[0][0] == "samsung"


def test_the_products_sold_most_are_those_of_the_file(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    rows = found.execute(
        """
        select cast(product_id as bigint) as id, count(*), cast(sum(paid) * 100 as bigint)
        from sold where not undated
        group by id order by count(*) desc, id limit 10
        """
    ).fetchall()
    assert [tuple(asdict(product).values()) for product in purchases.truth.products] == rows


def test_the_planted_rush_is_the_peak_of_the_grid(
    purchases: Purchases, found: duckdb.DuckDBPyConnection
) -> None:
    cells = found.execute(
        """
        select isodow(first_at) - 1, hour(first_at), count(*), count(distinct first_at::date)
        from (select min(bought_at) as first_at from sold where not undated group by order_id)
        group by all
        """
    ).fetchall()
    truth = purchases.truth
    grid = [[0] * 24 for _ in range(7)]
    for weekday, hour, orders, _ in cells:
        grid[weekday][hour] = orders
    assert truth.orders_by_weekday_hour == tuple(tuple(day) for day in grid)
    busiest = max(cells, key=lambda cell: cell[2])
    assert busiest[:2] == (truth.peak_weekday, truth.peak_hour)
    assert max(cells, key=lambda cell: cell[2] / cell[3])[:2] == busiest[:2]


def test_truths_survive_json_and_a_folder(purchases: Purchases, tmp_path: Path) -> None:
    assert read_electronics_truth(tmp_path) is None
    path = write_electronics_truth(purchases.truth, tmp_path / "truth")
    assert [one.name for one in path.parent.iterdir()] == ["purchases.json"]
    assert read_electronics_truth(path.parent) == purchases.truth


def test_a_file_that_is_no_truth_is_named(tmp_path: Path) -> None:
    (tmp_path / "purchases.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"purchases\.json.*simulate the file again"):
        read_electronics_truth(tmp_path)
