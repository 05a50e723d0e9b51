"""A truth is judged once for what it is made from, and its verdict can be read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.truths import (
    COLUMNS,
    Truth,
    Verdict,
    Versions,
    check_truths,
    judge,
    publish_verdicts,
    read_verdicts,
    verdicts_key,
)
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse

OCTOBER = date(2019, 10, 1)
ROWS = Truth(
    dataset="a shop",
    metric="rows_all",
    first=OCTOBER,
    last=OCTOBER,
    needs_from=OCTOBER,
    definition="rows of the file",
    expected=Decimal("1000"),
    tolerance=Decimal(0),
    source="the shop",
    measure="traffic",
    column="rows_all",
)
RATE = replace(
    ROWS, metric="rate", column="rate", expected=Decimal("0.0345"), tolerance=Decimal("0.0001")
)


VERSIONS = Versions("a")


def nothing(_: Truth) -> None:
    """No reason."""


class Figures:
    """Our figures, and how often they were asked for."""

    def __init__(self, **figures: Any) -> None:
        self.figures, self.asked = figures, 0

    def __call__(self, *_: Any) -> dict[str, Any]:
        self.asked += 1
        return self.figures


def check(
    figures: Figures,
    known: list[Verdict],
    made_from: str = "a",
    reason: str | None = None,
    hindrance: str | None = None,
) -> list[Verdict]:
    versions = Versions(made_from, "2019-10=1f2e", "models")
    asked = ([ROWS, RATE], lambda _: reason, lambda _: hindrance, lambda _: versions)
    return check_truths(*asked, figures, known)


@pytest.mark.parametrize(
    ("found", "status"), [(1000, "matches"), (999, "differs"), (1001, "differs"), (None, "differs")]
)
def test_an_exact_truth_is_met_exactly(found: int | None, status: str) -> None:
    verdict = judge(ROWS, found, VERSIONS)

    assert verdict.status == status
    assert (verdict.reason is None) == (status == "matches")


@pytest.mark.parametrize(
    ("found", "status"),
    [("0.0346", "matches"), ("0.0344", "matches"), ("0.03461", "differs"), (0.0345, "matches")],
)
def test_a_rounded_truth_is_met_within_its_tolerance(found: Any, status: str) -> None:
    assert judge(RATE, found, VERSIONS).status == status


def test_an_instant_is_compared_in_seconds_since_1970() -> None:
    truth = replace(ROWS, expected=Decimal(1569888000))

    assert judge(truth, datetime(2019, 10, 1, tzinfo=UTC), VERSIONS).status == "matches"


def test_metrics_of_one_measure_are_found_by_one_query() -> None:
    figures = Figures(rows_all=1000, rate=0.0345)

    verdicts = check(figures, [])

    assert [verdict.status for verdict in verdicts] == ["matches", "matches"]
    assert figures.asked == 1


def test_what_has_not_changed_is_not_measured_again() -> None:
    before = check(Figures(rows_all=1000, rate=0.0345), [])
    figures = Figures(rows_all=5, rate=0.5)

    assert check(figures, before) == before
    assert figures.asked == 0
    assert [v.status for v in check(figures, before, made_from="b")] == ["differs", "differs"]


def test_a_truth_that_does_not_apply_says_why_and_is_measured_once_it_does() -> None:
    figures = Figures(rows_all=1000, rate=0.0345)

    before = check(figures, [], reason="not loaded: 2019-10")
    after = check(figures, before)

    assert {(v.status, v.reason, v.found) for v in before} == {
        ("not applicable", "not loaded: 2019-10", None)
    }
    assert [v.status for v in after] == ["matches", "matches"]


def test_what_cannot_be_measured_is_never_met_and_keeps_the_time_of_its_verdict() -> None:
    before = check(Figures(rows_all=1000, rate=0.5), [])
    figures = Figures(rows_all=1000, rate=0.0345)

    stale = check(figures, before, hindrance="models out of date: 2019-10")
    again = check(figures, stale, hindrance="the query traffic fails")
    never = check(figures, [], hindrance="models out of date: 2019-10")

    assert figures.asked == 0
    at = f"judged at {before[0].checked_at[:16]}Z"
    assert [(v.status, v.reason, v.found, v.checked_at) for v in stale] == [
        ("stale", f"{was} when it was {at}; models out of date: 2019-10", v.found, v.checked_at)
        for was, v in zip(("matches", "differs"), before, strict=True)
    ]
    assert [v.reason for v in again] == [
        f"{was} when it was {at}; the query traffic fails" for was in ("matches", "differs")
    ]
    assert [v.status for v in never] == ["not judged", "not judged"]
    assert [v.status for v in check(figures, again)] == ["matches", "matches"]  # measured again


def test_a_verdict_keeps_what_it_judged() -> None:
    (verdict, _) = check(Figures(rows_all=1000, rate=0.0345), [])

    assert (verdict.judged, verdict.project) == ("2019-10=1f2e", "models")


def test_a_corrected_truth_is_judged_again() -> None:
    before = check(Figures(rows_all=1000, rate=0.0345), [])
    corrected = replace(ROWS, expected=Decimal("1001"))

    (verdict,) = check_truths(
        [corrected], nothing, nothing, lambda _: VERSIONS, Figures(rows_all=1000), before
    )

    assert verdict.status == "differs"


def test_the_verdicts_are_rows_of_ops_truths(tmp_path: Path) -> None:
    lake = Lake((tmp_path / "lake").as_uri())
    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb")
    verdicts = check(Figures(rows_all=1000, rate=0.9), [])

    publish_verdicts(lake, "a.table", verdicts)
    publish_verdicts(lake, "a.table", verdicts)
    warehouse.show_truths(lake)

    assert read_verdicts(lake, "a.table") == verdicts
    rows = warehouse.query_named("select * from ops.truths order by metric")
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["metric"], row["status"], row["found"]) for row in rows] == [
        ("rate", "differs", Decimal("0.9")),
        ("rows_all", "matches", Decimal("1000")),
    ]
    assert lake.exists(verdicts_key("a.table"))


def test_a_missing_table_is_no_verdict(tmp_path: Path) -> None:
    """A query that fails must fail the check: no figure would look like one that differs."""

    def broken(*_: Any) -> dict[str, Any]:
        raise duckdb.CatalogException("no such table")

    with pytest.raises(duckdb.CatalogException):
        check_truths([ROWS], nothing, nothing, lambda _: VERSIONS, broken)
