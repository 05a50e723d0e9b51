"""The same small months through the whole path on both engines, by the command of users.

Belongs here: running the command in `local` and in `dev`, reading a table from both, and saying
where they part. Stays out: what is asserted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from google.cloud import bigquery

from ecommerce_assets_tests.support.emulators.google_cloud import GoogleCloud

COMMAND = Path(sys.executable).with_name("ecommerce")
FULL = os.environ.get("ECOMMERCE_FULL_TESTS") == "1"
#: Few rows of one month; the complete suite has two, one of which is then replaced.
SMALL = {
    "ECOMMERCE_COSMETICS_MONTHS": "2019-10:2019-11" if FULL else "2019-10:2019-10",
    "ECOMMERCE_ELECTRONICS_MONTHS": "2020-03:2020-03",
    "ECOMMERCE_RETAIL_MONTHS": "2011-11:2011-11",
    "ECOMMERCE_SAMPLE_EVENTS": "2000",
    "ECOMMERCE_SAMPLE_PURCHASES": "1000",
    "ECOMMERCE_SAMPLE_INVOICE_LINES": "1000",
}
LONGEST_RUN_S = 1800


@dataclass(frozen=True)
class Difference:
    """Where two tables part: rows of only one side, and the columns whose values differ."""

    table: str
    columns: list[str]
    only_bigquery: list[tuple[Any, ...]]
    only_duckdb: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Lakehouse:
    """One environment's home, and the variables of its commands."""

    home: Path
    variables: dict[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `ecommerce` with arguments; nothing of the developer's own environment gets in."""
        return subprocess.run(
            [str(COMMAND), *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.variables, **variables},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
        )


def lakehouse(home: Path, **variables: str) -> Lakehouse:
    """A lakehouse of the simulated shop."""
    home.mkdir(parents=True, exist_ok=True)
    shared = {
        "ECOMMERCE_HOME": str(home),
        "ECOMMERCE_SOURCE": "sample",
        "COLUMNS": "200",
        **SMALL,
    }
    return Lakehouse(home, shared | variables)


def on_google(home: Path, cloud: GoogleCloud, lake_uri: str) -> Lakehouse:
    """The same in the environment `dev`."""
    return lakehouse(home, ECOMMERCE_ENV="dev", ECOMMERCE_LAKE=lake_uri, **cloud.environment)


def models(manifest: Path) -> dict[str, str | None]:
    """`schema.table` of every dbt model, sorted, with the column by which its months are told."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    found = [node for node in nodes if node["resource_type"] == "model"]
    times = {f"{n['schema']}.{n['name']}": n["config"].get("event_time") for n in found}
    return dict(sorted(times.items()))


def compare(
    client: bigquery.Client, db: duckdb.DuckDBPyConnection, table: str, time: str | None
) -> Difference | int:
    """The rows of a table where both engines have the same, or how they differ.

    BigQuery's raw tables refuse a scan without a bound on their time, and so do views over them.
    """
    bound = f" where {time} >= '2009-01-01'" if time and "_staging." in table else ""
    found = client.query(f"select * from {table}{bound}").result()
    columns = [field.name for field in found.schema]
    ours = [tuple(map(plain, row.values())) for row in found]
    listed = ", ".join(f'"{name}"' for name in columns)
    theirs = [tuple(map(plain, r)) for r in db.execute(f"select {listed} from {table}").fetchall()]
    left, right = Counter(ours), Counter(theirs)
    if left == right:
        return len(ours)
    different = [
        name
        for place, name in enumerate(columns)
        if Counter(row[place] for row in ours) != Counter(row[place] for row in theirs)
    ]
    return Difference(
        table, different, list((left - right).elements())[:3], list((right - left).elements())[:3]
    )


def plain(value: Any) -> Any:
    """A value in a form that both engines' clients give: exact, but for trailing zeros."""
    if isinstance(value, Decimal):
        return value.normalize() + 0
    return value
