"""A month changes, the command is given again: its figures are judged again and one is missed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.published_value import (
    EVENTS,
    METRIC,
    MONTHS,
    OCT,
    PublishedMonths,
    published_months,
    require_met,
    require_october_judged_again,
    stored,
)
from ecommerce_assets_tests.pipeline.shop import Done, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import query
from ecommerce_assets_tests.pipeline.test_listings import ENVELOPE


@pytest.fixture
def months(tmp_path: Path) -> Iterator[PublishedMonths]:
    with published_months(tmp_path) as made:
        yield made


def require_document_of_three_months(done: Done) -> None:
    """The command's document says what it loaded and built, and how the domain stands then."""
    document = json.loads(done.output)
    assert set(document) == ENVELOPE | {
        "asked", "loaded", "models_built", "failed", "models_failure", "seconds", "peak_mb",
        "standing", "problems",
    }  # fmt: skip
    assert (document["command"], document["version"], document["error"]) == ("backfill", 1, None)
    assert document["exit_code"] == done.code == ExitCode.FAILED, "some figures are missed"
    asked = [month_text(month) for month in MONTHS]
    assert document["asked"] == document["loaded"] == document["models_built"] == asked
    assert (document["failed"], document["models_failure"]) == ({}, None)
    assert document["seconds"] > 0 and document["peak_mb"] > 0
    standing = document["standing"]
    assert (standing["domain"], standing["models_over_all_months"]) == ("cosmetics", "built")
    assert [(m["month"], m["state"], m["received"]) for m in standing["months"]] == [
        (month, "loaded", EVENTS) for month in asked
    ]
    differing = standing["truths"]["differs"]
    assert differing > 0 and standing["truths"]["matches"] >= len(asked)
    assert document["problems"] == [f"cosmetics: {differing} figures differ: ecommerce truths"]


def test_a_backfill_after_a_month_changed_judges_its_figures_again(
    tmp_path: Path, months: PublishedMonths
) -> None:
    shop = Shop(tmp_path / "home", months.variables)
    first = shop.run("backfill", "cosmetics", "--json", stderr=False)
    require_document_of_three_months(first)
    before = stored(shop.home)
    require_met(before)
    months.alter(OCT)

    october = month_text(OCT)
    done = shop.run("backfill", "cosmetics", "--from", october, "--to", october)

    assert "figures differ: ecommerce truths" in done.output
    assert done.code == ExitCode.FAILED, "a figure is missed"
    require_october_judged_again(before, stored(shop.home))
    shown = shop.run("truths", "cosmetics")
    assert shown.code == ExitCode.FAILED
    missed = [line for line in shown.output.splitlines() if METRIC in line and october in line]
    assert "differs" in missed[0] and "1211538.44" in missed[0]
    sql = f"select status from ops.truths where metric = '{METRIC}' and scope = '{october}'"
    assert query(shop.home / "published.duckdb", sql) == [("differs",)]
