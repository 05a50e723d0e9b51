"""The book of the truths of the retail invoices: published ones and planted ones, of the archive.

Belongs here: what the simulated shop planted, where it was the source, and which source's rows the
models read. Stays out: the truths (`truths/`, `planted.py`), what holds for every domain
(`domains/truths.py`).
"""

from __future__ import annotations

from dataclasses import replace

from ecommerce_assets.domains.retail.settings import RetailSettings
from ecommerce_assets.domains.retail.sources import sample_version, truth_folder
from ecommerce_assets.domains.retail.truths import HERE, ONLINE_RETAIL
from ecommerce_assets.domains.retail.truths.planted import planted_truths
from ecommerce_assets.domains.truths import TruthBook, book_of_one_file
from ecommerce_assets.settings import Settings


def retail_truths(settings: Settings) -> TruthBook:
    """The published truths, and those that the simulated shop planted."""
    from ecommerce_assets.domains.retail.simulator.truth import read_retail_truth

    planted = read_retail_truth(truth_folder(settings))
    book = book_of_one_file(HERE, ONLINE_RETAIL)
    if planted is not None:
        book = book_of_one_file(
            HERE,
            ONLINE_RETAIL,
            planted_truths(planted, settings.of(RetailSettings).all_months),
            sample_version(planted.everything.rows, planted.seed),
        )
    if settings.of(RetailSettings).primary == "archive":
        return book
    # The models read rows whose origin this does not know.
    return replace(book, speaks_of=lambda dataset, month, loaded: False)
