"""What every listing command prints into a pipe of 80 columns, and as JSON."""

from __future__ import annotations

import json
import re

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import EVENTS, MONTHS, Shop, month_text

#: Each listing command with words that its table must hold whole.
LISTINGS = {
    "status": ["status"],
    "ledger": ["ledger", "--last", "7"],
    "calibration": ["ledger", "--calibration"],
    "truths": ["truths", "--all"],
    "settings": ["settings"],
    "quarantine": ["quarantine", "list"],
    "plan": ["backfill", "cosmetics", "--plan", "--force"],
}
#: The keys of each document beside those of the envelope.
DOCUMENTS = {
    "status": {
        "domains", "problems", "other_failures", "unreadable_ledger_objects", "readers_copy",
    },
    "ledger": {"attempts", "attempts_in_all", "unreadable_ledger_objects"},
    "calibration": {"calibration", "notes", "unreadable_ledger_objects"},
    "truths": {"counts", "figures"},
    "settings": {"settings"},
    "quarantine": {"tables"},
    "plan": {
        "domain", "months", "steps", "notes", "partitions", "rows", "bytes", "seconds",
        "megabytes", "price",
    },
}  # fmt: skip
ENVELOPE = {"command", "version", "at", "exit_code", "error"}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_pipe_of_80_columns_gets_whole_values_and_nothing_but_text(
    name: str, reference: Reference
) -> None:
    # The meaning of a setting shows the form of an address.
    output = reference.shop.ok(*LISTINGS[name], COLUMNS="80").replace("file:///…", "file:///")

    assert not set(output) & set("…│┃─━┏┌└╭\x1b")
    # Sentences are one line each, whatever their length; lines of a table have their columns.
    table = [line for line in output.splitlines() if re.search(r"\S {2,}\S", line)]
    assert table or name == "quarantine"
    assert [line for line in table if len(line) > 80] == []
    if name in ("status", "plan"):
        for month in MONTHS:
            assert any(re.search(rf"\b{month_text(month)}\b", line) for line in table)
        assert sum(f" {EVENTS:,} " in line for line in table) >= len(MONTHS)


def test_what_is_left_out_is_said(reference: Reference) -> None:
    attempts = reference.shop.ok("ledger", "--last", "7", COLUMNS="80")
    status = reference.shop.ok("status", "cosmetics")
    truths = reference.shop.ok("truths")

    in_all = re.search(r"the newest 7 of (\d+) attempts", attempts)
    assert in_all and f"--last {in_all[1]} shows all." in attempts
    assert "No room for:" in attempts
    rows = EVENTS * len(MONTHS)
    assert f"{rows:,} rows received = {rows:,} accepted + 0 quarantined + 0 blank" in status
    assert re.search(r"judged 20\d\d-\d\d-\d\d \d\d:\d\d UTC or later", truths)
    assert re.search(r"\d+ figures speak of rows that are not loaded; --all lists them", truths)
    assert re.search(r"from the readers' copy of 20\d\d-\d\d-\d\d \d\d:\d\d UTC", reference.output)


@pytest.mark.parametrize("name", LISTINGS)
def test_every_listing_is_there_as_one_json_document(name: str, reference: Reference) -> None:
    done = reference.shop.run(*LISTINGS[name], "--json", stderr=False)

    document = json.loads(done.output)
    assert set(document) == ENVELOPE | DOCUMENTS[name]
    assert document["exit_code"] == done.code == ExitCode.OK
    assert (document["version"], document["error"]) == (1, None)


def test_the_document_has_the_figures_of_the_table(reference: Reference) -> None:
    document = json.loads(reference.shop.run("status", "--json", stderr=False).output)

    (cosmetics, *others) = document["domains"]
    assert [(m["month"], m["state"], m["models"], m["received"]) for m in cosmetics["months"]] == [
        (month_text(month), "loaded", "built", EVENTS) for month in MONTHS
    ]
    assert not any(each["used"] for each in others) and document["problems"] == []
    assert cosmetics["truths"]["stale"] == cosmetics["truths"]["differs"] == 0


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["status", "nope"], "cosmetics"),
        (["ledger", "cosmetics.event"], "cosmetics.events"),
        (["truths", "nope"], "retail"),
        (["quarantine", "list", "nope"], "electronics"),
        (["quarantine", "show", "cosmetics", "2019"], "2019-10"),
        (["backfill", "nope"], "cosmetics"),
        (["backfill", "nope", "--plan"], "cosmetics"),
    ],
)
def test_a_wrong_call_is_a_document_too(arguments: list[str], known: str, shop: Shop) -> None:
    done = shop.run(*arguments, "--json", stderr=False)

    document = json.loads(done.output)
    assert document["exit_code"] == done.code == ExitCode.USAGE
    assert known in document["error"]["cure"]


def test_secrets_are_masked_for_programs_too(shop: Shop) -> None:
    output = shop.run("settings", "--json", KAGGLE_KEY="a-secret", stderr=False).output

    settings = {each["variable"]: each for each in json.loads(output)["settings"]}
    assert "a-secret" not in output
    assert settings["KAGGLE_KEY"]["value"] == "********" and settings["KAGGLE_KEY"]["secret"]


@pytest.mark.parametrize("last", ["0", "-3"])
def test_no_attempts_at_all_cannot_be_asked_for(last: str, shop: Shop) -> None:
    assert shop.run("ledger", "--last", last).code == ExitCode.USAGE


def test_an_empty_lakehouse_is_incomplete(shop: Shop) -> None:
    done = shop.run("status")

    assert done.code == ExitCode.INCOMPLETE
    for domain in ("cosmetics", "electronics", "retail"):
        assert f"{domain}: nobody loaded it yet; ecommerce backfill {domain}" in done.output


def test_the_versions_are_told(shop: Shop) -> None:
    output = shop.ok("--version")

    assert re.match(r"ecommerce \d+\.\d+", output)
    assert "rules of loading" in output and "contract cosmetics.events 1" in output


def test_a_shell_completes_the_names_of_domains(shop: Shop) -> None:
    output = shop.run(
        _ECOMMERCE_COMPLETE="complete_bash", COMP_WORDS="ecommerce status el", COMP_CWORD="2"
    ).output

    assert output.split() == ["electronics"]
