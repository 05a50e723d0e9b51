"""The Terraform code names what the lakehouse has: its domains, and its secret settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from pydantic import SecretStr

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.warehouse.bigquery_comparison import REBUILT
from ecommerce_assets.settings import Settings, variable_of

TERRAFORM = Path(__file__).parents[2] / "terraform"


def secret_settings() -> set[str]:
    """The settings that are never shown, by their names in the environment."""
    return {
        variable_of(kind, name)
        for kind in (Settings, *(domain.settings for domain in DOMAINS.values()))
        for name, field in kind.model_fields.items()
        if field.annotation is SecretStr or SecretStr in get_args(field.annotation)
    }


def block(file: str, start: str) -> str:
    """The text of a file from a line on, up to the line that closes it."""
    text = (TERRAFORM / file).read_text(encoding="utf-8")
    return text[text.index(start) :].partition("\n}\n")[0]


def test_every_domain_has_its_datasets() -> None:
    """One that `ecommerce new-source` added gets them where the variable is set."""
    domains = block("modules/warehouse/variables.tf", 'variable "domains"')
    (listed,) = re.findall(r"default\s*=\s*\[([^]]*)\]", domains)

    shipped = sorted(name for name, domain in DOMAINS.items() if domain.simulated)
    assert re.findall(r'"(\w+)"', listed) == shipped


def test_the_dataset_of_rebuilt_models_is_the_one_that_is_used() -> None:
    made = block("modules/warehouse/main.tf", 'resource "google_bigquery_dataset" "rebuild"')

    assert re.findall(r'dataset_id\s*=\s*"(\w+)"', made) == [REBUILT]


def test_every_secret_setting_is_kept_in_secret_manager() -> None:
    secret = secret_settings()
    kept = block("modules/runtime/main.tf", "  secrets = {").partition("}")[0]

    assert {"ECOMMERCE_RETAIL_POSTGRES", "KAGGLE_KEY"} <= secret
    # Kaggle's name of the account goes with its key.
    assert set(re.findall(r'"(\w+)"', kept)) == secret | {"KAGGLE_USERNAME"}
