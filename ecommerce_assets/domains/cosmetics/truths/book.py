"""Which loaded months the truths of the cosmetics events speak of, and the book of these truths.

Belongs here: what tells the rows of Kaggle and of the simulated shop from others. Stays out: the
truths (`truths/`), what holds for every domain (`domains/truths.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ecommerce_assets.domains.cosmetics.sources import GENERATOR_VERSION, truth_folder
from ecommerce_assets.domains.cosmetics.truths import (
    HERE,
    KAGGLE,
    planted_truths,
    published_truths,
)
from ecommerce_assets.domains.truths import SAME_FILE, SIMULATED, LoadedMonth, TruthBook
from ecommerce_assets.settings import Settings

if TYPE_CHECKING:
    from ecommerce_assets.domains.cosmetics.simulator.truth import MonthTruth


def cosmetics_truths(settings: Settings) -> TruthBook:
    """The published truths, and those that the simulated shop planted."""
    from ecommerce_assets.domains.cosmetics.simulator.truth import read_truths

    planted = read_truths(truth_folder(settings))
    published = published_truths()
    rows = {t.first: t.expected for t in published if t.metric == "rows_all" and t.first == t.last}
    return TruthBook(
        [*published, *planted_truths(planted)],
        HERE,
        lambda dataset, month, loaded: speaks_of(dataset, month, loaded, planted, rows),
    )


def speaks_of(
    dataset: str,
    month: date,
    loaded: LoadedMonth,
    planted: Mapping[str, MonthTruth],
    published_rows: Mapping[date, Decimal],
) -> bool:
    """Whether a data set's figures are those of a loaded month.

    Args:
        dataset: `SIMULATED` or `KAGGLE`.
        month: the month.
        loaded: where it came from.
        planted: what the simulated shop planted, by month.
        published_rows: the number of rows that Kaggle's files are known to have, by month.
    """
    if dataset == SIMULATED:
        truth = planted[f"{month}"]
        version = f"sample:{GENERATOR_VERSION}:events={truth.rows}:seed={truth.seed}"
        return loaded.source_version == version
    if dataset == KAGGLE:
        rows = published_rows[month]
        near = abs(loaded.rows_received - rows) <= SAME_FILE * rows
        return loaded.kind == "kaggle" or (loaded.kind == "files" and near)
    raise ValueError(f"no rule says which rows the data set {dataset!r} speaks of")
