"""Where the cosmetics files come from, chosen by a setting: `sample`, `files` or `kaggle`.

Belongs here: the choice, and the simulated shop behind the same protocol as the others. Stays out:
the sources themselves (`lib/sources/`) and the generator (`simulation/`).
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from ecommerce_assets.domains.cosmetics.settings import CosmeticsSettings
from ecommerce_assets.domains.sources import chosen_source
from ecommerce_assets.lib.failures import SourceMissing
from ecommerce_assets.lib.sources.protocol import (
    MonthlySource,
    Progress,
    SourceFile,
    month_file_name,
    month_of_file_name,
)
from ecommerce_assets.settings import Settings

#: Part of the sample file's version: raise it when the generator would write other bytes.
GENERATOR_VERSION = 1
KAGGLE_DATASET = "mkechinov/ecommerce-events-history-in-cosmetics-shop"


def cosmetics_source(settings: Settings) -> MonthlySource:
    """The source that the settings choose.

    Raises:
        SettingMissing: none is chosen where there is no default.
    """
    own = settings.of(CosmeticsSettings)
    return chosen_source(
        settings, "cosmetics", own, lambda: SimulatedShop(settings), KAGGLE_DATASET
    )


class SimulatedShop:
    """The simulated shop as a source: it writes the month's file when it is asked for it.

    The truths that it plants are published in `truth_folder`, one `YYYY-MM-01.json` a month.
    """

    kind = "sample"

    def __init__(self, settings: Settings) -> None:
        own = settings.of(CosmeticsSettings)
        self._events, self._seed = own.sample_events, settings.sample_seed
        self._calendar = own.all_months
        self.truth_folder = truth_folder(settings)

    def find(self, month: date) -> SourceFile:
        """The file that the shop would write; its version names what it depends on.

        Raises:
            SourceMissing: the month is not one of the domain's.
        """
        if month not in self._calendar:
            raise SourceMissing(
                f"the simulated shop has no {month:%Y-%m}",
                "widen ECOMMERCE_COSMETICS_MONTHS, or choose a month inside it",
            )
        return SourceFile(
            name=f"{month_file_name(month)}.zip",
            version=f"{GENERATOR_VERSION}:events={self._events}:seed={self._seed}",
            size=None,
            location=f"simulated shop, seed {self._seed}, {self._events:,} events",
            rows=self._events,
        )

    def available(self) -> dict[date, SourceFile]:
        """All months of the domain."""
        return {month: self.find(month) for month in self._calendar}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Write the month's file and publish what is true of it."""
        from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
        from ecommerce_assets.domains.cosmetics.simulator.truth import write_month_truth

        month = month_of_file_name(file.name)
        if month is None:
            raise SourceMissing(f"{file.name} names no month", "ask `find` for the file first")
        truth = simulate_cosmetics_month(
            month,
            folder / file.name,
            events=self._events,
            seed=self._seed,
            calendar=self._calendar,
        )
        self.truth_folder.mkdir(parents=True, exist_ok=True)
        write_month_truth(truth, self.truth_folder)
        if progress:
            size = os.path.getsize(folder / file.name)  # noqa: PTH202
            progress(size, size)
        return folder / file.name


def truth_folder(settings: Settings) -> Path:
    """Where the simulated shop's planted truths lie."""
    return settings.home / "sample" / "cosmetics" / "truth"
