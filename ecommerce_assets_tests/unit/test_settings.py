"""Settings: defaults for a laptop, and a named variable wherever one is missing."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecommerce_assets.cli.terminal import read_settings
from ecommerce_assets.domains.cosmetics.settings import CosmeticsSettings
from ecommerce_assets.domains.registry import DOMAINS, all_settings
from ecommerce_assets.domains.retail.settings import RetailSettings
from ecommerce_assets.lib.failures import SettingMissing, WrongCall
from ecommerce_assets.month_settings import parse_month, parse_month_range
from ecommerce_assets.settings import load_settings

COSMETICS = DOMAINS["cosmetics"]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("ECOMMERCE_", "KAGGLE_", "GCP_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_a_laptop_needs_no_setting(tmp_path: Path) -> None:
    settings = load_settings()
    home = tmp_path / ".ecommerce"
    assert (settings.env, settings.home) == ("local", home)
    assert COSMETICS.source_kind(settings) == "sample"
    assert settings.lake_uri == (home / "lake").as_uri()
    assert settings.warehouse_uri == str(home / "warehouse.duckdb")
    assert settings.landing_uri == str(home / "landing")
    assert settings.published_path == home / "published.duckdb"
    assert settings.dagster_home == home / "dagster"
    months = COSMETICS.months(settings)
    assert (months[0], months[-1]) == (date(2019, 10, 1), date(2020, 2, 1))


def test_an_unknown_environment_lists_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMMERCE_ENV", "staging")
    with pytest.raises(
        ValidationError, match="'staging'; set ECOMMERCE_ENV to one of local, dev, prod"
    ):
        load_settings()


@pytest.mark.parametrize("env", ["dev", "prod"])
@pytest.mark.parametrize(
    ("place", "variable"),
    [("lake_uri", "ECOMMERCE_LAKE"), ("warehouse_uri", "ECOMMERCE_WAREHOUSE")],
)
def test_a_cloud_environment_falls_back_on_nothing(
    monkeypatch: pytest.MonkeyPatch, env: str, place: str, variable: str
) -> None:
    monkeypatch.setenv("ECOMMERCE_ENV", env)
    with pytest.raises(SettingMissing, match=f"the environment {env} has no") as caught:
        getattr(load_settings(), place)
    assert variable in caught.value.cure
    monkeypatch.setenv(variable, "gs://bucket/x")
    assert getattr(load_settings(), place) == "gs://bucket/x"


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_a_cloud_environment_needs_a_source(monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    monkeypatch.setenv("ECOMMERCE_ENV", env)
    with pytest.raises(SettingMissing) as caught:
        COSMETICS.source_kind(load_settings())
    assert "ECOMMERCE_SOURCE or ECOMMERCE_COSMETICS_SOURCE" in caught.value.cure
    assert "sample, files, kaggle" in caught.value.cure
    monkeypatch.setenv("ECOMMERCE_SOURCE", "files")
    assert COSMETICS.source_kind(load_settings()) == "files"
    monkeypatch.setenv("ECOMMERCE_COSMETICS_SOURCE", "kaggle")
    assert COSMETICS.source_kind(load_settings()) == "kaggle", "the domain's own setting wins"


def test_an_unknown_source_lists_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMMERCE_SOURCE", "ftp")
    with pytest.raises(ValidationError, match="'sample', 'files' or 'kaggle'"):
        load_settings()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "s3cr3t")
    assert "s3cr3t" not in repr(load_settings())


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_month_is_read_in_both_spellings(day: date) -> None:
    month = day.replace(day=1)
    assert parse_month(month.isoformat()) == parse_month(month.isoformat()[:7]) == month


@pytest.mark.parametrize("text", ["", "2019", "2019-13", "2019-00", "2019-1", "2019-10-02", "x"])
def test_what_is_no_month_is_shown_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month; write it as 2019-10"):
        parse_month(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2019-10", "not a range"),
        ("2020-02:2019-10", "ends before it starts"),
        (":", "not a month"),
    ],
)
def test_what_is_no_range_of_months_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_month_range(text)
    with pytest.raises(ValidationError, match=said):
        CosmeticsSettings(months=text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1969-12:2011-12", "starts before 1970-01: instants are counted from there on"),
        ("2019-10:2160-01", "ends after 2159-12: BigQuery keeps no partitions beyond it"),
    ],
)
def test_months_that_the_models_cannot_tell_apart_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RetailSettings(months=text)


@pytest.mark.parametrize("variable", ["ECOMMERCE_RETAIL_MONTHS", "ECOMMERCE_SAMPLE_EVENTS"])
def test_a_command_names_the_variable_that_it_cannot_take(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(WrongCall, match=f"setting {variable}: "):
        read_settings()


def test_any_other_first_month_is_taken() -> None:
    assert RetailSettings(months="1970-01:2159-12").all_months[0] == date(1970, 1, 1)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_reads_its_own_variables(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = DOMAINS[domain].months_setting
    assert setting == f"ECOMMERCE_{domain.upper()}_MONTHS"
    monkeypatch.setenv(setting, "2001-02:2001-03")
    now = load_settings()
    found = {name: each.months(now)[0] for name, each in DOMAINS.items()}
    assert [name for name, first in found.items() if first == date(2001, 2, 1)] == [domain]
    monkeypatch.delenv(setting)
    assert DOMAINS[domain].months(now)[0] == date(2001, 2, 1), "settings stay as they were read"


def test_every_setting_is_listed_once_with_its_meaning() -> None:
    found = all_settings(load_settings())
    variables = [each.variable for each in found]
    assert len(variables) == len(set(variables))
    assert {"ECOMMERCE_ENV", "KAGGLE_KEY", "ECOMMERCE_RETAIL_URL"} <= set(variables)
    assert [each.variable for each in found if not each.meaning] == []


def test_the_simulated_shops_take_their_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOMMERCE_SAMPLE_EVENTS", "700")
    monkeypatch.setenv("ECOMMERCE_SAMPLE_INVOICE_LINES", "")
    assert CosmeticsSettings().sample_events == 700
    assert RetailSettings().sample_invoice_lines == 20_000
