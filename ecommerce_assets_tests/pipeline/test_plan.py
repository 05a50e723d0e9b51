"""The plan is the plan: what it names is what a run then does, and making it does nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import (
    EVENTS,
    FULL,
    LONGEST_RUN_S,
    MONTHS,
    Shop,
    month_text,
)

DRIVER = Path(__file__).with_name("plan_driver.py")
FIRST, SECOND, THIRD = (month_text(month) for month in MONTHS[:3])
PLAN = dg.AssetKey(["ops", "marts", "backfill_plan"])
#: Each state of `plan_driver.py`: months loaded, months of models, and words of a reason.
STATES: dict[str, tuple[list[str], list[str], str]] = {
    "empty, one month": ([SECOND], [SECOND], "missing"),
    "the months around it": ([FIRST, THIRD], [FIRST, SECOND, THIRD], "missing"),
    "up to date": ([], [], ""),
    "forced, one month": ([], [FIRST], ""),
    "the first month comes again": ([FIRST], [FIRST, SECOND], "source has another version"),
    "another month comes again and is not asked for": ([], [], ""),
    "and then it is, beyond the month asked for": (
        [THIRD],
        [SECOND, THIRD],
        "source has another version",
    ),
    "packed anew": ([SECOND], [FIRST, SECOND, THIRD], "source has another version"),
    "a killed build": ([], [SECOND], ""),
    "a killed build of the models over all months": ([], [], ""),
    "no copy": ([], [], ""),
    "no quarantine": ([FIRST], [FIRST, SECOND], "its quarantine is gone"),
    "no such file": ([], [FIRST], "its file cannot be had"),
}
#: Those that cost a call of dbt more are left out of the reduced suite.
FULL_ONLY = (
    "forced, one month",
    "the first month comes again",
    "and then it is, beyond the month asked for",
    "a killed build",
    "a killed build of the models over all months",
    "no such file",
)
REACHED = [state for state in STATES if FULL or state not in FULL_ONLY]
#: Their new files hold the same rows: less is built than was planned.
SAME_ROWS = ("packed anew", "no quarantine")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> dict[str, Any]:
    """What the driver planned and did, by state."""
    home = tmp_path_factory.mktemp("states") / "home"
    shop = Shop(home, {"ECOMMERCE_SOURCE": "files"})
    shop.land(reference.files)
    done = subprocess.run(
        [sys.executable, str(DRIVER), *REACHED],
        env=shop.environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=4 * LONGEST_RUN_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["state"]: line for line in lines}


@pytest.mark.parametrize("state", REACHED)
def test_what_is_planned_is_what_is_done(state: str, states: dict[str, Any]) -> None:
    loads, models, why = STATES[state]
    planned, done = states[state]["planned"], states[state]["done"]

    assert states[state]["idle"], "planning changed something"
    assert (planned["loads"], planned["models"]) == (loads, models)
    assert all(why in reason for reason in planned["why"].values())
    assert states[state]["models_failure"] is states[state]["plan_failure"] is None
    assert (done["loads"], done["failing"]) == (planned["loads"], planned["failing"])
    assert done["read"] == planned["read"]
    assert done["built"] == done["models"]
    if state in SAME_ROWS:
        assert (done["models"], done["history"], done["copy"]) == ([], False, False)
    else:
        for what in ("models", "history", "copy"):
            assert done[what] == planned[what], what


def test_every_state_was_reached(states: dict[str, Any]) -> None:
    assert list(states) == REACHED
    assert states["no copy"]["planned"] | {"copy": False} == states["up to date"]["planned"]
    assert states["no copy"]["planned"]["copy"]
    if FULL:
        assert states["no such file"]["planned"]["failing"] == [SECOND]
        assert states["a killed build of the models over all months"]["planned"]["history"]


# The command line -------------------------------------------------------------------------------


def test_a_plan_of_an_empty_lakehouse_runs_nothing_and_says_what_it_rests_on(shop: Shop) -> None:
    output = shop.ok("backfill", "cosmetics", "--plan")

    loads = [line for line in output.splitlines() if line.startswith("load  ")]
    for line, month in zip(loads, MONTHS, strict=True):
        assert month_text(month) in line
        assert "missing" in line and f"{EVENTS:,}" in line and "source" in line
    assert "shipped defaults; interval declared, factor 3" in output
    assert "fct_sessions" in output and "stg_cosmetics__events" in output
    assert not (shop.home / "lake").exists() and not shop.warehouse.exists()
    with shop._instance() as instance:
        assert instance.get_runs_count() == 0


def test_a_plan_of_a_range_speaks_of_that_range(shop: Shop) -> None:
    output = shop.ok("backfill", "cosmetics", "--plan", "--from", FIRST, "--to", FIRST)

    assert f"Plan for {FIRST} to {FIRST}" in output
    assert SECOND not in output


def test_a_plan_with_nothing_to_do_counts_what_is_up_to_date(reference: Reference) -> None:
    output = reference.shop.ok("backfill", "cosmetics", "--plan")

    assert "nothing to do" in output
    assert f"{len(MONTHS)} of {len(MONTHS)} months are up to date" in output
    forced = reference.shop.ok("backfill", "cosmetics", "--plan", "--force")
    assert forced.count("  forced ") == len(MONTHS) and "measurements of this machine" in forced


def test_a_source_that_cannot_be_asked_is_said_in_words(shop: Shop) -> None:
    done = shop.run("backfill", "cosmetics", "--plan", ECOMMERCE_SOURCE="kaggle")

    assert done.code == 1 and "Traceback" not in done.output
    assert "KAGGLE_" in done.output and "What to do:" in done.output


def test_a_plan_names_months_whose_file_is_not_there(shop: Shop) -> None:
    output = shop.ok("backfill", "cosmetics", "--plan", ECOMMERCE_SOURCE="files")

    assert output.count("will fail: the landing folder") == len(MONTHS)
    assert "In all 0 partitions" in output


def test_a_backfill_says_what_was_estimated_and_what_it_took(reference: Reference) -> None:
    (line,) = [line for line in reference.output.splitlines() if line.startswith("Estimated")]
    assert "took" in line and "sampled" in line
    (row,) = [r for r in Ledger(reference.shop.lake).rows() if r.step == "backfill"][:1]
    assert row.command == "demo" and row.status == "loaded"
    assert row.partitions_planned == row.partitions_done == 2 * len(MONTHS)
    assert row.rows_planned == row.rows_done == 2 * EVENTS * len(MONTHS)
    assert row.estimated_seconds_low and row.estimated_seconds and row.estimated_seconds_high
    assert row.seconds and row.step_seconds and row.step_seconds < row.seconds
    assert row.peak_mb and row.peak_mb > 100 and row.runs == len(MONTHS) + 2


def test_calibration_shows_estimates_beside_what_it_took(reference: Reference, shop: Shop) -> None:
    assert "No backfill has been recorded" in shop.ok("ledger", "--calibration")

    output = reference.shop.ok("ledger", "--calibration")

    rows = [line for line in output.splitlines() if "  demo " in line]
    assert len(rows) == 1, "a run that did nothing calibrates nothing"
    assert f"{2 * len(MONTHS)} of {2 * len(MONTHS)}" in rows[0]
    assert "Estimated from shipped defaults: time inside" in output


def test_the_plan_lies_in_dagster_after_every_backfill(reference: Reference) -> None:
    with reference.shop._instance() as instance:
        event = instance.get_latest_materialization_event(PLAN)
    assert event and event.asset_materialization
    metadata = event.asset_materialization.metadata
    assert "nothing to do" in str(metadata["cosmetics, out of date"].value)
    assert str(metadata["cosmetics, all months forced"].value).count("| forced |") == len(MONTHS)
    assert metadata["cosmetics, all months forced: rows"].value == EVENTS * len(MONTHS)
    assert metadata["cosmetics, out of date: partitions"].value == 0
