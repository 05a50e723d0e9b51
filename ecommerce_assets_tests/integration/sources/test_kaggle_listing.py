"""What the Kaggle source says is there, asked through Kaggle's own client."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import (
    CredentialsMissing,
    CredentialsRefused,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets_tests.integration.sources.conftest import NOVEMBER, OCTOBER, QUICK, SLUG
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer

Make = Callable[..., KaggleDataset]
OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)


def test_every_page_of_the_listing_is_read(server: KaggleServer, dataset: Make) -> None:
    months = dataset(page_size=1).available()
    assert list(months) == [OCT, NOV, DEC]
    assert len(server.calls("ListDatasetFiles")) == 3


def test_a_listed_file_has_name_version_unpacked_size_and_address(dataset: Make) -> None:
    file = dataset().find(OCT)
    assert file.name == "2019-Oct.csv"
    assert file.version == f"kaggle:v1:2020-01-01T00:00:00Z:{len(OCTOBER)}"
    assert file.size == len(OCTOBER)
    assert file.location.startswith(f"https://www.kaggle.com/datasets/{SLUG}/versions/1")


def test_files_that_are_no_months_are_not_offered(server: KaggleServer, dataset: Make) -> None:
    server.publish("shop/mixed", {"readme.md": b"x", "2019-oct.csv": b"x", "2019-Nov.csv": b"x"})
    assert list(dataset("shop/mixed").available()) == [NOV]


def test_an_unchanged_set_has_an_equal_version(dataset: Make) -> None:
    assert dataset().find(OCT).version == dataset().find(OCT).version


def test_a_new_version_of_the_set_has_another_version(server: KaggleServer, dataset: Make) -> None:
    before = dataset().find(OCT).version
    server.publish(SLUG, {"2019-Oct.csv": NOVEMBER})
    assert dataset().find(OCT).version != before


def test_a_wrong_key_is_refused_at_once(server: KaggleServer, dataset: Make) -> None:
    with pytest.raises(CredentialsRefused, match=r"HTTP 401.*kaggle\.com/settings/api"):
        dataset(key="a-wrong-key").available()
    assert len(server.requests) == 1


def test_an_unknown_set_is_missing_at_once_and_terms_are_mentioned(
    server: KaggleServer, dataset: Make
) -> None:
    with pytest.raises(SourceMissing, match=r"no/such-set.*HTTP 403.*accept its terms"):
        dataset("no/such-set").find(OCT)
    assert len(server.requests) == 1


def test_a_month_that_the_set_lacks_is_missing_and_the_files_it_has_are_named(
    dataset: Make,
) -> None:
    with pytest.raises(SourceMissing, match=r"no file 2020-Jan\.csv") as failure:
        dataset().find(date(2020, 1, 1))
    assert "2019-Dec.csv, 2019-Nov.csv, 2019-Oct.csv" in failure.value.message


def test_without_credentials_the_three_ways_and_the_page_are_named(
    server: KaggleServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stdin = io.StringIO()
    monkeypatch.setattr("sys.stdin", stdin)
    with pytest.raises(CredentialsMissing) as failure:
        KaggleDataset(SLUG, endpoint=server.url).available()
    for way in (
        "KAGGLE_API_TOKEN",
        "KAGGLE_USERNAME and KAGGLE_KEY",
        "kaggle.json",
        "https://www.kaggle.com/settings/api",
    ):
        assert way in str(failure.value)
    assert server.requests == []
    assert capsys.readouterr() == ("", "")
    assert not stdin.closed, "the client's exit() closes the stdin it sees"


def test_half_a_pair_of_credentials_says_which_half_lacks(
    server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CredentialsMissing, match="user name was found, but no key"):
        KaggleDataset(SLUG, endpoint=server.url, username="demo").available()
    monkeypatch.setenv("KAGGLE_KEY", "a-secret-key")
    with pytest.raises(CredentialsMissing, match="key was found, but no user name"):
        KaggleDataset(SLUG, endpoint=server.url).available()


def test_name_and_key_are_found_in_the_environment(
    server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_USERNAME", "demo")
    monkeypatch.setenv("KAGGLE_KEY", "a-secret-key")
    assert KaggleDataset(SLUG, endpoint=server.url).find(OCT)


@pytest.mark.parametrize("place", ["parameter", "variable", "home"])
def test_name_and_key_are_found_in_kaggle_json(
    server: KaggleServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    no_real_account: Path,
    place: str,
) -> None:
    folder = no_real_account / ".kaggle" if place == "home" else tmp_path / "config"
    folder.mkdir()
    content = json.dumps({"username": "demo", "key": "a-secret-key"})
    (folder / "kaggle.json").write_text(content)
    if place == "variable":
        monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(folder))
    given = folder if place == "parameter" else None
    assert KaggleDataset(SLUG, endpoint=server.url, config_dir=given).find(OCT)


def test_a_token_is_found_in_the_environment(
    server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_a-secret-token")
    assert KaggleDataset(SLUG, endpoint=server.url).find(OCT)
    assert len(server.calls("IntrospectToken")) == 1


def test_a_token_that_kaggle_does_not_know_is_refused_even_if_a_pair_is_there_too(
    server: KaggleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_an-old-token")
    monkeypatch.setenv("KAGGLE_USERNAME", "demo")
    monkeypatch.setenv("KAGGLE_KEY", "a-secret-key")
    with pytest.raises(CredentialsRefused, match="token found in KAGGLE_API_TOKEN"):
        KaggleDataset(SLUG, endpoint=server.url, retries=QUICK).available()


def test_a_given_pair_wins_over_a_token_that_lies_in_the_home(
    dataset: Make, no_real_account: Path
) -> None:
    (no_real_account / ".kaggle").mkdir()
    (no_real_account / ".kaggle" / "access_token").write_text("KGAT_an-old-token")
    assert dataset().find(OCT)


def test_a_given_token_is_used(server: KaggleServer) -> None:
    given = KaggleDataset(SLUG, endpoint=server.url, token="KGAT_a-secret-token")
    assert given.find(OCT)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_kaggle_is_asked_again(server: KaggleServer, dataset: Make, status: int) -> None:
    server.faults.statuses = [(status, None), (status, 0)]
    assert dataset().find(OCT)
    assert [r.status for r in server.requests[:3]] == [status, status, 200]


def test_kaggles_wish_to_wait_is_kept_within_the_bound(server: KaggleServer, dataset: Make) -> None:
    server.faults.statuses = [(429, 9999)] * 3
    with pytest.raises(TransientFailure, match="asks for fewer calls") as failure:
        dataset().available()
    assert failure.value.retry_after_s == 9999


def test_a_kaggle_that_stays_down_is_a_transient_failure_with_the_number_of_tries(
    server: KaggleServer, dataset: Make
) -> None:
    server.faults.every_status = 503
    with pytest.raises(TransientFailure, match=r"HTTP 503\), 3 times"):
        dataset().available()
    assert len(server.requests) == 3


def test_a_kaggle_that_nobody_answers_for_is_a_transient_failure(dataset: Make) -> None:
    with pytest.raises(TransientFailure, match="connection to Kaggle broke"):
        dataset(endpoint="http://127.0.0.1:9").available()


def test_the_endpoint_of_one_source_does_not_leak_into_the_process(dataset: Make) -> None:
    dataset().find(OCT)
    from kagglesdk import kaggle_env

    assert kaggle_env.get_endpoint(kaggle_env.KaggleEnv.PROD) == "https://api.kaggle.com"


def test_a_slug_that_is_an_address_is_refused_with_the_right_form() -> None:
    with pytest.raises(PermanentFailure, match="owner/name"):
        KaggleDataset("https://www.kaggle.com/datasets/shop/events")
