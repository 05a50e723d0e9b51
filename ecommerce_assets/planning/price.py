"""What BigQuery would read for a plan, asked of BigQuery itself by dry runs before anything runs.

Belongs here: compiling the models for the plan's months, asking for the bytes of each, the sum
and its price. Stays out: what is planned (`plan.py`), wording (`words.py`). A dry run is
free of charge. It prices the SELECT of a model; replacing its partition reads that partition as
well, and each table that a query reads is charged with at least 10 MiB, which it does not say.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.dbt.project import PROJECT, dbt_environment, dbt_executable, models_of
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse
from ecommerce_assets.lib.warehouse.bigquery_jobs import TIB
from ecommerce_assets.planning.plan import Plan
from ecommerce_assets.settings import Settings

#: Dry runs that are asked for at the same time.
ASKERS = 8


@dataclass(frozen=True)
class Price:
    """What the queries of a plan would read.

    Attributes:
        bytes_by_model: of the models that could be asked about, by name.
        unknown: names of the others: a table that they read is not there yet.
        usd_per_tib: the price that `usd` is made with.
    """

    bytes_by_model: Mapping[str, int]
    unknown: tuple[str, ...]
    usd_per_tib: float

    @property
    def bytes(self) -> int:
        """The sum over the models."""
        return sum(self.bytes_by_model.values())

    @property
    def usd(self) -> float:
        """The price on demand in US dollars, before the free TiB of each month."""
        return round(self.bytes / TIB * self.usd_per_tib, 4)


def price_plan(settings: Settings, plan: Plan) -> Price | None:
    """Ask BigQuery what the models of a plan would read; None on another engine or without models.

    Raises:
        LakehouseError: BigQuery cannot be asked at all, for instance without credentials.
        PermanentFailure: dbt cannot compile the models; the message is dbt's.
    """
    months = sorted(plan.models.months)
    if plan.engine != BigQueryWarehouse.kind or not (months or plan.models.history):
        return None
    warehouse = warehouse_of(settings, {"asset": "backfill_plan"})
    assert isinstance(warehouse, BigQueryWarehouse)  # noqa: S101 - the plan's engine says so
    statements: dict[str, str] = {}
    if months:
        window = (months[0], next_month(months[-1]))
        statements |= compiled(settings, models_of(plan.domain.name, "monthly"), window)
    if plan.models.history:
        statements |= compiled(settings, models_of(plan.domain.name, "unpartitioned"), None)
    return ask(statements, warehouse.dry_run, settings.bigquery_usd_per_tib)


def ask(statements: Mapping[str, str], dry_run: Callable[[str], int], usd_per_tib: float) -> Price:
    """The price of SQL statements by name.

    Args:
        statements: SQL by name.
        dry_run: gives a statement's bytes, or fails with `PermanentFailure` where a table that it
            reads is not there.
        usd_per_tib: the price of a TiB.
    """

    def bytes_of(sql: str) -> int | None:
        try:
            return dry_run(sql)
        except PermanentFailure as error:
            if "not found" in error.message.lower():
                return None
            raise

    with ThreadPoolExecutor(ASKERS) as pool:
        found = dict(zip(statements, pool.map(bytes_of, statements.values()), strict=True))
    known = {name: number for name, number in found.items() if number is not None}
    return Price(known, tuple(sorted(set(found) - set(known))), usd_per_tib)


def compiled(settings: Settings, select: str, window: tuple[date, date] | None) -> dict[str, str]:
    """The SQL of the selected models by name, for half-open months; nothing runs.

    Raises:
        PermanentFailure: dbt cannot compile them.
    """
    variables = dbt_environment(settings)
    if window:
        variables |= {
            "ECOMMERCE_WINDOW_FROM": f"{window[0]}",
            "ECOMMERCE_WINDOW_TO": f"{window[1]}",
        }
    with tempfile.TemporaryDirectory() as folder:
        command = [dbt_executable(), "compile", "--project-dir", str(PROJECT)]
        command += ["--target", settings.dbt_target, "--select", select, "--target-path", folder]
        command += ["--no-introspect", "--no-populate-cache"]
        done = subprocess.run(
            command,
            env=os.environ | variables | {"DBT_LOG_PATH": folder},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise PermanentFailure(
                f"dbt cannot compile the models: {done.stdout[-2000:]}",
                "fix the project, then plan again",
            )
        manifest = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    return {
        node["name"]: node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node.get("compiled_code")
    }
