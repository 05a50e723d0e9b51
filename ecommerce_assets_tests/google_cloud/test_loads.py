"""Months loaded into BigQuery: partitions replaced whole, wrong rows refused, faults that pass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from google.cloud import bigquery

from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract, load_contract
from ecommerce_assets.lib.contracts.rules import quote_text
from ecommerce_assets.lib.failures import (
    ConservationBroken,
    CredentialsMissing,
    PermanentFailure,
    TransientFailure,
)
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse
from ecommerce_assets_tests.support.emulators.google_cloud import GoogleCloud

OCT, NOV = date(2019, 10, 1), date(2019, 11, 1)
RAW = "cosmetics_raw.events"


@pytest.fixture(scope="module")
def contract() -> TableContract:
    return load_contract("cosmetics", "events")


@pytest.fixture
def lake(google: GoogleCloud, lake_uri: str, scratch: Path) -> Lake:
    return Lake(lake_uri, scratch)


@pytest.fixture
def warehouse(google: GoogleCloud) -> Iterator[BigQueryWarehouse]:
    """The project without a raw table at first, and without one afterwards."""
    opened = BigQueryWarehouse(google.project, "EU", labels={"asset": "a/b", "run": "Run-1"})
    opened.client.delete_dataset("cosmetics_raw", delete_contents=True, not_found_ok=True)
    yield opened
    opened.client.delete_dataset("cosmetics_raw", delete_contents=True, not_found_ok=True)


def deliver(lake: Lake, contract: TableContract, month: date, rows: int, first: date) -> None:
    """Publish a month's Parquet whose rows lie in the month of `first`."""
    with lake.staging() as folder, duckdb.connect() as db:
        path = folder / "events.parquet"
        db.execute("set TimeZone = 'UTC'")
        values = {
            "event_time": f"timestamptz '{first} 00:00:00+00' + to_seconds(n)",
            "event_type": "'view'",
            "product_id": "n",
            "category_id": "1487580005268456287",
            "price": "cast(n as decimal(9,2)) / 4",
            "user_id": "n % 7",
            "user_session": "'s' || n % 7",
        }
        listed = ", ".join(
            f"cast({values.get(c.name, 'null')} as {c.duckdb_type}) as {c.name}"
            for c in contract.columns
        )
        db.execute(
            f"copy (select {listed}, n as {ROW_NUMBER} from range({rows}) as numbers (n)) "
            f"to {quote_text(str(path))} (format parquet)"
        )
        lake.publish(path, Slice(lake, contract, Month(month)).parquet)


def months(warehouse: BigQueryWarehouse) -> list[tuple[str, int]]:
    found = warehouse.query(
        "select format_timestamp('%Y-%m', event_time) as month, count(*) as n "
        "from cosmetics_raw.events where event_time >= '2019-01-01' group by month order by month"
    )
    return [(str(month), int(n)) for month, n in found]


def test_a_month_is_a_partition_that_is_replaced_whole(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 100, OCT)
    deliver(lake, contract, NOV, 50, NOV)
    assert warehouse.load_slice(Slice(lake, contract, Month(OCT))) == 100
    assert warehouse.load_slice(Slice(lake, contract, Month(NOV))) == 50
    for rows in (30, 70):
        deliver(lake, contract, OCT, rows, OCT)
        assert warehouse.load_slice(Slice(lake, contract, Month(OCT))) == rows
        assert warehouse.load_slice(Slice(lake, contract, Month(OCT))) == rows
    assert months(warehouse) == [("2019-10", 70), ("2019-11", 50)]
    assert warehouse.count_rows(RAW) == 120


def test_the_raw_table_is_laid_out_as_the_contract_says(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    assert not warehouse.shows(contract, lake)
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    assert warehouse.shows(contract, lake)

    table = warehouse.client.get_table(RAW)
    assert (table.time_partitioning.type_, table.time_partitioning.field) == ("MONTH", "event_time")
    assert table.require_partition_filter
    assert table.clustering_fields == ["event_type", "user_id"]
    assert table.labels == {"domain": "cosmetics", "layer": "raw"}
    described = {field.name: field.description for field in table.schema}
    for column in contract.columns:
        assert described[column.name] == column.description
    price = next(field for field in table.schema if field.name == "price")
    assert (price.field_type, price.precision, price.scale) == ("NUMERIC", 9, 2)
    with pytest.raises(PermanentFailure, match="without a filter"):
        warehouse.query("select count(*) from cosmetics_raw.events")


def test_the_files_themselves_are_an_external_table(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 12, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    table = warehouse.client.get_table("cosmetics_raw.events_external")
    assert table.table_type == "EXTERNAL"
    found = warehouse.query(
        "select count(*), max(source_row_no) from cosmetics_raw.events_external "
        "where event_month = '2019-10-01'"
    )
    assert found == [(12, 11)]


def test_rows_of_another_month_are_refused_and_nothing_is_replaced(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    deliver(lake, contract, OCT, 20, NOV)
    with pytest.raises(ConservationBroken, match="rows of another month than 2019-10"):
        warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    assert months(warehouse) == [("2019-10", 10)]


def test_every_job_carries_its_labels(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    assert len(warehouse.jobs) >= 3
    for figures in warehouse.jobs:
        job = warehouse.client.get_job(figures.job_id, location=warehouse.location)
        assert {"asset": "a_b", "run": "run-1"}.items() <= job.labels.items()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(503, "backendError"), (403, "rateLimitExceeded"), (429, "rateLimitExceeded")],
)
def test_faults_of_the_service_are_tried_again(
    faulty: GoogleCloud,
    warehouse: BigQueryWarehouse,
    lake: Lake,
    contract: TableContract,
    status: int,
    reason: str,
) -> None:
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    faulty.fail("bigquery", "POST", "/jobs", status, reason, times=2)
    assert warehouse.load_slice(Slice(lake, contract, Month(OCT))) == 10


def test_a_used_up_quota_is_a_failure_that_passes(
    faulty: GoogleCloud, warehouse: BigQueryWarehouse
) -> None:
    faulty.fail("bigquery", "POST", "/jobs", 403, "quotaExceeded")
    with pytest.raises(TransientFailure, match="refuses for now"):
        warehouse.query("select 1 as one")


def test_a_refusal_says_which_roles_to_grant(
    faulty: GoogleCloud, warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    faulty.fail("bigquery", "POST", "/jobs", 403, "accessDenied")
    with pytest.raises(PermanentFailure, match=r"no permission .* terraform/modules/identity"):
        warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    assert months(warehouse) == [("2019-10", 10)]


def test_without_credentials_the_message_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(CredentialsMissing, match="gcloud auth application-default login"):
        BigQueryWarehouse("project", "EU").query("select 1 as one")


def test_a_load_killed_midway_leaves_the_old_month_and_goes_through_again(
    google: GoogleCloud, warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    deliver(lake, contract, OCT, 10, OCT)
    warehouse.load_slice(Slice(lake, contract, Month(OCT)))
    deliver(lake, contract, OCT, 25, OCT)
    script = f"""
import os, signal
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from google.cloud import bigquery
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse
from ecommerce_assets.lib.lake.slices import Month, Slice
bigquery.Client.load_table_from_uri = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
contract = load_contract("cosmetics", "events")
lake = Lake({lake.uri!r}, Path({str(lake._scratch)!r}))
slice_ = Slice(lake, contract, Month(date(2019, 10, 1)))
BigQueryWarehouse({google.project!r}, "EU").load_slice(slice_)
"""
    done = subprocess.run([sys.executable, "-c", script], env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    assert months(warehouse) == [("2019-10", 10)]
    assert warehouse.load_slice(Slice(lake, contract, Month(OCT))) == 25


def test_values_go_in_as_parameters_and_come_back_exact(warehouse: BigQueryWarehouse) -> None:

    given = [
        "o'clock",
        2**62,
        Decimal("12.340000001"),
        True,
        OCT,
        datetime(2019, 10, 1, tzinfo=UTC),
    ]
    (row,) = warehouse.query("select ? a, ? b, ? c, ? d, ? e, ? f", given)
    assert list(row) == given


def test_the_ledger_shows_each_attempt_once_also_where_an_earlier_release_made_a_table(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    warehouse.client.delete_dataset("ops", delete_contents=True, not_found_ok=True)
    ledger = Ledger(lake)
    for status in ("failed", "loaded"):
        ledger.finish(ledger.begin(contract.dataset, "lake", Month(OCT)), status)
    twice = lake.read_bytes(lake.keys_below(f"ops/load_ledger/{contract.dataset}")[0])
    with lake.staging() as folder:
        (folder / "rows.json").write_bytes(twice)
        lake.publish(folder / "rows.json", "ops/load_ledger/merged/small/rows.json")
    warehouse.ensure_dataset("ops")
    warehouse.client.create_table(
        bigquery.Table(f"{warehouse.project}.ops.load_ledger", [bigquery.SchemaField("a", "INT64")])
    )

    for _ in range(2):
        warehouse.show_ledger(lake)

        found = warehouse.query("select status from ops.load_ledger order by status")
        assert found == [("failed",), ("loaded",)]


def test_the_project_says_what_it_holds(warehouse: BigQueryWarehouse, lake: Lake) -> None:
    warehouse.client.delete_table(f"{warehouse.project}.ops.build_state", not_found_ok=True)
    empty = warehouse.builds(["cosmetics_raw", "no_such_data_set"])
    assert (empty.identity, dict(empty.built), dict(empty.tables)) == (None, {}, {})

    first = warehouse.forget_builds("cosmetics.events", {"models": None})
    warehouse.note_builds("cosmetics.events", "models", {OCT: "a", NOV: "b"}, ["x.y"])
    warehouse.note_builds("other.rows", "models", {OCT: "c"}, ())
    warehouse.note_builds("cosmetics.events", "history", {NOV: "d"}, ())
    again = warehouse.forget_builds("cosmetics.events", {"models": [NOV], "history": None})

    found = warehouse.builds(["ops"])
    assert found.identity == first.identity == again.identity is not None
    assert found.months("cosmetics.events", "models") == {OCT: "a"}
    assert found.months("cosmetics.events", "history") == {}
    assert found.months("other.rows", "models") == {OCT: "c"}
    assert "ops.build_state" in found.tables


def test_a_raw_month_is_held_only_as_it_was_copied(
    warehouse: BigQueryWarehouse, lake: Lake, contract: TableContract
) -> None:
    """Two records that contradict each other, as two killed loads may leave them, count as none."""
    for fingerprint in ("before", "after"):
        warehouse.forget_builds(contract.dataset, {"raw": [NOV]})
        warehouse.note_builds(contract.dataset, "raw", {OCT: fingerprint}, ())
    assert warehouse.builds(()).months(contract.dataset, "raw") == {}
    warehouse.forget_builds(contract.dataset, {"raw": [OCT]})
    warehouse.note_builds(contract.dataset, "raw", {OCT: "after"}, ())
    assert warehouse.builds(()).months(contract.dataset, "raw") == {OCT: "after"}
