"""How many messages there are, what they say, and what they never say."""

from __future__ import annotations

import pytest

from ecommerce_assets.lib.automation.alerts import (
    HIDDEN,
    MAX_LINES,
    MAX_MESSAGES,
    MAX_TEXT,
    Alert,
    masked,
    messages,
)


def alerts(number: int) -> list[Alert]:
    return [
        Alert(f"run-{n}", f"load 2019-{n} failed", f"what happened: {n}") for n in range(number)
    ]


@pytest.mark.parametrize("number", range(MAX_MESSAGES + 1))
def test_few_alerts_are_a_message_each(number: int) -> None:
    found = messages(alerts(number), "prod")
    assert [each.keys for each in found] == [(f"run-{n}",) for n in range(number)]
    assert all(each.title.startswith("ecommerce prod: load 2019-") for each in found)


def test_many_alerts_are_summed_up_in_one_message_that_names_the_first_and_counts_the_rest() -> (
    None
):
    (message,) = messages(alerts(500), "prod")
    assert message.title == "ecommerce prod: 500 failures"
    assert message.body.count("- load 2019-") == MAX_LINES
    assert f"and {500 - MAX_LINES} more" in message.body
    assert len(message.keys) == 500


def test_a_long_text_is_cut_off() -> None:
    (message,) = messages([Alert("run", "failed", "x" * 100_000)], "prod")
    assert len(message.body) == MAX_TEXT


def test_secrets_are_hidden_the_longer_first() -> None:
    text = "json://user:s3cr3t@host refused the key s3cr3t"
    assert masked(text, ["s3cr3t", "json://user:s3cr3t@host"]) == (
        f"{HIDDEN} refused the key {HIDDEN}"
    )


def test_a_text_too_short_for_a_secret_hides_nothing() -> None:
    assert masked("a month failed", ["a", ""]) == "a month failed"
