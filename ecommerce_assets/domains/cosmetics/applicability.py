"""Whether a truth of the cosmetics events speaks of the rows that are loaded.

Belongs here: from which source each published month came, and what follows for the truths. Stays
out: the truths (`truths/`) and judging them (`lib/truths.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ecommerce_assets.domains.cosmetics.source import GENERATOR_VERSION
from ecommerce_assets.domains.cosmetics.truths import KAGGLE, SIMULATED
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.ingest import read_footer
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.simulation.cosmetics.truth import MonthTruth

#: A landed file whose rows come this close to the published number is taken for the published file.
SAME_FILE = Decimal("0.01")


@dataclass(frozen=True)
class LoadedMonth:
    """Where a published month came from: kind and version of its source, and rows received."""

    source_version: str
    rows_received: int

    @property
    def kind(self) -> str:
        """`sample`, `files` or `kaggle`."""
        return self.source_version.partition(":")[0]


def loaded_months(lake: Lake, contract: TableContract) -> dict[date, LoadedMonth]:
    """Every published month with its origin, as the Parquet's footer has it."""
    months = {}
    for month in lake.months(contract.domain, contract.table):
        footer, _ = read_footer(lake, contract, month)
        months[month] = LoadedMonth(footer["source_version"], int(footer["rows_received"]))
    return months


def reason_against(
    truth: Truth,
    loaded: Mapping[date, LoadedMonth],
    stale: Collection[date],
    planted: Mapping[str, MonthTruth],
    published_rows: Mapping[date, Decimal],
) -> str | None:
    """Why a truth does not apply; None where it does.

    Args:
        truth: the figure.
        loaded: the published months.
        stale: published months whose models are out of date.
        planted: what the simulated shop planted, by month.
        published_rows: the number of rows that Kaggle's files are known to have, by month.
    """
    months = months_of(truth)
    missing = [month for month in months if month not in loaded]
    if missing:
        return "not loaded: " + ", ".join(f"{month:%Y-%m}" for month in missing)
    behind = [month for month in months if month in stale]
    if behind:
        return "models out of date: " + ", ".join(f"{month:%Y-%m}" for month in behind)
    other = [m for m in months if not _is_of(truth.dataset, m, loaded[m], planted, published_rows)]
    if other:
        kinds = sorted({loaded[month].kind for month in other})
        named = ", ".join(f"{month:%Y-%m}" for month in other)
        return f"other rows are loaded (source {', '.join(kinds)}): {named}"
    return None


def months_of(truth: Truth) -> list[date]:
    """The months that must be loaded for a truth, oldest first."""
    months, month = [], truth.needs_from
    while month <= truth.last:
        months.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return months


def fingerprint_of(truth: Truth, month_fingerprint: Callable[[date], str]) -> str:
    """What our figure is made from: the loads and the SQL behind every month that it looks at."""
    parts = [month_fingerprint(month) for month in months_of(truth)]
    parts += [truth.measure, truth.column, *(str(value) for value in truth.arguments)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _is_of(
    dataset: str,
    month: date,
    loaded: LoadedMonth,
    planted: Mapping[str, MonthTruth],
    published_rows: Mapping[date, Decimal],
) -> bool:
    if dataset == SIMULATED:
        truth = planted[f"{month}"]
        version = f"sample:{GENERATOR_VERSION}:events={truth.rows}:seed={truth.seed}"
        return loaded.source_version == version
    if dataset == KAGGLE:
        rows = published_rows[month]
        near = abs(loaded.rows_received - rows) <= SAME_FILE * rows
        return loaded.kind == "kaggle" or (loaded.kind == "files" and near)
    raise ValueError(f"no rule says which rows the data set {dataset!r} speaks of")
