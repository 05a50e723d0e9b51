"""Run the dbt project as its users do: as a subprocess, on a warehouse file of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ecommerce_assets.dbt.project import models_of

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "ecommerce_dbt"
DBT = Path(sys.executable).with_name("ecommerce-dbt")

SCHEMAS = ("cosmetics_intermediate", "cosmetics_marts")
#: What these tests build: other domains have a folder of their own beside this one.
COSMETICS = (models_of("cosmetics"), "path:tests/cross_db")


class DbtFailed(AssertionError):
    """dbt ended with an error; the message is its output."""


@dataclass(frozen=True)
class Dbt:
    """The project with its own folder for the warehouse, the target and the logs."""

    home: Path

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    def run(self, *arguments: str, **environment: str) -> str:
        """Call dbt and give back what it printed."""
        self._take_parsed_project(environment.get("DBT_TARGET", "local"))
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        result = subprocess.run(
            [str(DBT), "--no-use-colors", *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={
                **kept,
                "DBT_PROJECT_DIR": str(PROJECT),
                "DBT_PROFILES_DIR": str(PROJECT),
                "DBT_TARGET_PATH": str(self.home / "target"),
                "DBT_LOG_PATH": str(self.home / "logs"),
                "ECOMMERCE_DUCKDB_PATH": str(self.database),
                **environment,
            },
        )
        if result.returncode:
            raise DbtFailed(f"{result.stdout}\n{result.stderr}")
        return result.stdout

    def _take_parsed_project(self, target: str) -> None:
        """Begin with what is parsed already, if it is; dbt itself sees which files have changed."""
        parsed, ours = (
            folder / "partial_parse.msgpack"
            for folder in (PROJECT / "target" / target, self.home / "target")
        )
        if parsed.exists() and not ours.exists():
            ours.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(parsed, ours)

    def over(self, command: str, start: datetime, end: datetime, *arguments: str) -> str:
        """Call a dbt command on the months of [start, end); of cosmetics, if not selected."""
        if "--select" not in arguments:
            arguments = (*arguments, "--select", *COSMETICS)
        window = ["--event-time-start", f"{start:%Y-%m-%d}", "--event-time-end", f"{end:%Y-%m-%d}"]
        return self.run(command, *window, *arguments)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query, with instants in UTC."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def relations(self) -> list[str]:
        """Every table and view of the models, staging apart."""
        listed = ", ".join(f"'{schema}'" for schema in SCHEMAS)
        rows = self.rows(
            "select table_schema || '.' || table_name from information_schema.tables "
            f"where table_schema in ({listed}) order by all"
        )
        return [name for (name,) in rows]

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table and view of the models, ordered by all columns."""
        return {name: self.rows(f"select * from {name} order by all") for name in self.relations()}

    def manifest(self) -> dict[str, Any]:
        """What dbt wrote about the project in its last call."""
        return json.loads((self.home / "target" / "manifest.json").read_text())
