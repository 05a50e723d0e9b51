"""The two sayings of the rules, `accepted` and `reasons`, agree on every value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets_tests.support.builders import COLUMNS, EVENTS, MONTH, changed_contract, row
from ecommerce_assets_tests.support.judge import read

digits = st.text("0123456789.-+eE_ ", max_size=21)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
times = st.datetimes().map(lambda at: f"{at:%Y-%m-%d %H:%M:%S} UTC")
near = st.text("0123456789-: UTC", max_size=24)
value = st.one_of(
    st.none(), digits, texts, times, near, st.integers().map(str), st.sampled_from(("view", "UTC"))
)


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        columns = ", ".join(f"{name} varchar" for name in COLUMNS)
        connection.execute(f"create table judged ({columns})")
        yield connection


def judged(
    db: duckdb.DuckDBPyConnection, contract: object, rows: list[dict[str, str | None]]
) -> list[tuple[bool, list[str]]]:
    assert isinstance(contract, type(EVENTS))
    db.execute("delete from judged")
    db.executemany(
        f"insert into judged values ({', '.join('?' * len(COLUMNS))})",
        [[r[name] or None for name in COLUMNS] for r in rows],
    )
    return db.execute(
        f"select coalesce({rules.accepted(contract, MONTH)}, false), "
        f"{rules.reasons(contract, MONTH)} from {rules.with_values(contract, 'judged')}"
    ).fetchall()


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.dictionaries(st.sampled_from(COLUMNS), value), min_size=1, max_size=8))
def test_a_row_is_accepted_exactly_where_there_is_no_reason(
    db: duckdb.DuckDBPyConnection, changes: list[dict[str, str | None]]
) -> None:
    rows = [{**row(n), **change} for n, change in enumerate(changes)]
    for given_row, (accepted, reasons) in zip(rows, judged(db, EVENTS, rows), strict=True):
        assert accepted == (not reasons)
        expected = {
            f"{code}:{name}"
            for name in COLUMNS
            for code in [read(name, given_row[name] or "", MONTH)[1]]
            if code
        }
        assert expected <= set(reasons)
        assert bool(expected) == bool(reasons)


def test_optional_columns_with_rules_agree_too(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    contract = changed_contract(tmp_path, ("required: true", "required: false"))
    rows: list[dict[str, str | None]] = [
        {**row(0), name: text} for name in COLUMNS for text in (None, "x", "-1", "view", "1.5")
    ]
    found = judged(db, contract, rows)
    assert all(accepted == (not reasons) for accepted, reasons in found)
    assert all(accepted for accepted, _ in found[::5]), "an empty optional value breaks no rule"


def test_a_row_may_break_several_rules(db: duckdb.DuckDBPyConnection) -> None:
    broken: dict[str, str | None] = {
        **row(0),
        "price": "12.345",
        "event_type": None,
        "user_id": "-1",
    }
    assert judged(db, EVENTS, [broken]) == [
        (False, ["missing:event_type", "not_a_decimal:price", "below_minimum:user_id"])
    ]


def test_the_month_ends_where_the_next_begins(db: duckdb.DuckDBPyConnection) -> None:
    spelled = ["2019-09-30 23:59:59", "2019-10-01 00:00:00", "2019-10-31 23:59:59"]
    spelled += ["2019-11-01 00:00:00"]
    rows: list[dict[str, str | None]] = [{**row(0), "event_time": f"{t} UTC"} for t in spelled]
    assert [accepted for accepted, _ in judged(db, EVENTS, rows)] == [False, True, True, False]
