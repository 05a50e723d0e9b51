"""The domains of the lakehouse: their months, their source tables, and where the files come from.

Belongs here: what is said of every domain in the same form, so that loading, planning and commands
need to know none of them by name. Stays out: assets (`defs/`), a domain's own rules (`<domain>/`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ecommerce_assets.domains.cosmetics.sources import cosmetics_source
from ecommerce_assets.domains.cosmetics.truths.book import cosmetics_truths
from ecommerce_assets.domains.electronics.sources import electronics_source
from ecommerce_assets.domains.electronics.truths.book import electronics_truths
from ecommerce_assets.domains.retail.sources import (
    archive_source,
    catalogue_source,
    postgres_source,
    primary_table,
    url_source,
    why_no_catalogue,
    why_no_postgres,
    why_no_url,
)
from ecommerce_assets.domains.retail.truths.book import retail_truths
from ecommerce_assets.domains.truths import TruthBook, no_truths
from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.sources.protocol import MonthlySource
from ecommerce_assets.settings import Settings


def _always(settings: Settings) -> str | None:
    return None


@dataclass(frozen=True)
class SourceTable:
    """One source table of a domain.

    Attributes:
        domain: its domain's name.
        name: of the table and of its contract.
        source: the source that the settings choose.
        why_absent: why the settings give it no source; None where they give one.
    """

    domain: str
    name: str
    source: Callable[[Settings], MonthlySource]
    why_absent: Callable[[Settings], str | None] = _always

    @cached_property
    def contract(self) -> TableContract:
        """The table's contract."""
        return load_contract(self.domain, self.name)


@dataclass(frozen=True)
class Domain:
    """One domain.

    Attributes:
        name: e.g. `electronics`.
        tables: its source tables; the ledger's rows of the models are those of the first one.
        truths: the figures that ours must meet; default: there are none.
        simulated: whether a simulated shop can deliver its files, so that the demo shows it.
        apart: source tables with months of their own, which no backfill of the domain loads.
        reads: the name of the source table that the monthly models read; the others are compared
            with it. Default: the first one.
    """

    name: str
    tables: tuple[SourceTable, ...]
    truths: Callable[[Settings], TruthBook] = no_truths
    simulated: bool = True
    apart: tuple[SourceTable, ...] = ()
    reads: Callable[[Settings], str] | None = None

    def primary(self, settings: Settings) -> SourceTable:
        """The source table that the monthly models read."""
        name = self.reads(settings) if self.reads else self.tables[0].name
        return next(table for table in self.tables if table.name == name)

    @property
    def dataset(self) -> str:
        """What the ledger calls the domain's models and commands: its first table's data set."""
        return self.tables[0].contract.dataset

    @property
    def datasets(self) -> list[str]:
        """The data sets that have its months."""
        return [table.contract.dataset for table in self.tables]

    @property
    def months_setting(self) -> str:
        """The name of the environment variable that holds its months."""
        return f"ECOMMERCE_{self.name.upper()}_MONTHS"

    def months(self, settings: Settings) -> list[date]:
        """Its months, oldest first."""
        return settings.months_of(self.name)

    def present(self, settings: Settings) -> list[SourceTable]:
        """The tables that have a source."""
        return [table for table in self.tables if table.why_absent(settings) is None]


DOMAINS: dict[str, Domain] = {
    domain.name: domain
    for domain in (
        Domain(
            "cosmetics",
            (SourceTable("cosmetics", "events", cosmetics_source),),
            cosmetics_truths,
        ),
        Domain(
            "electronics",
            (SourceTable("electronics", "purchases", electronics_source),),
            electronics_truths,
        ),
        Domain(
            "retail",
            (
                SourceTable("retail", "invoices_archive", archive_source),
                SourceTable("retail", "invoices_url", url_source, why_no_url),
                SourceTable("retail", "invoices_postgres", postgres_source, why_no_postgres),
            ),
            retail_truths,
            apart=(SourceTable("retail", "catalogue", catalogue_source, why_no_catalogue),),
            reads=primary_table,
        ),
        # `ecommerce new-source` adds a domain above this line.
    )
}


def contracts_of_all_tables() -> list[TableContract]:
    """The contracts of every source table there is, those apart included."""
    tables = (table for each in DOMAINS.values() for table in (*each.tables, *each.apart))
    return [table.contract for table in tables]
