"""What the settings of one domain are made of.

Belongs here: the classes that each `domains/<domain>/settings.py` takes as its base. Stays out: any
domain's own values, and the settings that all domains share (`ecommerce_assets/settings.py`).
"""

from __future__ import annotations

from datetime import date

from pydantic import Field
from pydantic_settings import BaseSettings

from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.months import months_between
from ecommerce_assets.month_settings import MonthRange, parse_month_range
from ecommerce_assets.settings import (
    PREFIX,
    READING,
    SOURCES,
    Settings,
    SourceKind,
    variable_of,
)


class DomainSettings(BaseSettings):
    """The settings of one domain; the subclass in its folder names its prefix, `env_prefix`."""

    model_config = READING


class MonthlySettings(DomainSettings):
    """The settings of a domain whose data come by month; its files lie in the landing folder."""

    months: MonthRange

    @property
    def all_months(self) -> list[date]:
        """The months of the domain, oldest first, each by its first day."""
        return months_between(*parse_month_range(self.months))

    def source_kind(self, shared: Settings) -> SourceKind:
        """The kind of source of the monthly files.

        Args:
            shared: the settings of all domains.
        """
        return "files"


class ChosenSourceSettings(MonthlySettings):
    """The settings of a domain whose files come from the kind of source that a setting chooses."""

    source: SourceKind | None = Field(
        None, description="Kind of source of this domain alone: sample, files or kaggle."
    )

    def source_kind(self, shared: Settings) -> SourceKind:
        """The kind of source of the monthly files: the domain's own, else that of all domains.

        Args:
            shared: the settings of all domains.

        Raises:
            SettingMissing: not `local`, and no source is set.
        """
        chosen = self.source or shared.source
        if chosen:
            return chosen
        if shared.env == "local":
            return "sample"
        own = variable_of(type(self), "source")
        domain = own.removeprefix(PREFIX).removesuffix("_SOURCE").lower()
        raise SettingMissing(
            f"the environment {shared.env} has no source for {domain}",
            f"set {PREFIX}SOURCE or {own} to one of {', '.join(SOURCES)}",
        )
