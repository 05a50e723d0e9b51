"""What the simulated gift shop planted in its cancellations, as truths of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.domains.retail.simulator.file import simulate_retail
from ecommerce_assets.domains.retail.simulator.truth import RetailTruth
from ecommerce_assets.domains.retail.truths.planted import planted_links
from ecommerce_assets.domains.truths import SIMULATED

MONTHS = [date(2011, month, 1) for month in range(1, 7)]
LINKS = Path(__file__).parents[4] / "ecommerce_assets/domains/retail/truths/links.sql"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> RetailTruth:
    target = tmp_path_factory.mktemp("retail") / "data.csv"
    return simulate_retail(target, rows=6_000, seed=3, calendar=MONTHS)


def test_the_three_ways_are_all_cancelled_items_of_known_customers(planted: RetailTruth) -> None:
    truths = planted_links(planted, MONTHS)
    assert [int(truth.expected) for truth in truths] == [
        planted.links.exact,
        planted.links.partial,
        planted.links.none,
    ]
    assert {(truth.dataset, truth.scope) for truth in truths} == {(SIMULATED, "2011-01:2011-06")}


def test_a_file_of_other_months_plants_no_links_here(planted: RetailTruth) -> None:
    assert planted_links(planted, MONTHS[1:]) == []


def test_the_measure_counts_cancelled_lines_by_method(planted: RetailTruth) -> None:
    rows = [
        ("a", "exact_match", "item", 1, date(2011, 1, 4)),
        # Two sales give back one cancelled line: one cancellation.
        ("b", "fifo", "item", 1, date(2011, 2, 1)),
        ("b", "fifo", "item", 1, date(2011, 2, 1)),
        ("b", "unlinked", "item", 1, date(2011, 2, 1)),
        ("c", "unlinked", "item", 1, date(2011, 6, 30)),
        ("nobody's", "unlinked", "item", None, date(2011, 3, 1)),
        ("a service", "fifo", "postage", 1, date(2011, 3, 1)),
        ("too late", "exact_match", "item", 1, date(2011, 7, 1)),
    ]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema retail_marts")
        connection.execute(
            "create table retail_marts.fct_retail_return_links (cancellation_line_key varchar, "
            "link_method varchar, item_kind varchar, customer_id bigint, return_date date)"
        )
        connection.executemany(
            "insert into retail_marts.fct_retail_return_links values (?, ?, ?, ?, ?)", rows
        )
        ends = [datetime(2011, 1, 1, tzinfo=UTC), datetime(2011, 7, 1, tzinfo=UTC)]
        answer = connection.execute(LINKS.read_text(encoding="utf-8"), ends)
        names = [column[0] for column in answer.description or ()]
        assert answer.fetchall() == [(1, 1, 2)]
    assert names == [truth.column for truth in planted_links(planted, MONTHS)]
