"""Which loaded months the truths of the retail invoices speak of, and the book of them.

Belongs here: what tells the rows of Online Retail and of the simulated shop from others. Stays out:
the truths (`truths/`), what holds for every domain (`domains/truths.py`).
"""

from __future__ import annotations

from datetime import date

from ecommerce_assets.domains.retail.planted import planted_truths
from ecommerce_assets.domains.retail.source import GENERATOR_VERSION, truth_folder
from ecommerce_assets.domains.retail.truths import HERE, ONLINE_RETAIL
from ecommerce_assets.domains.truths import (
    SAME_FILE,
    SIMULATED,
    LoadedMonth,
    TruthBook,
    published_truths,
)
from ecommerce_assets.settings import Settings

#: Rows of the published file.
PUBLISHED_ROWS = 541_909


def retail_truths(settings: Settings) -> TruthBook:
    """The published truths, and those that the simulated shop planted; both of the archive."""
    from ecommerce_assets.simulation.retail.truth import read_retail_truth

    planted = read_retail_truth(truth_folder(settings))
    truths = published_truths(HERE)
    version = ""
    if planted:
        truths += planted_truths(planted, settings.months_of("retail"))
        version = f"sample:{GENERATOR_VERSION}:rows={planted.everything.rows}:seed={planted.seed}:"

    def speaks_of(dataset: str, month: date, loaded: LoadedMonth) -> bool:
        if settings.retail_primary != "archive":
            return False  # the models read rows whose origin this does not know
        if dataset == SIMULATED:
            return loaded.source_version.startswith(version)
        if dataset == ONLINE_RETAIL:
            near = abs((loaded.file_rows or 0) - PUBLISHED_ROWS) <= SAME_FILE * PUBLISHED_ROWS
            return loaded.kind == "kaggle" or (loaded.kind == "files" and near)
        raise ValueError(f"no rule says which rows the data set {dataset!r} speaks of")

    return TruthBook(truths, HERE, speaks_of)
