"""What the command line says: plain words with what to do, an exit code, never a traceback."""

from __future__ import annotations

import pytest

from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import EVENTS, MONTHS, Shop, month_text

WRONG = {
    "an unknown domain": (["backfill", "comsetics"], {}, ["unknown domain 'comsetics'", "known:"]),
    "an unknown domain of a status": (["status", "nope"], {}, ["unknown domain 'nope'", "known:"]),
    "a month that is none": (
        ["backfill", "cosmetics", "--from", "2019-13"],
        {},
        ["'2019-13' is not a month", "write it as 2019-10"],
    ),
    "a month outside": (
        ["backfill", "cosmetics", "--from", "2018-01", "--to", "2018-02"],
        {},
        [f"{month_text(MONTHS[0])} to {month_text(MONTHS[-1])}", "ECOMMERCE_COSMETICS_MONTHS"],
    ),
    "months in the wrong order": (
        ["backfill", "cosmetics", "--from", "2019-12", "--to", "2019-10"],
        {},
        ["--from 2019-12 is after --to 2019-10"],
    ),
    "an unknown environment": (
        ["settings"],
        {"ECOMMERCE_ENV": "staging"},
        ["'staging'", "local, dev, prod"],
    ),
    "an unknown source": (
        ["settings"],
        {"ECOMMERCE_SOURCE": "ftp"},
        ["setting ECOMMERCE_SOURCE", "sample", "files", "kaggle"],
    ),
    "an environment without its settings": (
        ["status"],
        {"ECOMMERCE_ENV": "prod"},
        ["the environment prod has no lake", "set ECOMMERCE_LAKE"],
    ),
    "a quarantine of a month that is not there": (
        ["quarantine", "show", "cosmetics", "2019-10"],
        {},
        ["2019-10 is not loaded", "ecommerce status"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_command_is_answered_in_words(case: str, shop: Shop) -> None:
    arguments, variables, words = WRONG[case]

    done = shop.run(*arguments, **variables)

    assert done.code in (1, 2), done.output
    assert "Traceback" not in done.output
    assert [word for word in words if word not in done.output] == [], done.output


def test_a_download_without_credentials_says_how_to_get_them(shop: Shop) -> None:
    done = shop.run(
        "backfill", "cosmetics", "--to", month_text(MONTHS[0]), ECOMMERCE_SOURCE="kaggle"
    )

    assert done.code == 1
    assert "Traceback" not in done.output
    (line,) = [line for line in done.output.splitlines() if "failed:" in line]
    assert "KAGGLE_" in line and "what to do:" in line
    assert shop.statuses("files") == ["failed"]  # once: no retry can find credentials


def test_settings_lists_every_variable_and_masks_secrets(shop: Shop) -> None:
    output = shop.ok("settings", KAGGLE_KEY="a-secret", KAGGLE_API_TOKEN="another-secret")

    assert "a-secret" not in output and "another-secret" not in output
    lines = {line.split()[0]: line for line in output.splitlines() if line[:1].strip()}
    assert "********" in lines["KAGGLE_KEY"]
    for name in ("ECOMMERCE_ENV", "ECOMMERCE_HOME", "ECOMMERCE_SOURCE", "GCP_PROJECT_ID"):
        assert name in lines


def test_status_shows_each_month_with_its_rows(reference: Reference) -> None:
    output = reference.shop.ok("status")

    for month in MONTHS:
        (line,) = [line for line in output.splitlines() if month_text(month) in line]
        assert line.split()[:7] == [
            month_text(month),
            "loaded",
            "built",
            f"{EVENTS:,}",
            f"{EVENTS:,}",
            "0",
            "0",
        ]


def test_ledger_lists_the_attempts_of_every_step(reference: Reference) -> None:
    output = reference.shop.ok("ledger", "cosmetics.events", "--last", "100")

    rows = [line.split() for line in output.splitlines() if line[:2] == "20"]
    seen = {(row[2], row[3]) for row in rows}  # the day and the time are two words
    for month in MONTHS:
        assert {(step, month_text(month)) for step in ("files", "lake", "models")} <= seen


def test_an_empty_quarantine_is_said_in_words(reference: Reference) -> None:
    assert "No row is in quarantine" in reference.shop.ok("quarantine", "list")
    assert "Nothing to replay" in reference.shop.ok("quarantine", "replay")
