"""Times of a shop's own clock, and texts that stand for no time, in the rules' SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets_tests.support.shared_files import (
    INVOICES,
    JANUARY,
    LONDON,
    MONTHS,
    PURCHASES,
    SENTINEL,
    written,
)

wall_clock = st.datetimes(datetime(2010, 10, 1), datetime(2012, 2, 1)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@pytest.fixture(scope="module", params=["UTC", "Asia/Tokyo"])
def db(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in two time zones: no rule may depend on the session's."""
    with duckdb.connect() as connection:
        connection.execute(f"set TimeZone = '{request.param}'")
        for contract in (INVOICES, PURCHASES):
            columns = ", ".join(f"{name} varchar" for name in contract.column_names)
            connection.execute(f"create table {contract.domain} ({columns})")
        yield connection


def judged(
    db: duckdb.DuckDBPyConnection, contract: TableContract, times: list[str]
) -> list[tuple[datetime | None, bool, list[str], int]]:
    """For each time its instant, whether its row is accepted, the reasons, and its month."""
    good = {"invoice_no": "1", "stock_code": "A", "quantity": "1", "unit_price": "1"}
    good |= {"country": "UK", "order_id": "1", "product_id": "1"}
    db.execute(f"delete from {contract.domain}")
    db.executemany(
        f"insert into {contract.domain} values ({', '.join('?' * len(contract.columns))})",
        [
            [
                at if name == contract.month_column else good.get(name)
                for name in contract.column_names
            ]
            for at in times
        ],
    )
    span = MONTHS[contract.domain]
    months = (span.first, span.last)
    value = f'make_timestamp(epoch_us("value of {contract.month_column}"))'
    return db.execute(
        f"select {value}, coalesce({rules.accepted(contract, months)}, false), "
        f"{rules.reasons(contract, months)}, {rules.month_number(contract)} "
        f"from {rules.with_values(contract, contract.domain)}"
    ).fetchall()


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(wall_clock, min_size=1, max_size=30))
def test_a_time_of_the_shops_clock_becomes_its_instant_once(
    db: duckdb.DuckDBPyConnection, times: list[datetime]
) -> None:
    found = judged(db, INVOICES, [written(at) for at in times])
    for at, (value, accepted, reasons, month) in zip(times, found, strict=True):
        local = at.replace(tzinfo=LONDON, fold=1)
        instant = local.astimezone(UTC).replace(tzinfo=None)
        there = instant.replace(tzinfo=UTC).astimezone(LONDON).replace(tzinfo=None) == at
        inside = datetime(2010, 12, 1) <= instant < datetime(2012, 1, 1)
        assert accepted == (not reasons) == (there and inside)
        assert month == instant.year * 100 + instant.month
        if there:
            assert value == instant
        else:
            assert reasons[0] == "not_a_time:invoice_date"


def test_every_minute_that_the_clock_skips_is_refused(db: duckdb.DuckDBPyConnection) -> None:
    start = datetime(2011, 3, 27, 0, 58)
    times = [start + timedelta(minutes=n) for n in range(64)]
    refused = [
        at
        for at, (_, accepted, _, _) in zip(
            times, judged(db, INVOICES, [written(at) for at in times]), strict=True
        )
        if not accepted
    ]
    assert refused == [datetime(2011, 3, 27, 1, minute) for minute in range(60)]


def test_a_text_for_no_time_has_its_own_reason_and_no_other(db: duckdb.DuckDBPyConnection) -> None:
    near = ["1970-01-01 00:33:41 UTC", "1970-01-01 00:33:40", "", "2020-02-30 00:00:00 UTC"]
    found = judged(db, PURCHASES, [SENTINEL, *near])
    assert [reasons for _, _, reasons, _ in found] == [
        ["sentinel_timestamp:event_time"],
        ["outside_month:event_time"],
        ["not_a_time:event_time"],
        ["not_a_time:event_time"],
        ["not_a_time:event_time"],
    ]
    assert not any(accepted for _, accepted, _, _ in found)
    assert [month for *_, month in found] == [197001, 197001, 0, 0, 0]


def test_one_month_of_several_is_a_span_of_its_own() -> None:
    assert rules.bounds(JANUARY) == rules.bounds((JANUARY, JANUARY))
    assert rules.bounds((MONTHS["retail"].first, MONTHS["retail"].last)) == (
        "timestamptz '2010-12-01 00:00:00+00'",
        "timestamptz '2012-01-01 00:00:00+00'",
    )


@pytest.mark.parametrize(
    ("number", "held"),
    [(201011, False), (201012, True), (201101, True), (201112, True), (201201, False), (0, False)],
)
def test_a_span_holds_its_ends(number: int, held: bool) -> None:
    span: Months = MONTHS["retail"]
    assert span.holds(number) == held
