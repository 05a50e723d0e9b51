"""What a user may set of the retail domain alone: its sources, and where its rows go."""

from typing import Literal

from pydantic import AliasChoices, Field, SecretStr

from ecommerce_assets.domains.settings import ChosenSourceSettings
from ecommerce_assets.month_settings import MonthRange


class RetailSettings(ChosenSourceSettings, env_prefix="ECOMMERCE_RETAIL_"):
    """The settings of the retail domain."""

    #: December 2010 to December 2011, of which it has nine days: what Online Retail holds.
    months: MonthRange = Field(
        "2010-12:2011-12",
        description="First and last month of the retail domain, YYYY-MM:YYYY-MM.",
    )
    sample_invoice_lines: int = Field(
        20_000,
        ge=500,
        validation_alias=AliasChoices("ECOMMERCE_SAMPLE_INVOICE_LINES"),
        description="Invoice lines in all of the simulated retail shop.",
    )
    url: SecretStr | None = Field(
        None, description="Address of the retail invoices as one CSV file of all months."
    )
    url_sha256: str | None = Field(
        None, description="SHA-256 of that file; another file is refused."
    )
    postgres: SecretStr | None = Field(
        None, description="PostgreSQL database of the retail shop: postgresql://user:password@host."
    )
    postgres_table: str = Field(
        "myschema.ecomm_invoice", description="Its table of invoice lines, schema.table."
    )
    postgres_watermark: str | None = Field(
        None,
        description="Its column that grows with every change of a row; empty: rows are compared.",
    )
    primary: Literal["archive", "url", "postgres"] = Field(
        "archive",
        description="The source of the retail invoices that the models read: archive, url or "
        "postgres; the others are compared with it.",
    )
    target_postgres: SecretStr | None = Field(
        None, description="PostgreSQL database that the cleaned retail invoices are written to."
    )
    catalogue_site: str | None = Field(
        None,
        validation_alias=AliasChoices("ECOMMERCE_CATALOGUE_SITE"),
        description="Address of a shop whose public product pages are read, https://host.",
    )
    catalogue_contact: str | None = Field(
        None,
        validation_alias=AliasChoices("ECOMMERCE_CATALOGUE_CONTACT"),
        description="Where that shop can reach you: an e-mail or web address; sent to it.",
    )
    catalogue_max_pages: int = Field(
        1000,
        ge=1,
        validation_alias=AliasChoices("ECOMMERCE_CATALOGUE_MAX_PAGES"),
        description="Pages that one reading of the shop asks for at most.",
    )
    catalogue_delay_s: float = Field(
        2.0,
        ge=1,
        validation_alias=AliasChoices("ECOMMERCE_CATALOGUE_DELAY_S"),
        description="Seconds between two pages, unless its robots.txt asks for more.",
    )
