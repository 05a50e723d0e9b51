"""What a PostgreSQL table holds stays what it is, and tells a month's version."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecommerce_assets_tests.integration.sources_retail.lines import (
    Run,
    rows_in,
    source,
)
from ecommerce_assets_tests.integration.sources_retail.retries import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MONTHS,
)
from ecommerce_assets_tests.support.servers.postgres import PostgresServer


def test_values_stay_what_they_are(postgres: PostgresServer, run: Run, tmp_path: Path) -> None:
    run(
        """
        delete from shop.lines;
        insert into shop.lines values
            ('1', null, '', 1, '2010-12-31 23:59:59', 1e-7, null, 'x', 0),
            ('2', E'a\\nb\\r\\nc', 'back\\slash\\n', 2, '2010-12-31 23:59:59.5', 1e20, ' ', 'ü', 0),
            ('3', 'x', 'x', 3, null, 1, 'x', 'x', 0),
            ('4', 'x', 'x', 4, 'infinity', 1, 'x', 'x', 0)
        """
    )
    shop = source(postgres)
    rows = rows_in(shop.fetch(shop.find(DECEMBER), tmp_path))
    assert [list(row.values())[:-1] for row in rows] == [
        ["1", None, "", 1, datetime(2010, 12, 31, 23, 59, 59), "1e-07", None, "x"],
        [
            "2",
            "a\nb\r\nc",
            "back\\slash\\n",
            2,
            datetime(2010, 12, 31, 23, 59, 59, 500_000),
            "1e+20",
            " ",
            "ü",
        ],
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("E'a\\nb'", "'a\\nb'"), ("E'a\\rb'", "'a\\rb'"), ("''", "null"), ("'a'", "E'a\\n'")],
)
def test_values_that_look_alike_as_text_give_another_version(
    postgres: PostgresServer, run: Run, one: str, other: str
) -> None:
    run(f'update shop.lines set "Description" = {one} where quantity = 7')
    before = source(postgres).find(DECEMBER)
    run(f'update shop.lines set "Description" = {other} where quantity = 7')
    assert source(postgres).find(DECEMBER) != before


def test_a_version_of_months_without_such_values_is_what_it_was(
    postgres: PostgresServer, run: Run
) -> None:
    """Months that an earlier release fetched are not fetched again."""
    known = source(postgres).available()
    assert known[DECEMBER].version == "bbe54d5e:744:16073904462475567122"
    run("update shop.lines set country = '' where quantity = 7")
    now = source(postgres).available()
    assert {month for month in MONTHS if now[month] != known[month]} == {DECEMBER}
    assert "+" in now[DECEMBER].version and "+" not in now[JANUARY].version


def test_types_are_kept_where_they_hold_the_values(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        """
        create table shop.kinds as
        select
            timestamp '2010-12-01 10:00' as at, 5::smallint as small, 2::bigint as large,
            12.5000::numeric(12, 4) as price, 12.50::numeric as any_number, true as yes,
            timestamptz '2010-12-01 10:00+02' as instant, date '2010-12-24' as day,
            'x'::char(3) as padded, array[1, 2] as units, '{"a": 1}'::jsonb as document
        union all
        select
            '2010-12-02', null, null, 'NaN'::numeric(12, 4), 'NaN', null, 'infinity',
            '0044-03-15 BC', null, null, null
        """
    )
    names = ["at", "small", "large", "price", "any_number", "yes", "instant", "day"]
    names += ["padded", "units", "document"]
    shop = source(
        postgres, table="shop.kinds", columns={name: name for name in names}, month_column="at"
    )
    path = shop.fetch(shop.find(DECEMBER), tmp_path)
    kinds = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert kinds == dict.fromkeys(names, "string") | {
        "at": "timestamp[us]",
        "small": "int16",
        "large": "int64",
        "price": "decimal128(12, 4)",
        "instant": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "#unfit": "string",
    }
    first, second = rows_in(path)
    assert first == {
        "at": datetime(2010, 12, 1, 10),
        "small": 5,
        "large": 2,
        "price": Decimal("12.5000"),
        "any_number": "12.50",
        "yes": "true",
        "instant": datetime(2010, 12, 1, 8, tzinfo=UTC),
        "day": date(2010, 12, 24),
        "padded": "x",
        "units": "{1,2}",
        "document": '{"a": 1}',
        "#unfit": None,
    }
    assert (second["price"], second["any_number"], second["instant"]) == (None, "NaN", None)
    assert json.loads(second["#unfit"]) == {
        "price": "NaN",
        "instant": "infinity",
        "day": "0044-03-15 BC",
    }


def test_an_instant_is_read_in_the_time_zone_of_the_shop(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        """
        create table shop.instants as
        select timestamptz '2011-06-30 23:30:00+00' as "At", 1 as n
        union all select timestamptz '2011-01-31 23:30:00+00', 2
        """
    )
    shop = source(
        postgres,
        table="shop.instants",
        columns={"at": "At", "n": "n"},
        month_column="At",
        time_zone="Europe/London",
    )
    july = JANUARY.replace(month=7)
    assert list(shop.available()) == [JANUARY, july]
    (summer,), (winter,) = (
        rows_in(shop.fetch(shop.find(month), tmp_path)) for month in (july, JANUARY)
    )
    assert (summer["at"], summer["n"]) == (datetime(2011, 6, 30, 23, 30, tzinfo=UTC), 1)
    assert (winter["at"], winter["n"]) == (datetime(2011, 1, 31, 23, 30, tzinfo=UTC), 2)


def test_a_view_by_day_is_a_source_as_well(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        "create view shop.days as select invoicedate::date as day, count(*) as lines, "
        "array_agg(quantity order by quantity) as units from shop.lines group by 1"
    )
    columns = {name: name for name in ("Day", "Lines", "Units")}
    shop = source(postgres, table='"shop".days', columns=columns, month_column="day")
    assert {month: file.rows for month, file in shop.available().items()} == {
        DECEMBER: 31,
        JANUARY: 31,
        FEBRUARY: 22,
    }
    last = rows_in(shop.fetch(shop.find(FEBRUARY), tmp_path))[-1]
    assert list(last.values())[:3] == [
        date(2011, 2, 22),
        8,
        "{1992,1993,1994,1995,1996,1997,1998,1999}",
    ]
