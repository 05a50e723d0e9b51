"""Settings: defaults for a laptop, and a named variable wherever one is missing."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.month_settings import parse_month, parse_month_range
from ecommerce_assets.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("ECOMMERCE_", "KAGGLE_", "GCP_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_a_laptop_needs_no_setting(tmp_path: Path) -> None:
    settings = load_settings()
    home = tmp_path / ".ecommerce"
    assert (settings.env, settings.home, settings.source_of("cosmetics")) == (
        "local",
        home,
        "sample",
    )
    assert settings.lake_uri == (home / "lake").as_uri()
    assert settings.warehouse_uri == str(home / "warehouse.duckdb")
    assert settings.landing_uri == str(home / "landing")
    assert settings.published_path == home / "published.duckdb"
    assert settings.dagster_home == home / "dagster"
    assert parse_month_range(settings.cosmetics_months) == (date(2019, 10, 1), date(2020, 2, 1))


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
        load_settings().source_of("cosmetics")
    assert "ECOMMERCE_SOURCE or ECOMMERCE_COSMETICS_SOURCE" in caught.value.cure
    assert "sample, files, kaggle" in caught.value.cure
    monkeypatch.setenv("ECOMMERCE_SOURCE", "files")
    assert load_settings().source_of("cosmetics") == "files"
    monkeypatch.setenv("ECOMMERCE_COSMETICS_SOURCE", "kaggle")
    assert load_settings().source_of("cosmetics") == "kaggle", "the domain's own setting wins"


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
    with pytest.raises(ValueError, match="is no month; write it as 2019-10"):
        parse_month(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("2019-10", "no range"), ("2020-02:2019-10", "ends before it starts"), (":", "no month")],
)
def test_what_is_no_range_of_months_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_month_range(text)
    with pytest.raises(ValidationError, match=said):
        Settings(cosmetics_months=text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1969-12:2011-12", "starts before 1970-01: instants are counted from there on"),
        ("2019-10:2160-01", "ends after 2159-12: BigQuery keeps no partitions beyond it"),
    ],
)
def test_months_that_the_models_cannot_tell_apart_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(retail_months=text)


def test_any_other_first_month_is_taken() -> None:
    assert Settings(retail_months="1970-01:2159-12").months_of("retail")[0] == date(1970, 1, 1)
