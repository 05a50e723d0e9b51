"""The typed environment: every setting, its default and its meaning, read in this one place.

Belongs here: what a user may set, and the places that follow from it. Stays out: how months are
written (`month_settings.py`), and opening anything (`defs/shared/resources.py`). Loading never
needs a credential: what is missing is said when it is used, so that definitions load with an empty
environment.
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.months import months_between
from ecommerce_assets.month_settings import MonthRange, parse_month_range

ENVIRONMENTS = ("local", "dev", "prod")
SOURCES = ("sample", "files", "kaggle")
SourceKind = Literal["sample", "files", "kaggle"]

#: The months that the Kaggle data set of the cosmetics shop covers.
COSMETICS_MONTHS = "2019-10:2020-02"
#: The months of the electronics store's one file, and of the retail invoices'.
ELECTRONICS_MONTHS = "2020-01:2020-11"
RETAIL_MONTHS = "2010-12:2011-12"


class Settings(BaseSettings):
    """All settings of the lakehouse.

    Raises:
        pydantic.ValidationError: a value is not one that its setting takes; the message says
            which it takes.
    """

    model_config = SettingsConfigDict(
        env_prefix="ECOMMERCE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    env: str = Field("local", description="Environment: local, dev or prod.")
    home: Path = Field(
        Path(".ecommerce"),
        description="Folder of everything a laptop run writes: lake, warehouse, landing, dagster.",
    )
    share_with_group: str | None = Field(
        None,
        description="Group of the system that may read published.duckdb; all else is the owner's.",
    )
    source: SourceKind | None = Field(
        None,
        description="Kind of source of the monthly files: sample, files or kaggle (local: sample).",
    )
    cosmetics_source: SourceKind | None = Field(
        None, description="The same for the cosmetics domain alone."
    )
    electronics_source: SourceKind | None = Field(
        None, description="The same for the electronics domain alone."
    )
    retail_source: SourceKind | None = Field(
        None, description="The same for the archive of the retail domain alone."
    )
    landing: str | None = Field(
        None,
        description="Where the source `files` looks: <landing>/<domain>/<file>; a path or gs://.",
    )
    sample_events: int = Field(
        20_000, ge=200, description="Events a month of the simulated cosmetics shop."
    )
    sample_purchases: int = Field(
        30_000, ge=500, description="Purchases in all of the simulated electronics store."
    )
    sample_invoice_lines: int = Field(
        20_000, ge=500, description="Invoice lines in all of the simulated retail shop."
    )
    sample_seed: int = Field(42, ge=0, description="Seed of the simulated shop.")
    cosmetics_months: MonthRange = Field(
        COSMETICS_MONTHS,
        description="First and last month of the cosmetics domain, YYYY-MM:YYYY-MM.",
    )
    electronics_months: MonthRange = Field(
        ELECTRONICS_MONTHS,
        description="First and last month of the electronics domain, YYYY-MM:YYYY-MM.",
    )
    retail_months: MonthRange = Field(
        RETAIL_MONTHS,
        description="First and last month of the retail domain, YYYY-MM:YYYY-MM.",
    )
    # `ecommerce new-source` adds a domain's months above this line.
    lake: str | None = Field(None, description="The lake: file:///… or gs://bucket/prefix.")
    warehouse: str | None = Field(
        None, description="The warehouse: path of a DuckDB file, or bigquery://project."
    )
    memory_limit: str = Field("1500MB", description="DuckDB's memory limit for one step.")
    bigquery_max_bytes_billed: int | None = Field(
        None, ge=0, description="A query that BigQuery would charge for more bytes is refused."
    )
    bigquery_timeout: float = Field(
        1800, gt=0, description="Seconds after which a BigQuery job is given up."
    )
    bigquery_usd_per_tib: float = Field(
        6.25, ge=0, description="Price of a TiB that queries read, for the estimates."
    )
    wait_for_run_s: float = Field(
        3600, gt=0, description="Seconds that a run waits for another one to end."
    )
    wait_for_warehouse_s: float = Field(
        60, gt=0, description="Seconds that a step waits for a process that holds the DuckDB file."
    )
    source_silence_s: float = Field(
        60, gt=0, description="Seconds that a web server may be silent before it is given up."
    )
    source_min_bytes_per_s: float = Field(
        1000, ge=0, description="A download that is slower than this over a minute is given up."
    )
    postgres_lock_timeout_s: float = Field(
        60, gt=0, description="Seconds to wait for a lock that another PostgreSQL session holds."
    )
    postgres_timeout_s: float = Field(
        600, gt=0, description="Seconds that one PostgreSQL statement may take, or be unanswered."
    )
    keep_staged_days: int = Field(
        7, ge=1, description="Days that leftovers stay in the lake's staging area."
    )
    max_file_bytes: int = Field(
        20_000_000_000,
        description="A source file that inflates to more bytes than this is refused.",
    )
    accept_worse: bool = Field(
        False,
        description="Let a file that loses rows of a loaded month, or has many more refused, "
        "replace that month.",
    )
    kaggle_endpoint: str | None = Field(
        None, description="Address of a Kaggle mirror; empty for Kaggle itself."
    )
    kaggle_username: str | None = Field(
        None, validation_alias=AliasChoices("KAGGLE_USERNAME"), description="Kaggle user name."
    )
    kaggle_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("KAGGLE_KEY"), description="Kaggle key."
    )
    kaggle_api_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("KAGGLE_API_TOKEN"), description="Kaggle API token."
    )
    kaggle_config_dir: Path | None = Field(
        None,
        validation_alias=AliasChoices("KAGGLE_CONFIG_DIR"),
        description="Folder of kaggle.json (default ~/.kaggle).",
    )
    ui_hosts: str | None = Field(
        None,
        description="Names by which people reach the UI and the dashboard, by commas apart; this "
        "machine's own need none. Other names are refused.",
    )
    alert_urls: SecretStr | None = Field(
        None,
        description="Where failures are reported: addresses of Apprise, by blanks or commas apart.",
    )
    alert_warnings: bool = Field(
        False, description="Report checks that only warn, too; else they come along with failures."
    )
    retail_url: SecretStr | None = Field(
        None, description="Address of the retail invoices as one CSV file of all months."
    )
    retail_url_sha256: str | None = Field(
        None, description="SHA-256 of that file; another file is refused."
    )
    private_redirects: str | None = Field(
        None,
        description="Hosts, by commas apart, that a file's server may redirect to though their "
        "address is private; * for any.",
    )
    retail_postgres: SecretStr | None = Field(
        None, description="PostgreSQL database of the retail shop: postgresql://user:password@host."
    )
    retail_postgres_table: str = Field(
        "myschema.ecomm_invoice", description="Its table of invoice lines, schema.table."
    )
    retail_postgres_watermark: str | None = Field(
        None,
        description="Its column that grows with every change of a row; empty: rows are compared.",
    )
    retail_primary: Literal["archive", "url", "postgres"] = Field(
        "archive",
        description="The source of the retail invoices that the models read: archive, url or "
        "postgres; the others are compared with it.",
    )
    retail_target_postgres: SecretStr | None = Field(
        None, description="PostgreSQL database that the cleaned retail invoices are written to."
    )
    catalogue_site: str | None = Field(
        None, description="Address of a shop whose public product pages are read, https://host."
    )
    catalogue_contact: str | None = Field(
        None, description="Where that shop can reach you: an e-mail or web address; sent to it."
    )
    catalogue_max_pages: int = Field(
        1000, ge=1, description="Pages that one reading of the shop asks for at most."
    )
    catalogue_delay_s: float = Field(
        2.0, ge=1, description="Seconds between two pages, unless its robots.txt asks for more."
    )
    gcp_project_id: str | None = Field(
        None, validation_alias=AliasChoices("GCP_PROJECT_ID"), description="Google Cloud project."
    )
    gcp_region: str = Field(
        "EU", validation_alias=AliasChoices("GCP_REGION"), description="Location of the data sets."
    )
    gcp_credentials_path: Path | None = Field(
        None,
        validation_alias=AliasChoices("GCP_CREDENTIALS_PATH"),
        description="Service account file; empty for application-default credentials.",
    )

    @field_validator("env")
    @classmethod
    def _known_environment(cls, value: str) -> str:
        if value not in ENVIRONMENTS:
            raise ValueError(
                f"unknown environment {value!r}; "
                f"set ECOMMERCE_ENV to one of {', '.join(ENVIRONMENTS)}"
            )
        return value

    @field_validator("ui_hosts")
    @classmethod
    def _plain_hosts(cls, value: str | None) -> str | None:
        for host in filter(None, re.split(r"[,\s]+", value or "")):
            if not re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:]+\]", host):
                raise ValueError(
                    f"{host!r} is not the name of a host; write it as lakehouse.example.org, "
                    "without https:// and port"
                )
        return value

    @model_validator(mode="after")
    def _absolute_home(self) -> Settings:
        self.home = self.home.expanduser().resolve()
        return self

    @property
    def lake_uri(self) -> str:
        """The lake's root.

        Raises:
            SettingMissing: not `local`, and ECOMMERCE_LAKE is empty.
        """
        if self.lake:
            return self.lake
        if self.env == "local":
            return (self.home / "lake").as_uri()
        raise SettingMissing(
            f"the environment {self.env} has no lake", "set ECOMMERCE_LAKE to gs://bucket/prefix"
        )

    @property
    def warehouse_uri(self) -> str:
        """The warehouse's address.

        Raises:
            SettingMissing: not `local`, and no project is set.
        """
        if self.warehouse:
            return self.warehouse
        if self.env == "local":
            return str(self.home / "warehouse.duckdb")
        if self.gcp_project_id:
            return f"bigquery://{self.gcp_project_id}"
        raise SettingMissing(
            f"the environment {self.env} has no warehouse",
            "set GCP_PROJECT_ID, or ECOMMERCE_WAREHOUSE to bigquery://project",
        )

    @property
    def dbt_target(self) -> str:
        """The target of dbt's profile: the environment's own, or DuckDB's for a DuckDB file."""
        on_duckdb = self.warehouse and not self.warehouse.startswith("bigquery://")
        return "local" if on_duckdb else self.env

    @property
    def published_path(self) -> Path:
        """The read-only copy of the DuckDB warehouse for people, dashboard and API."""
        return self.home / "published.duckdb"

    @property
    def landing_uri(self) -> str:
        """Root of the landing folder of the source `files`."""
        return self.landing or str(self.home / "landing")

    @property
    def private_redirect_hosts(self) -> list[str]:
        """The hosts that redirects may lead to though their address is private."""
        return [host for host in re.split(r"[,\s]+", self.private_redirects or "") if host]

    @property
    def ui_host_names(self) -> list[str]:
        """The names by which people reach the pages, besides those of this machine."""
        return [host for host in re.split(r"[,\s]+", self.ui_hosts or "") if host]

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's own state: runs, events, schedules."""
        return self.home / "dagster"

    def months_of(self, domain: str) -> list[date]:
        """The months of a domain, oldest first, each by its first day."""
        return months_between(*parse_month_range(getattr(self, f"{domain}_months")))

    def source_of(self, domain: str) -> SourceKind:
        """The kind of source of a domain's monthly files.

        A domain without a setting of its own has the landing folder alone.

        Raises:
            SettingMissing: not `local`, and no source is set.
        """
        if f"{domain}_source" not in type(self).model_fields:
            return "files"
        chosen: SourceKind | None = getattr(self, f"{domain}_source", None) or self.source
        if chosen:
            return chosen
        if self.env == "local":
            return "sample"
        raise SettingMissing(
            f"the environment {self.env} has no source for {domain}",
            f"set ECOMMERCE_SOURCE or ECOMMERCE_{domain.upper()}_SOURCE "
            f"to one of {', '.join(SOURCES)}",
        )


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Google's own libraries, and dbt, look for a service account in a variable of their own: it is
    set here, where GCP_CREDENTIALS_PATH names one.
    """
    settings = Settings()
    if settings.gcp_credentials_path:
        path = str(settings.gcp_credentials_path)
        os.environ.setdefault("GOOGLE_APPLICATION_CREDENTIALS", path)
    return settings
