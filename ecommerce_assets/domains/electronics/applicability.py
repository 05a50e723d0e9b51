"""Which loaded months the truths of the electronics purchases speak of, and the book of them.

Belongs here: what tells the rows of Kaggle and of the simulated store from others. Stays out: the
truths (`truths/`), what holds for every domain (`domains/truths.py`).
"""

from __future__ import annotations

from datetime import date

from ecommerce_assets.domains.electronics.planted import planted_truths
from ecommerce_assets.domains.electronics.source import GENERATOR_VERSION, truth_folder
from ecommerce_assets.domains.electronics.truths import HERE, KAGGLE
from ecommerce_assets.domains.truths import (
    SAME_FILE,
    SIMULATED,
    LoadedMonth,
    TruthBook,
    published_truths,
)
from ecommerce_assets.settings import Settings

#: Rows of the file on Kaggle.
PUBLISHED_ROWS = 2_633_521


def electronics_truths(settings: Settings) -> TruthBook:
    """The published truths, and those that the simulated store planted."""
    from ecommerce_assets.simulation.electronics.truth import read_electronics_truth

    planted = read_electronics_truth(truth_folder(settings))
    truths = published_truths(HERE)
    version = ""
    if planted:
        truths += planted_truths(planted, settings.months_of("electronics"))
        version = f"sample:{GENERATOR_VERSION}:rows={planted.everything.rows}:seed={planted.seed}:"

    def speaks_of(dataset: str, month: date, loaded: LoadedMonth) -> bool:
        if dataset == SIMULATED:
            return loaded.source_version.startswith(version)
        if dataset == KAGGLE:
            near = abs((loaded.file_rows or 0) - PUBLISHED_ROWS) <= SAME_FILE * PUBLISHED_ROWS
            return loaded.kind == "kaggle" or (loaded.kind == "files" and near)
        raise ValueError(f"no rule says which rows the data set {dataset!r} speaks of")

    return TruthBook(truths, HERE, speaks_of)
