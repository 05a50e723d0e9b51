"""The monthly schedule over several ticks, with real runs of its job."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets_tests.integration.automation.source_ticks import (
    DEC,
    MONTHS,
    OCT,
    Ticks,
    drop,
)

NAME, LOAD = "load_newest_cosmetics_month", "load_cosmetics_month"


def due(landing: Ticks, day: str) -> Any:
    """Let the schedule tick on a day."""
    with dg.build_schedule_context(
        instance=landing.instance,
        scheduled_execution_time=datetime.fromisoformat(f"{day}T06:00:00").replace(tzinfo=UTC),
        resources={"lakehouse": Lakehouse()},
        repository_def=landing.definitions.get_repository_def(),
    ) as context:
        return landing.definitions.resolve_schedule_def(NAME).evaluate_tick(context)


def test_the_schedule_asks_for_the_newest_month_that_is_not_loaded_until_none_is_left(
    landing: Ticks, folder: Path
) -> None:
    for month in MONTHS:
        drop(folder, month)
    asked = []
    for _ in range(2):
        (request,) = due(landing, "2019-12-02").run_requests
        asked.append((request.partition_key, request.job_name or LOAD))
        assert landing.load(request.partition_key[:7])
    assert asked == [("2019-11-01", LOAD), ("2019-10-01", LOAD)]
    nothing = due(landing, "2019-12-02")
    assert not nothing.run_requests
    assert "every month that has ended is loaded, 2019-10 to 2019-11" in nothing.skip_message
    run = landing.start(DEC)
    in_flight = due(landing, "2020-01-02")
    assert in_flight.skip_message == "a run is loading 2019-12"
    landing.instance.report_run_failed(run)
    (request,) = due(landing, "2020-01-02").run_requests
    assert request.partition_key == "2019-12-01"
    assert request.run_key == "2019-12-01 due 2020-01-02"


def test_a_load_that_broke_off_before_the_raw_table_is_due_still(
    landing: Ticks, folder: Path
) -> None:
    drop(folder, OCT)
    keys = [dg.AssetKey(["cosmetics", layer, "events"]) for layer in ("files", "lake")]
    job = landing.definitions.resolve_implicit_global_asset_job_def()
    job.execute_in_process(
        instance=landing.instance, asset_selection=keys, partition_key="2019-10-01"
    )
    (request,) = due(landing, "2019-11-02").run_requests
    assert request.partition_key == "2019-10-01"
