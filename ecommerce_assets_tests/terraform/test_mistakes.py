"""Mistakes in the Terraform code are caught without a network, by a message that names them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PYTHON = REPOSITORY / ".venv-tools/bin/python"
CI = os.environ.get("CI", "").lower() in ("1", "true")


@dataclass(frozen=True)
class Mistake:
    """One edit of one file, and what the check must say about it.

    Args:
        name: what is wrong.
        file: below `terraform/`.
        old: text that the file holds; empty to add `new` at the end.
        new: what stands there by mistake.
        folder: where Terraform is called.
        steps: which steps may catch it; the last one must.
        said: words of the message.
    """

    name: str
    file: str
    old: str
    new: str
    folder: str
    steps: tuple[str, ...]
    said: tuple[str, ...]


VALIDATE = ("init", "validate")
POLICIES = ("init", "plan", "policies")
TEST = ("init", "test")

MISTAKES = [
    Mistake(
        "misspelt attribute",
        "modules/storage/main.tf",
        '  public_access_prevention    = "enforced"\n',
        '  public_acces_prevention     = "enforced"\n',
        "modules/storage",
        VALIDATE,
        ("modules/storage/main.tf", "public_acces_prevention", "Did you mean"),
    ),
    Mistake(
        "unknown block",
        "modules/runtime/network.tf",
        "  allow {\n    protocol",
        "  permit {\n    protocol",
        "modules/runtime",
        VALIDATE,
        ("modules/runtime/network.tf", "permit", "not expected here"),
    ),
    Mistake(
        "missing required argument",
        "modules/runtime/database.tf",
        '  database_version    = "POSTGRES_16"\n',
        "",
        "modules/runtime",
        VALIDATE,
        ("modules/runtime/database.tf", "database_version", "is required"),
    ),
    Mistake(
        "wrong type",
        "modules/runtime/main.tf",
        "      size  = var.disk_gb\n",
        '      size  = "thirty gigabytes"\n',
        "modules/runtime",
        VALIDATE,
        ("modules/runtime/main.tf", "size", "a number is required"),
    ),
    Mistake(
        "undefined variable",
        "modules/warehouse/main.tf",
        "  location                   = var.location\n",
        "  location                   = var.dataset_location\n",
        "modules/warehouse",
        VALIDATE,
        ("modules/warehouse/main.tf", "undeclared input variable", "dataset_location"),
    ),
    Mistake(
        "output that no module has",
        "envs/prod/main.tf",
        "module.storage.lake_uri",
        "module.storage.lake_url",
        "envs/prod",
        VALIDATE,
        ("envs/prod/main.tf", "lake_url", "Unsupported attribute"),
    ),
    Mistake(
        "force_destroy in prod",
        "modules/storage/main.tf",
        "  force_destroy               = var.force_destroy\n",
        "  force_destroy               = true\n",
        "envs/prod",
        POLICIES,
        ("google_storage_bucket.lake", "force_destroy = true in prod"),
    ),
    Mistake(
        "public member",
        "modules/storage/main.tf",
        '  role   = "roles/storage.objectViewer"\n  member = each.value\n',
        '  role   = "roles/storage.objectViewer"\n  member = "allUsers"\n',
        "envs/dev",
        POLICIES,
        ("landing_reader", "gives access to allUsers"),
    ),
    Mistake(
        "basic role",
        "modules/identity/main.tf",
        '        "roles/cloudsql.client",\n        "roles/cloudsql.instanceUser",\n',
        '        "roles/editor",\n        "roles/cloudsql.instanceUser",\n',
        "envs/prod",
        POLICIES,
        ("pipeline roles/editor", "grants the basic role roles/editor"),
    ),
    Mistake(
        "role that the account does not need",
        "modules/identity/main.tf",
        '        "roles/cloudsql.client",\n        "roles/cloudsql.instanceUser",\n',
        '        "roles/bigquery.admin",\n        "roles/cloudsql.instanceUser",\n',
        "modules/identity",
        TEST,
        ("The pipeline has other roles on the project",),
    ),
    Mistake(
        "public address",
        "modules/runtime/main.tf",
        '    stack_type = "IPV4_ONLY"\n',
        '    stack_type = "IPV4_ONLY"\n\n    access_config {}\n',
        "envs/prod",
        POLICIES,
        ("google_compute_instance.dagster", "access_config", "IAP"),
    ),
    Mistake(
        "service-account key",
        "modules/identity/main.tf",
        "",
        '\nresource "google_service_account_key" "pipeline" {\n'
        '  service_account_id = google_service_account.job["pipeline"].name\n}\n',
        "envs/dev",
        POLICIES,
        ("google_service_account_key.pipeline", "makes a service-account key"),
    ),
    Mistake(
        "versioning off",
        "modules/storage/main.tf",
        "  versioning {\n    enabled = true\n  }\n",
        "  versioning {\n    enabled = false\n  }\n",
        "modules/storage",
        TEST,
        ("A bucket keeps no old versions",),
    ),
    Mistake(
        "SSH from everywhere",
        "modules/runtime/network.tf",
        '["35.235.240.0/20"]',
        '["0.0.0.0/0"]',
        "envs/prod",
        POLICIES,
        ("ssh_through_iap", "lets in 0.0.0.0/0"),
    ),
    Mistake(
        "any branch may apply",
        "modules/identity/main.tf",
        " && assertion.ref == 'refs/heads/main' && assertion.environment",
        " && assertion.environment",
        "modules/identity",
        TEST,
        ("Something else than main in the environment prod may apply",),
    ),
    Mistake(
        "finding of checkov, and a skip without a reason",
        "modules/runtime/main.tf",
        "#checkov:skip=CKV_GCP_38:Encrypted at rest",
        "#checkov:skip=CKV_GCP_40\n  # Encrypted at rest",
        "modules/runtime",
        ("checkov",),
        ("CKV_GCP_38", "CKV_GCP_40", "google_compute_instance", "skipped without a reason"),
    ),
    Mistake(
        "another version of the provider",
        "envs/dev/versions.tf",
        'version = "6.50.0"',
        'version = "6.49.0"',
        "envs/dev",
        ("init",),
        ("6.49.0", "pin 6.50.0"),
    ),
]


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    """The environment that has Terraform; CI always has it."""
    if PYTHON.exists():
        return
    reason = "no .venv-tools, which has Terraform: run `make tools`"
    if CI:
        pytest.fail(reason)
    pytest.skip(reason)


def check(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the check as `make terraform-check` does."""
    return subprocess.run(
        [str(PYTHON), "-m", "terraform.check", *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def words(text: str) -> str:
    """Text without line breaks and frames, in which Terraform sets its messages."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("mistake", MISTAKES, ids=[m.name for m in MISTAKES])
def test_mistake_is_caught_and_named(mistake: Mistake, tmp_path: Path) -> None:
    tree = tmp_path / "terraform"
    shutil.copytree(REPOSITORY / "terraform", tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "dagster.yaml", tmp_path)
    file = tree / mistake.file
    text = file.read_text(encoding="utf-8")
    assert mistake.old in text, "the file has changed: make the mistake anew"
    changed = text.replace(mistake.old, mistake.new, 1) if mistake.old else text + mistake.new
    file.write_text(changed, encoding="utf-8")

    done = check("--tree", str(tree), "--folders", mistake.folder, "--steps", *mistake.steps)

    said = words(done.stdout + done.stderr)
    assert done.returncode == 1, said
    assert [w for w in mistake.said if w not in said] == [], said
    assert f"{mistake.steps[-1]} 1 folders 0" not in said
    assert "Traceback" not in said


def test_unmodified_code_passes() -> None:
    done = check("--steps", "fmt", "init", "plan", "policies", "test")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Terraform code is well" in done.stdout
