"""The image's contents and its entry point, as far as they go without a container engine."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecommerce_assets.domains.registry import DOMAINS, all_settings
from ecommerce_assets.settings import listed, load_settings
from ecommerce_assets_tests.deploy.image import BIN, ROOT, command, copied, in_context, instructions

ENTRYPOINT = ROOT / "deploy/entrypoint.sh"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        ".ecommerce/warehouse.duckdb",
        "deploy/secrets/postgres_password",
        "deploy/helm/values.yaml",
        "ecommerce_assets/.env",
        "ecommerce_assets/lib/__pycache__/lake.cpython-311.pyc",
        "ecommerce_assets_tests/conftest.py",
        "ecommerce_dbt/.user.yml",
        "ecommerce_dbt/logs/dbt.log",
        "ecommerce_dbt/target/local/manifest.json",
        "requirements-dev.txt",
        "terraform/envs/prod/terraform.tfvars",
    ],
)
def test_tests_secrets_and_outputs_stay_out_of_the_build(path: str) -> None:
    assert not in_context(path)


def test_what_the_recipe_copies_is_in_the_build() -> None:
    for source in copied():
        assert (ROOT / source).exists(), source
        assert in_context(source), source


def test_tests_of_the_models_come_along_for_runs_make_them(app: Path) -> None:
    assert list((app / "ecommerce_dbt/tests").rglob("*.sql"))


def test_the_manifest_step_parses_for_every_environment(app: Path) -> None:
    engines = {
        environment: json.loads(
            (app / f"ecommerce_dbt/target/{environment}/manifest.json").read_text()
        )["metadata"]["adapter_type"]
        for environment in ("local", "dev", "prod")
    }
    assert engines == {"local": "duckdb", "dev": "bigquery", "prod": "bigquery"}


def test_the_image_and_the_composition_start_the_same_code_location() -> None:
    assert command("CMD") == COMPOSE["services"]["code"]["command"]
    assert command("ENTRYPOINT") == ["/app/deploy/entrypoint.sh"]


def test_settings_in_containers_differ_in_the_history_alone() -> None:
    inside = yaml.safe_load((ROOT / "deploy/dagster.yaml").read_text())
    assert inside.pop("storage")["postgres"]["postgres_db"]["scheme"] == "postgresql+psycopg2"
    assert inside == yaml.safe_load((ROOT / "dagster.yaml").read_text())


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the user of `enter` may write, whoever runs the tests."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
        yield Path(folder)


def enter(home: Path, *arguments: str, **environment: str) -> str:
    """What a command prints that the entry point starts, never as root."""
    return subprocess.run(
        ["/bin/sh", "-s", *arguments],
        input=ENTRYPOINT.read_text().replace('$(dirname "$0")', str(home / "app")),
        env={"PATH": "/usr/bin:/bin", "DAGSTER_HOME": str(home / "dagster"), **environment},
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        **({"user": 65534, "group": 65534} if os.geteuid() == 0 else {}),
    ).stdout


@pytest.fixture
def settings(home: Path) -> Path:
    """Two settings as they lie in the image; gives the place of the chosen one."""
    (home / "app/local").mkdir(parents=True)
    (home / "app/local/dagster.yaml").write_text("sqlite")
    (home / "app/dagster.yaml").write_text("postgres")
    return home / "dagster/dagster.yaml"


def test_the_password_is_read_from_its_file(home: Path, settings: Path) -> None:
    (home / "password").write_text("a b'c\n")
    said = enter(
        home,
        *("sh", "-c", 'printf %s "$DAGSTER_PG_PASSWORD"'),
        DAGSTER_PG_HOST="postgres",
        DAGSTER_PG_PASSWORD_FILE=str(home / "password"),
    )
    assert said == "a b'c"
    assert settings.read_text() == "postgres"


def test_a_missing_password_file_stops_the_container(home: Path, settings: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        enter(home, "true", DAGSTER_PG_PASSWORD_FILE=str(home / "none"))
    assert "No such file" in failure.value.stderr
    assert not settings.exists()


def test_without_a_database_the_history_is_in_files(home: Path, settings: Path) -> None:
    enter(home, "true", DAGSTER_PG_HOST="postgres")
    enter(home, "true")
    assert settings.read_text() == "sqlite"
    assert [each.name for each in settings.parent.iterdir()] == ["dagster.yaml"]


def test_settings_that_the_platform_mounts_stay(home: Path, settings: Path) -> None:
    settings.parent.mkdir()
    settings.parent.chmod(0o777)
    settings.write_text("mounted")
    settings.chmod(0o444)
    enter(home, "true", DAGSTER_PG_HOST="postgres")
    assert settings.read_text() == "mounted"


#: Settings that a container has by its image, or by files that are mounted.
BY_THE_IMAGE = {"ECOMMERCE_HOME", "ECOMMERCE_KAGGLE_ENDPOINT", "KAGGLE_CONFIG_DIR"}
BY_THE_IMAGE |= {"GCP_CREDENTIALS_PATH"}


def test_every_setting_reaches_the_code_location() -> None:
    """Those of a domain that `ecommerce new-source` added come from `.env`."""
    now = load_settings()
    added = [domain.settings for domain in DOMAINS.values() if not domain.simulated]
    from_file = {each.variable for kind in added for each in listed(now.of(kind))}
    named = {each.variable for each in all_settings(now)}
    code = COMPOSE["services"]["code"]
    assert named - set(code["environment"]) - from_file == BY_THE_IMAGE
    assert code["env_file"] == [{"path": ".env", "required": False}]


def test_the_dashboard_gets_no_source_and_no_secret() -> None:
    service = COMPOSE["services"]["dashboard"]
    known = set(service["environment"])
    assert not [name for name in known if "POSTGRES" in name or "KAGGLE" in name]
    assert service["secrets"] == [] and service["ports"][0].startswith("127.0.0.1:")


def test_in_the_image_dagsters_webserver_is_the_one_behind_the_guard(app: Path) -> None:
    """The official chart starts its pod by this name and takes no other."""
    path = [rest for name, rest in instructions() if name == "ENV" and "PATH=" in rest][-1]
    assert path.startswith("PATH=/app/deploy/bin:/opt/venv/bin:")
    said = subprocess.run(
        ["dagster-webserver", "--port=not-a-port"],
        env={
            "PATH": f"{app}/deploy/bin:{BIN}:/usr/bin:/bin",
            "PYTHONPATH": str(app),
            "PYTHONDONTWRITEBYTECODE": "1",  # other workers use the folder, too
        },
        cwd=app,
        capture_output=True,
        text=True,
    )
    assert "ecommerce_assets.ui.webserver" in said.stderr, said.stderr
    assert "not-a-port" in said.stderr
