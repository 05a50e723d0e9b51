"""Bytes that BigQuery names become a sum and a price; what cannot be asked is named.

The answers are given, for an emulator answers 0 bytes to every dry run.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.warehouse.bigquery_jobs import JobFigures, label, total
from ecommerce_assets.planning.price import ask
from ecommerce_assets.planning.words import price_note

TIB = 1024**4


def answering(answers: dict[str, int | str]) -> Callable[[str], int]:
    def dry_run(sql: str) -> int:
        answer = answers[sql]
        if isinstance(answer, str):
            raise PermanentFailure(answer, "see the message")
        return answer

    return dry_run


def test_bytes_add_up_and_are_priced_by_the_tib() -> None:
    answers: dict[str, int | str] = {"select 1": TIB // 2, "select 2": TIB // 4, "select 3": 0}
    statements = {"a": "select 1", "b": "select 2", "c": "select 3"}
    price = ask(statements, answering(answers), 6.25)
    assert price.bytes == TIB * 3 // 4
    assert price.usd == pytest.approx(4.6875)
    assert price.unknown == ()
    assert "3 models would read 824.6 GB: $4.69 at $6.25 a TiB" in price_note(price)


def test_a_table_that_is_not_there_yet_is_named_and_not_counted() -> None:
    gone = "not found in BigQuery: 404 Not found: Table shop:cosmetics_raw.events was not found"
    answers: dict[str, int | str] = {"select 1": 10 * 1024**2, "select 2": gone}
    price = ask({"sales": "select 1", "events": "select 2"}, answering(answers), 6.25)
    assert price.bytes_by_model == {"sales": 10_485_760}
    assert price.unknown == ("events",)
    assert "1 more read tables that are not there yet" in price_note(price)


def test_any_other_refusal_is_not_taken_for_a_price() -> None:
    refusal = "no permission for a query (403 Access Denied)"
    with pytest.raises(PermanentFailure, match="Access Denied"):
        ask({"sales": "select 1"}, answering({"select 1": refusal}), 6.25)


def test_figures_of_jobs_add_up() -> None:
    jobs = [
        JobFigures(1, 10, 10_485_760, 700, "one"),
        JobFigures(1, TIB, TIB, 90_000, "two"),
        JobFigures(1, 0, 0, 0, None),
    ]
    assert total(jobs) == JobFigures(3, TIB + 10, TIB + 10_485_760, 90_700, "two")
    assert total(jobs).usd() == pytest.approx(6.25006, abs=1e-6)
    assert total([]) == JobFigures()


def test_labels_have_the_form_that_bigquery_takes() -> None:
    assert label("Cosmetics/raw.Events") == "cosmetics_raw_events"
    assert len(label("x" * 80)) == 63
