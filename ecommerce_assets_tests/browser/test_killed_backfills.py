"""A backfill of the Dagster UI that is killed midway, with daemon, UI and run workers: started
again, it ends in the tables of a lakehouse that nobody killed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, dagster_dev, wait_for
from ecommerce_assets_tests.browser.graphql import (
    backfill_group,
    ended_backfill,
    launch_job,
    next_run_of_job,
    runs_of_job,
)
from ecommerce_assets_tests.browser.lakehouse import Lakehouse
from ecommerce_assets_tests.pipeline.tables import contents, differing

pytestmark = pytest.mark.full  # minutes

MONTHS = [date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)]
RANGE, EVENTS, LONG_S = "2019-10:2019-12", 1_000, 1_200.0


def running_steps(dev: DagsterDev) -> set[str]:
    """The steps that runs which are not over have begun."""
    asked = dev.ask(
        "{runsOrError(filter: {statuses: [STARTED]}) {... on Runs {results {"
        "stepStats {stepKey startTime endTime}}}}}"
    )
    return {
        step["stepKey"]
        for run in asked["runsOrError"]["results"]
        for step in run["stepStats"]
        if step["startTime"] and not step["endTime"]
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    made = Lakehouse(tmp_path_factory.mktemp("undisturbed"), RANGE, EVENTS, "sample")
    done = made.command("backfill", "cosmetics")
    assert done.returncode == 0, done.stdout
    return made


@pytest.mark.parametrize(
    "step", ["cosmetics__lake__events", "cosmetics_monthly_models", "models_to_copy_of_cosmetics"]
)
def test_a_killed_backfill_that_is_started_again_ends_in_the_same_tables(
    step: str, tmp_path: Path, undisturbed: Lakehouse
) -> None:
    shop = Lakehouse(tmp_path, RANGE, EVENTS, "sample")
    with dagster_dev(shop) as dev:
        backfill_group(dev, "cosmetics", MONTHS)
        wait_for(f"the step {step}", lambda: step in running_steps(dev), LONG_S)
        dev.kill()
    with dagster_dev(shop) as dev:
        known = runs_of_job(dev, "finish_cosmetics")
        assert ended_backfill(dev, backfill_group(dev, "cosmetics", MONTHS), LONG_S)
        assert next_run_of_job(dev, "finish_cosmetics", known, LONG_S).status == "SUCCESS"
    assert (
        differing(
            contents(shop.home / "warehouse.duckdb"),
            contents(undisturbed.home / "warehouse.duckdb"),
        )
        == {}
    )
    assert (
        differing(
            contents(shop.home / "published.duckdb"),
            contents(undisturbed.home / "published.duckdb"),
        )
        == {}
    )


def test_a_killed_job_that_is_started_again_ends_in_the_same_tables(
    tmp_path: Path, undisturbed: Lakehouse
) -> None:
    """The domain's own job, whose runs go on in its process."""
    shop = Lakehouse(tmp_path, RANGE, EVENTS, "sample")
    with dagster_dev(shop) as dev:
        launch_job(dev, "backfill_cosmetics", {})
        wait_for("its models", lambda: "cosmetics_monthly_models" in running_steps(dev), LONG_S)
        dev.kill()
    with dagster_dev(shop) as dev:
        known = runs_of_job(dev, "backfill_cosmetics")
        launch_job(dev, "backfill_cosmetics", {})
        assert next_run_of_job(dev, "backfill_cosmetics", known, LONG_S).status == "SUCCESS"
    assert (
        differing(
            contents(shop.home / "published.duckdb"),
            contents(undisturbed.home / "published.duckdb"),
        )
        == {}
    )
