"""Where the retail invoices come from: an archive, a file at an address, a PostgreSQL table.

Belongs here: the choice of each source by the settings, and why one is absent. Stays out: the
sources themselves (`lib/sources/`) and the generator (`simulation/`).

All three may be set up at once. The archive is always there; the models read the one that
ECOMMERCE_RETAIL_PRIMARY names and compare the others with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.domains.retail.settings import RetailSettings
from ecommerce_assets.domains.sample import SimulatedFile
from ecommerce_assets.domains.sources import chosen_source
from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.sources.protocol import MonthlySource, SharedName
from ecommerce_assets.settings import Settings

if TYPE_CHECKING:
    from ecommerce_assets.lib.contracts.contract import TableContract

#: Part of the sample file's version: raise it when the generator would write other bytes.
GENERATOR_VERSION = 1
KAGGLE_DATASET = "carrie1/ecommerce-data"
NO_URL = "set ECOMMERCE_RETAIL_URL to the address of a CSV file"
NO_CATALOGUE = "set ECOMMERCE_CATALOGUE_SITE to a shop's address, and ECOMMERCE_CATALOGUE_CONTACT"
NO_POSTGRES = "set ECOMMERCE_RETAIL_POSTGRES to postgresql://user:password@host/database"


def archive_source(settings: Settings) -> MonthlySource:
    """The archive: `data.csv` of the simulated shop, of the landing folder or of Kaggle.

    Raises:
        SettingMissing: none is chosen where there is no default.
    """
    own = settings.of(RetailSettings)
    names = SharedName("data", tuple(own.all_months))
    return chosen_source(
        settings, "retail", own, lambda: _simulated(settings, names), KAGGLE_DATASET, names
    )


def primary_table(settings: Settings) -> str:
    """The name of the source table that the models read."""
    return f"invoices_{settings.of(RetailSettings).primary}"


def url_source(settings: Settings) -> MonthlySource:
    """The file at ECOMMERCE_RETAIL_URL.

    Raises:
        SettingMissing: no address is set.
    """
    from ecommerce_assets.lib.sources.web.client import Pace
    from ecommerce_assets.lib.sources.web.file import HttpFile

    own = settings.of(RetailSettings)
    if own.url is None:
        raise SettingMissing("the retail invoices have no file at an address", NO_URL)
    return HttpFile(
        own.url,
        own.all_months,
        sha256=own.url_sha256,
        max_bytes=settings.max_file_bytes,
        private_hosts=settings.private_redirect_hosts,
        read_timeout_s=settings.source_silence_s,
        pace=Pace(settings.source_min_bytes_per_s),
    )


def why_no_url(settings: Settings) -> str | None:
    """What to set for `url_source`; None where it is set."""
    return None if settings.of(RetailSettings).url else NO_URL


def postgres_source(settings: Settings) -> MonthlySource:
    """The table of ECOMMERCE_RETAIL_POSTGRES; its columns are found by the contract's names.

    Raises:
        SettingMissing: no database is set.
    """
    from ecommerce_assets.connect import patience_of
    from ecommerce_assets.lib.contracts.contract import load_contract
    from ecommerce_assets.lib.sources.postgres import PostgresTable

    own = settings.of(RetailSettings)
    if own.postgres is None:
        raise SettingMissing("the retail invoices have no database", NO_POSTGRES)
    contract = load_contract("retail", "invoices_postgres")
    return PostgresTable(
        own.postgres,
        own.postgres_table,
        _columns(contract),
        "InvoiceDate",
        watermark_column=own.postgres_watermark,
        months=own.all_months,
        time_zone="Europe/London",
        patience=patience_of(settings),
    )


def why_no_postgres(settings: Settings) -> str | None:
    """What to set for `postgres_source`; None where it is set."""
    return None if settings.of(RetailSettings).postgres else NO_POSTGRES


def catalogue_source(settings: Settings) -> MonthlySource:
    """The public pages of the shop at ECOMMERCE_CATALOGUE_SITE.

    Raises:
        SettingMissing: no shop is set, or no contact that it is told.
    """
    from ecommerce_assets.lib.sources.catalogue.shop import ShopCatalogue

    own = settings.of(RetailSettings)
    if own.catalogue_site is None:
        raise SettingMissing("there is no shop whose catalogue is read", NO_CATALOGUE)
    return ShopCatalogue(
        own.catalogue_site,
        own.catalogue_contact,
        state=settings.home / "downloads" / "catalogue.sqlite",
        max_pages=own.catalogue_max_pages,
        delay_s=own.catalogue_delay_s,
    )


def why_no_catalogue(settings: Settings) -> str | None:
    """What to set for `catalogue_source`; None where it is set."""
    return None if settings.of(RetailSettings).catalogue_site else NO_CATALOGUE


def sample_version(rows: int, seed: int) -> str:
    """What the version of the simulated file begins with; its months follow."""
    return f"{GENERATOR_VERSION}:rows={rows}:seed={seed}"


def truth_folder(settings: Settings) -> Path:
    """Where the simulated shop's planted truths lie."""
    return settings.home / "sample" / "retail" / "truth"


def _columns(contract: TableContract) -> dict[str, str]:
    """The table's column for each column of the file: the same names, whatever their case."""
    return {column.source_name: column.source_name for column in contract.columns}


def _simulated(settings: Settings, names: SharedName) -> SimulatedFile:
    rows, seed = settings.of(RetailSettings).sample_invoice_lines, settings.sample_seed

    def write(target: Path) -> None:
        from ecommerce_assets.domains.retail.simulator.file import simulate_retail
        from ecommerce_assets.domains.retail.simulator.truth import write_retail_truth

        truth = simulate_retail(target, rows=rows, seed=seed, calendar=names.months)
        folder = truth_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        write_retail_truth(truth, folder)

    return SimulatedFile(
        "retail",
        names,
        rows=rows,
        version=sample_version(rows, seed),
        write=write,
    )
