"""Where the electronics store's file comes from, chosen by a setting: `sample`, `files`, `kaggle`.

Belongs here: the choice, and the simulated store behind the protocol of the others. Stays out: the
sources themselves (`lib/sources/`) and the generator (`simulation/`).
"""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.domains.electronics.settings import ElectronicsSettings
from ecommerce_assets.domains.sample import SimulatedFile
from ecommerce_assets.domains.sources import chosen_source
from ecommerce_assets.lib.sources.protocol import MonthlySource, SharedName
from ecommerce_assets.settings import Settings

#: Part of the sample file's version: raise it when the generator would write other bytes.
GENERATOR_VERSION = 1
KAGGLE_DATASET = "mkechinov/ecommerce-purchase-history-from-electronics-store"


def electronics_source(settings: Settings) -> MonthlySource:
    """The source that the settings choose; its one file `kz.csv` holds all months.

    Raises:
        SettingMissing: none is chosen where there is no default.
    """
    own = settings.of(ElectronicsSettings)
    names = SharedName("kz", tuple(own.all_months))
    return chosen_source(
        settings, "electronics", own, lambda: _simulated(settings, names), KAGGLE_DATASET, names
    )


def sample_version(rows: int, seed: int) -> str:
    """What the version of the simulated file begins with; its months follow."""
    return f"{GENERATOR_VERSION}:rows={rows}:seed={seed}"


def truth_folder(settings: Settings) -> Path:
    """Where the simulated store's planted truths lie."""
    return settings.home / "sample" / "electronics" / "truth"


def _simulated(settings: Settings, names: SharedName) -> SimulatedFile:
    rows, seed = settings.of(ElectronicsSettings).sample_purchases, settings.sample_seed

    def write(target: Path) -> None:
        from ecommerce_assets.domains.electronics.simulator.file import simulate_electronics
        from ecommerce_assets.domains.electronics.simulator.truth import write_electronics_truth

        truth = simulate_electronics(target, rows=rows, seed=seed, calendar=names.months)
        folder = truth_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        write_electronics_truth(truth, folder)

    return SimulatedFile(
        "electronics",
        names,
        rows=rows,
        version=sample_version(rows, seed),
        write=write,
    )
