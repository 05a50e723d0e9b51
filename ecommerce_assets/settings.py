"""The typed environment: the settings that all domains share, and what a domain's own are made of.

Belongs here: what a user may set of the lakehouse as a whole, and the places that follow from it.
Stays out: the settings of one domain (`domains/<domain>/settings.py`), how months are written
(`month_settings.py`), and opening anything (`defs/shared/resources.py`). Loading never needs a
credential: what is missing is said when it is used, so that definitions load with an empty
environment.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from pydantic import (
    AliasChoices,
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecommerce_assets.lib.failures import SettingMissing

ENVIRONMENTS = ("local", "dev", "prod")
SOURCES = ("sample", "files", "kaggle")
SourceKind = Literal["sample", "files", "kaggle"]

PREFIX = "ECOMMERCE_"
READING = SettingsConfigDict(
    env_prefix=PREFIX,
    env_file=".env",
    env_ignore_empty=True,
    extra="ignore",
    populate_by_name=True,
)


Own = TypeVar("Own", bound=BaseSettings)


class Settings(BaseSettings):
    """The settings that all domains share, and the way to those of each domain.

    Raises:
        pydantic.ValidationError: a value is not one that its setting takes; the message says
            which it takes.
    """

    model_config = READING
    _of_domains: dict[type[BaseSettings], BaseSettings] = PrivateAttr(default_factory=dict)

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
    landing: str | None = Field(
        None,
        description="Where the source `files` looks: <landing>/<domain>/<file>; a path or gs://.",
    )
    sample_seed: int = Field(42, ge=0, description="Seed of the simulated shop.")
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
        description="Names by which people reach the UI and the dashboard, separated by commas. "
        "The names of this machine always work; other names are refused.",
    )
    alert_urls: SecretStr | None = Field(
        None,
        description="Where failures are reported: addresses of Apprise, separated by blanks or "
        "commas.",
    )
    alert_warnings: bool = Field(
        False, description="Report checks that only warn, too; else they come along with failures."
    )
    private_redirects: str | None = Field(
        None,
        description="Hosts, separated by commas, that a file's server may redirect to though their "
        "address is private; * for any.",
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

    def of(self, kind: type[Own]) -> Own:
        """The settings of one domain; read once, so that these settings stay as they are.

        Args:
            kind: the class in `domains/<domain>/settings.py`.

        Raises:
            pydantic.ValidationError: a value is not one that its setting takes.
        """
        if kind not in self._of_domains:
            self._of_domains[kind] = kind()
        return cast("Own", self._of_domains[kind])


@dataclass(frozen=True)
class Setting:
    """One setting as it is listed.

    Attributes:
        variable: its name in the environment.
        value: what it is now; a secret is a `SecretStr`.
        meaning: what it is for.
    """

    variable: str
    value: Any
    meaning: str


def variable_of(kind: type[BaseSettings], name: str) -> str:
    """The environment variable of a field of settings."""
    alias = kind.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return str(alias or f"{kind.model_config.get('env_prefix', '')}{name.upper()}")


def listed(settings: BaseSettings) -> list[Setting]:
    """All settings of one class, in the order of their declaration."""
    kind = type(settings)
    return [
        Setting(variable_of(kind, name), getattr(settings, name), field.description or "")
        for name, field in kind.model_fields.items()
    ]


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
