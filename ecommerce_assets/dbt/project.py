"""The dbt project without Dagster: where it lies, its manifest, and the environment of a call.

Belongs here: paths, the manifest's freshness, variables, and how a schema is named. Stays out: the
resource that Dagster calls it by (`defs/dbt/resource.py`), and what is run (`defs/dbt/assets.py`).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from ecommerce_assets.connect import lake_of
from ecommerce_assets.dbt import command as dbt_command
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.processes import OWNER, OWNER_HOME, own_process
from ecommerce_assets.settings import Settings, load_settings

PROJECT = Path(__file__).parents[2] / "ecommerce_dbt"
#: Kinds of files that the models' rows come from. The texts that columns share are Markdown: they
#: are in the manifest, but a changed text is not a reason to build a month again.
MAKES_ROWS = (".sql", ".yml", ".csv")


def target_path(settings: Settings | None = None) -> Path:
    """Where the parsed project of an environment lies: the manifest differs between engines."""
    return PROJECT / "target" / (settings or load_settings()).dbt_target


def calls_path(settings: Settings) -> Path:
    """Where a call of dbt writes, in a folder of its own: the project may be read-only."""
    return settings.home / "dbt" / settings.env


def manifest_path() -> Path:
    """The manifest of the current environment."""
    return target_path() / "manifest.json"


def models_of(domain: str, tag: str | None = None) -> str:
    """What dbt is given to select the models in a domain's folders, with their tests.

    Args:
        domain: its name.
        tag: `monthly` or `unpartitioned`; default: both.
    """
    return f"fqn:*.{domain}.*" + (f",tag:{tag}" if tag else "")


def domain_of(node: Mapping[str, Any]) -> str:
    """The domain of a model in the manifest: the folder below its layer."""
    return str(node["fqn"][2])


def dbt_executable() -> str:
    """The dbt of this very Python environment, whatever the PATH says (`dbt/command.py`)."""
    return str(Path(sys.executable).parent / "ecommerce-dbt")


def dbt_environment(
    settings: Settings,
    checked: tuple[date, date] | None = None,
    labels: Mapping[str, str] | None = None,
    behind: Mapping[date, str] | None = None,
) -> dict[str, str]:
    """The variables that `profiles.yml`, the tests and `job_labels` read.

    Args:
        settings: the environment.
        checked: half-open months whose neighbours are built, too.
        labels: of the engine's jobs, for instance Dagster's run.
        behind: by month, the sources whose newest attempt failed.
    """
    environment = {
        OWNER: own_process(),
        OWNER_HOME: str(settings.home),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET": settings.dbt_target,
        "DBT_TARGET_PATH": str(target_path(settings)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "ECOMMERCE_DUCKDB_MEMORY_LIMIT": settings.memory_limit,
        "GCP_REGION": settings.gcp_region,
        "ECOMMERCE_JOB_LABELS": json.dumps(dict(labels or {})),
    } | sources_behind(behind or {})
    for domain in DOMAINS.values():
        environment |= domain.variables_of_models(settings)
    if settings.dbt_target == "local":
        environment["ECOMMERCE_DUCKDB_PATH"] = settings.warehouse_uri
        environment["ECOMMERCE_DUCKDB_SEARCH_PATH"] = str(lake_of(settings).search_path or "")
    if settings.bigquery_max_bytes_billed is not None:
        limit = str(settings.bigquery_max_bytes_billed)
        environment["ECOMMERCE_BIGQUERY_MAX_BYTES_BILLED"] = limit
    if checked:
        environment["ECOMMERCE_CHECKED_FROM"] = f"{checked[0]:%Y-%m-%d}"
        environment["ECOMMERCE_CHECKED_TO"] = f"{checked[1]:%Y-%m-%d}"
    if settings.gcp_project_id:
        environment["GCP_PROJECT_ID"] = settings.gcp_project_id
    return environment


def sources_behind(behind: Mapping[date, str]) -> dict[str, str]:
    """The variable that says which sources failed, for the marts that compare sources.

    Args:
        behind: by month.
    """
    texts = {f"{month}": text for month, text in sorted(behind.items())}
    return {"ECOMMERCE_SOURCES_BEHIND": json.dumps(texts)}


@contextmanager
def dbt_variables(
    settings: Settings,
    checked: tuple[date, date] | None = None,
    labels: Mapping[str, str] | None = None,
    behind: Mapping[date, str] | None = None,
) -> Iterator[None]:
    """The environment that a dbt process inherits while the block lasts."""
    wanted = dbt_environment(settings, checked, labels, behind)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def ensure_manifest() -> Path:
    """Write the manifest if it is missing or older than a file of the project.

    Raises:
        RuntimeError: dbt refuses the project; the message is dbt's.
    """
    manifest = manifest_path()
    if manifest.exists() and manifest.stat().st_mtime >= _newest_source():
        return manifest
    settings = load_settings()
    manifest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=manifest.parent) as folder:
        done = subprocess.run(
            [dbt_executable(), "parse", "--project-dir", str(PROJECT), "--target-path", folder],
            env=os.environ | dbt_environment(settings) | {"DBT_LOG_PATH": folder},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"dbt cannot read {PROJECT}:\n{done.stdout}\n{done.stderr}")
        # Two processes may be here at once: each file takes its name in one step.
        for name in ("partial_parse.msgpack", "manifest.json"):
            if (Path(folder) / name).exists():
                (Path(folder) / name).replace(manifest.parent / name)
    return manifest


def project_files(project: Path = PROJECT, kinds: tuple[str, ...] = MAKES_ROWS) -> list[Path]:
    """The project's files of some kinds, sorted; without dbt's own output, which comes and goes.

    Args:
        project: its folder.
        kinds: endings of names; default: what makes the models' rows.
    """
    found = []
    for folder, folders, names in os.walk(project):
        folders[:] = [name for name in folders if name not in ("target", "logs")]
        found += [Path(folder) / name for name in names if name.endswith(kinds)]
    return sorted(found)


def _newest_source() -> float:
    # What parses counts, too: it says what a parsed project depends on.
    sources = [*project_files(kinds=(*MAKES_ROWS, ".md")), Path(dbt_command.__file__)]
    return max(path.stat().st_mtime for path in sources)


def domain_and_layer(schema: str) -> tuple[str, str]:
    """Split a schema `<domain>_<layer>`.

    Raises:
        ValueError: the schema has another form.
    """
    domain, separator, layer = schema.partition("_")
    if not separator or not layer:
        raise ValueError(f"the schema {schema!r} is not <domain>_<layer>")
    return domain, layer
