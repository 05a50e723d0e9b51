"""A month changes, its backfill is launched in the UI: its figures are judged again, one is missed.

By the API that the UI's buttons call, with the daemon; the sensor that follows a backfill is on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, dagster_dev
from ecommerce_assets_tests.browser.graphql import (
    backfill_group,
    ended_backfill,
    next_run_of_job,
    runs_of_job,
)
from ecommerce_assets_tests.browser.lakehouse import Lakehouse
from ecommerce_assets_tests.pipeline.published_value import (
    EVENTS,
    METRIC,
    OCT,
    RANGE,
    PublishedMonths,
    published_months,
    require_met,
    require_october_judged_again,
    stored,
)
from ecommerce_assets_tests.pipeline.tables import query

pytestmark = pytest.mark.full  # minutes

LONG_S = 900.0
CHECK = """{assetCheckExecutions(
    assetKey: {path: ["ops", "marts", "truths"]}, checkName: "figures_meet_the_truths", limit: 1
) {runId evaluation {success metadataEntries {label ... on TextMetadataEntry {text}}}}}"""


@pytest.fixture
def months(tmp_path: Path) -> Iterator[PublishedMonths]:
    with published_months(tmp_path) as made:
        yield made


def newest_check(dev: DagsterDev) -> tuple[dict[str, Any], dict[str, str]]:
    """The newest evaluation of the check, as its page shows it, and its texts by label."""
    (newest,) = dev.ask(CHECK)["assetCheckExecutions"]
    entries = newest["evaluation"]["metadataEntries"]
    return newest, {each["label"]: each["text"] for each in entries if "text" in each}


def test_a_backfill_in_the_ui_after_a_month_changed_judges_its_figures_again(
    tmp_path: Path, months: PublishedMonths
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    lakehouse = Lakehouse(home, RANGE, EVENTS, "sample", months.variables)
    lakehouse.command("backfill", "cosmetics")
    before = stored(home)
    require_met(before)
    with dagster_dev(lakehouse) as dev:
        earlier, texts = newest_check(dev)
        assert f"{METRIC}, 2019-10" not in texts, "it is not among the missed figures yet"
        months.alter(OCT)
        known = runs_of_job(dev, "finish_cosmetics")

        backfill = backfill_group(dev, "cosmetics", [OCT])

        assert ended_backfill(dev, backfill, LONG_S) == "COMPLETED_SUCCESS"
        assert next_run_of_job(dev, "finish_cosmetics", known, LONG_S).status == "SUCCESS"
        require_october_judged_again(before, stored(home))
        newest, texts = newest_check(dev)
    assert newest["runId"] != earlier["runId"]
    assert newest["evaluation"]["success"] is False
    assert "expected 1,211,538.43, found 1,211,538.44" in texts[f"{METRIC}, 2019-10"]
    sql = f"select status from ops.truths where metric = '{METRIC}' and scope = '2019-10'"
    assert query(home / "published.duckdb", sql) == [("differs",)]
    status = lakehouse.command("status", "cosmetics")
    assert "figures differ: ecommerce truths" in status.stdout
    assert status.returncode == ExitCode.FAILED
