"""What a domain is: its settings, source tables, automations, outputs and truths, in one form.

Belongs here: the form, so that loading, planning, commands and Dagster need to know no domain by
name. Stays out: the domains themselves (`<domain>/__init__.py`), and which there are
(`registry.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr

from ecommerce_assets.domains.settings import MonthlySettings
from ecommerce_assets.domains.truths import TruthBook, no_truths
from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.sources.protocol import MonthlySource
from ecommerce_assets.settings import Settings, SourceKind, variable_of


def _always(settings: Settings) -> str | None:
    return None


@dataclass(frozen=True)
class Watch:
    """A sensor that asks what a table's source offers and loads what is new.

    Attributes:
        name: of the sensor.
        does: what it does, for people.
        kind: of the source, part of the versions in the ledger.
        every_s: seconds between two looks.
        if_chosen: it looks only where this kind is the one that the settings choose.
        settles: a file counts only when two looks found the same version.
    """

    name: str
    does: str
    kind: str
    every_s: int
    if_chosen: bool = True
    settles: bool = False


def landing_watch(domain: str, does: str) -> Watch:
    """The sensor on a domain's landing folder: every minute, for files that are at rest."""
    return Watch(f"{domain}_landing_folder", does, "files", 60, settles=True)


def kaggle_watch(domain: str, does: str) -> Watch:
    """The sensor on the versions of a domain's Kaggle data set: every half hour."""
    return Watch(f"{domain}_kaggle_version", does, "kaggle", 1800)


@dataclass(frozen=True)
class Due:
    """A schedule that loads a table's newest month that has ended and is not loaded.

    Attributes:
        name: of the schedule.
        does: what it does, for people.
        cron: when, in UTC.
    """

    name: str
    does: str
    cron: str


@dataclass(frozen=True)
class SourceTable:
    """One source table of a domain.

    Attributes:
        domain: its domain's name.
        name: of the table and of its contract.
        source: the source that the settings choose.
        why_absent: why the settings give it no source; None where they give one.
        watches: the sensors on its source.
        due: the schedule of its newest month, if it has one.
        own_months_from: of a table with months of its own, the first one; they go on to the
            current month.
    """

    domain: str
    name: str
    source: Callable[[Settings], MonthlySource]
    why_absent: Callable[[Settings], str | None] = _always
    watches: tuple[Watch, ...] = ()
    due: Due | None = None
    own_months_from: date | None = None

    @cached_property
    def contract(self) -> TableContract:
        """The table's contract."""
        return load_contract(self.domain, self.name)


@dataclass(frozen=True)
class Output:
    """A monthly mart that is kept as a table of a PostgreSQL database, for systems that read there.

    Attributes:
        name: of the asset.
        mart: the model whose rows go.
        instant: the mart's column that says a row's month.
        table: `schema.table` in the database.
        key: the columns that name a row of it.
        rows: what the rows are, for people.
        address_setting: the field of the domain's settings that holds the database's address.
    """

    name: str
    mart: str
    instant: str
    table: str
    key: tuple[str, ...]
    rows: str
    address_setting: str


@dataclass(frozen=True)
class Domain:
    """One domain.

    Attributes:
        name: that of its folder.
        settings: the class of its own settings.
        tables: its source tables; the ledger's rows of the models are those of the first one.
        truths: the figures that ours must meet; default: there are none.
        simulated: whether a simulated shop can deliver its files, so that the demo shows it.
        apart: source tables with months of their own, which no backfill of the domain loads.
        reads: the name of the source table that the monthly models read; the others are compared
            with it. Default: the first one.
        settings_of_models: the fields of its settings that its models read, each by its variable.
        outputs: marts that are written to a database.
    """

    name: str
    settings: type[MonthlySettings]
    tables: tuple[SourceTable, ...]
    truths: Callable[[Settings], TruthBook] = no_truths
    simulated: bool = True
    apart: tuple[SourceTable, ...] = ()
    reads: Callable[[Settings], str] | None = None
    settings_of_models: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of the domain's package."""
        return Path(__file__).parent / self.name

    @property
    def all_tables(self) -> tuple[SourceTable, ...]:
        """Its source tables, those apart included."""
        return (*self.tables, *self.apart)

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
        return variable_of(self.settings, "months")

    def months(self, settings: Settings) -> list[date]:
        """Its months, oldest first."""
        return settings.of(self.settings).all_months

    def source_kind(self, settings: Settings) -> SourceKind:
        """The kind of source of its monthly files.

        Raises:
            SettingMissing: none is chosen where there is no default.
        """
        return settings.of(self.settings).source_kind(settings)

    def present(self, settings: Settings) -> list[SourceTable]:
        """The tables that have a source."""
        return [table for table in self.tables if table.why_absent(settings) is None]

    def variables_of_models(self, settings: Settings) -> dict[str, str]:
        """The environment variables that its models read."""
        own = settings.of(self.settings)
        return {
            variable_of(self.settings, name): str(getattr(own, name))
            for name in self.settings_of_models
        }

    def unusual_values(self, settings: Settings) -> list[str]:
        """What its models read of the settings, where that is not the default."""
        own, fields = settings.of(self.settings), self.settings.model_fields
        values = {name: getattr(own, name) for name in self.settings_of_models}
        return [str(value) for name, value in values.items() if value != fields[name].default]

    def address_of(self, output: Output, settings: Settings) -> SecretStr | None:
        """The address of an output's database; None where none is set."""
        found: SecretStr | None = getattr(settings.of(self.settings), output.address_setting)
        return found

    def automations(self) -> Iterator[Watch | Due]:
        """Everything of the domain that runs by itself."""
        for table in self.tables:
            if table.due:
                yield table.due
            yield from table.watches
