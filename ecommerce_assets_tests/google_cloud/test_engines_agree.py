"""The whole path in `dev`, from the source to the marts, and the same rows as on DuckDB."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from google.cloud import bigquery

from ecommerce_assets_tests.google_cloud.lakehouse import (
    FULL,
    Lakehouse,
    compare,
    lakehouse,
    models,
    on_google,
)
from ecommerce_assets_tests.support.emulators.google_cloud import GoogleCloud

ROOT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("ecommerce-dbt")
DOCS = ROOT / "docs" / "google-cloud.md"
# Read now: tests run without any setting from outside.
WRITE_DOCS = bool(os.environ.get("ECOMMERCE_WRITE_DOCS"))
#: The asset by Dagster, and what its metadata then say.
REBUILD = """
import json
from ecommerce_assets.defs.ops.rebuild import KEY
from ecommerce_assets.cli.opening import open_runner
from ecommerce_assets.settings import load_settings
runner = open_runner(load_settings())
failure = runner.run([KEY], {})
assert failure is None, failure
event = runner.instance.get_latest_materialization_event(KEY)
found = event.asset_materialization.metadata
print(json.dumps({name: found[name].value for name in ("tables", "differing", "bigquery/jobs")}))
"""
#: Too few baskets for a pair of products in three of them, and no shop whose catalogue is read;
#: larger data are in integration/dbt and integration/dbt_retail.
EMPTY = {
    "cosmetics_marts.mart_product_affinity",
    "retail_marts.mart_retail_price_position",
    "retail_staging.stg_retail__catalogue_offers",
}
if not FULL:  # a session id of several months takes two months
    EMPTY.add("cosmetics_intermediate.int_cosmetics__reused_sessions")


@dataclass(frozen=True)
class Both:
    """One data set in both environments."""

    dev: Lakehouse
    client: bigquery.Client
    local: duckdb.DuckDBPyConnection
    output: str


@pytest.fixture(scope="module")
def both(cloud: GoogleCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    home = tmp_path_factory.mktemp("engines")
    here = lakehouse(home / "local")
    dev = on_google(home / "dev", cloud, f"gs://{cloud.bucket}/{home.name}")
    for place in (here, dev):
        done = place.run("demo")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.environment.items():
            patch.setenv(name, value)
        client = bigquery.Client(project=cloud.project, location="EU")
        with duckdb.connect(str(here.home / "warehouse.duckdb"), read_only=True) as db:
            db.execute("set TimeZone = 'UTC'")
            db.execute(f"set file_search_path = '{here.home / 'lake'}'")
            yield Both(dev, client, db, done.stdout)
    shutil.rmtree(home, ignore_errors=True)


def test_every_model_has_the_same_rows_on_both_engines(both: Both) -> None:
    tables = models(ROOT / "ecommerce_dbt" / "target" / "dev" / "manifest.json")
    found = {table: compare(both.client, both.local, table, time) for table, time in tables.items()}

    assert {t: each for t, each in found.items() if not isinstance(each, int)} == {}
    assert {table for table, rows in found.items() if not rows} == EMPTY
    lines = ["| model | rows on both engines |", "|---|---|"]
    lines += [f"| `{table}` | {rows:,} |" for table, rows in sorted(found.items())]
    table = "\n".join(lines)
    if not FULL:  # the docs have the reduced suite's months
        assert table_in_docs(table) == table


def table_in_docs(found: str) -> str:
    """The docs' table of compared models; ECOMMERCE_WRITE_DOCS=1 writes what was found there."""
    part = re.compile(r"(<!-- compared -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)
    text = DOCS.read_text(encoding="utf-8")
    if WRITE_DOCS:
        text = part.sub(lambda place: f"{place[1]}{found}{place[3]}", text)
        DOCS.write_text(text, encoding="utf-8")
    place = part.search(text)
    assert place, "docs/google-cloud.md has no part named compared"
    return place[2]


def test_the_operations_are_tables_too(both: Both) -> None:
    (ledger,) = both.client.query(
        "select count(*) as n, countif(status in ('loaded', 'unchanged')) as loaded, "
        "countif(step = 'raw' and bytes_billed is not null) as billed from ops.load_ledger"
    ).result()
    assert ledger.n == ledger.loaded >= 6 and ledger.billed >= 1
    (truths,) = both.client.query(
        "select countif(status = 'matches') as met, countif(status = 'differs') as missed "
        "from ops.truths"
    ).result()
    assert truths.met > 40 and truths.missed == 0
    (rows,) = both.client.query(
        "select count(*) as n from cosmetics_raw.events_quarantine"
    ).result()
    assert rows.n == 0


def test_dbts_jobs_name_asset_months_and_run(both: Both) -> None:
    labels = [job.labels or {} for job in both.client.list_jobs()]
    ours = [each for each in labels if each.get("app") == "dbt"]
    orders = [each for each in ours if each.get("asset") == "cosmetics_marts_fct_orders"]
    assert orders and all({"run", "partition", "target"} <= set(each) for each in orders)
    last = "2019-12-01" if FULL else "2019-11-01"
    assert {each["partition"] for each in orders} == {f"2019-10-01_{last}"}


def test_a_second_run_builds_nothing(both: Both) -> None:
    before = both.client.get_table("cosmetics_marts.fct_orders").modified
    done = both.dev.run("backfill", "cosmetics")
    assert done.returncode == 0, done.stdout + done.stderr
    assert both.client.get_table("cosmetics_marts.fct_orders").modified == before


@pytest.mark.full
def test_a_plan_asks_bigquery_what_it_would_read(both: Both) -> None:
    done = both.dev.run("backfill", "cosmetics", "--plan", "--force")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    said = " ".join(done.stdout.split())
    assert re.search(r"BigQuery says that 4\d models would read 0 B: \$0.00 at \$6.25 a TiB", said)
    assert "not there yet" not in said


@pytest.mark.full
def test_the_tables_equal_a_full_rebuild_until_a_row_is_lost(both: Both) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REBUILD],
        env={"PATH": os.environ["PATH"], "HOME": str(both.dev.home), **both.dev.variables},
        cwd=both.dev.home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["differing"] == 0 and found["tables"] > 70
    # Several statements of dbt a table, and one that compares it.
    assert found["bigquery/jobs"] > 2 * found["tables"]
    assert list(both.client.list_tables("ops_rebuild")) == []

    both.client.query("delete from retail_marts.agg_retail_sales_by_country where true").result()
    done = both.dev.run("verify")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"1 of \d+ tables differ", done.stdout), done.stdout


@pytest.mark.full
def test_the_models_own_unit_tests_pass_on_bigquery(both: Both) -> None:
    folder = both.dev.home / "unit_tests"
    done = subprocess.run(
        [str(DBT), "--no-use-colors", "test", "-s", "test_type:unit", "--target", "dev"],
        cwd=ROOT / "ecommerce_dbt",
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(both.dev.home),
            "DBT_PROFILES_DIR": str(ROOT / "ecommerce_dbt"),
            "DBT_TARGET": "dev",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            **both.dev.variables,
        },
        capture_output=True,
        text=True,
    )
    said = re.search(r"PASS=(\d+) WARN=0 ERROR=0 SKIP=0", done.stdout)
    assert done.returncode == 0 and said, done.stdout[-4000:]
    assert int(said[1]) > 50


@pytest.mark.full
def test_a_changed_month_replaces_its_partitions(both: Both) -> None:
    """Last: another seed gives October other rows, and November's partition stays as it is."""

    def views() -> dict[str, int]:
        rows = both.client.query(
            "select format_timestamp('%Y-%m', event_month) as month, sum(view_events) as n "
            "from cosmetics_marts.agg_brand_monthly group by month"
        ).result()
        return {row.month: row.n for row in rows}

    before = views()
    span = ("--from", "2019-10", "--to", "2019-10")
    done = both.dev.run("backfill", "cosmetics", *span, ECOMMERCE_SAMPLE_SEED="43")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    after = views()
    assert after["2019-10"] != before["2019-10"] and after["2019-11"] == before["2019-11"]
