"""The book of the truths of the electronics purchases: published ones and planted ones.

Belongs here: what the simulated store planted, where it was the source. Stays out: the truths
(`truths/`, `planted.py`), what holds for every domain (`domains/truths.py`).
"""

from __future__ import annotations

from ecommerce_assets.domains.electronics.settings import ElectronicsSettings
from ecommerce_assets.domains.electronics.sources import sample_version, truth_folder
from ecommerce_assets.domains.electronics.truths import HERE, KAGGLE
from ecommerce_assets.domains.electronics.truths.planted import planted_truths
from ecommerce_assets.domains.truths import TruthBook, book_of_one_file
from ecommerce_assets.settings import Settings


def electronics_truths(settings: Settings) -> TruthBook:
    """The published truths, and those that the simulated store planted."""
    from ecommerce_assets.domains.electronics.simulator.truth import read_electronics_truth

    planted = read_electronics_truth(truth_folder(settings))
    if planted is None:
        return book_of_one_file(HERE, KAGGLE)
    return book_of_one_file(
        HERE,
        KAGGLE,
        planted_truths(planted, settings.of(ElectronicsSettings).all_months),
        sample_version(planted.everything.rows, planted.seed),
    )
