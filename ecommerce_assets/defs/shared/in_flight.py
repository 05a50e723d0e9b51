"""Which months runs are working on now, whoever started them: UI, sensor, schedule or command.

Belongs here: reading that from Dagster's runs. Stays out: what follows from it.
"""

from collections.abc import Collection
from datetime import date

import dagster as dg

from ecommerce_assets.lib.months import months_between
from ecommerce_assets.runs.processes import NOT_FINISHED, close_orphans
from ecommerce_assets.runs.tags import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG


def months_of_run(run: dg.DagsterRun) -> list[date]:
    """The months of a run, by its tags; none for a run without partitions."""
    if RANGE_START_TAG in run.tags:
        first, last = run.tags[RANGE_START_TAG], run.tags[RANGE_END_TAG]
        return months_between(date.fromisoformat(first), date.fromisoformat(last))
    month = run.tags.get(PARTITION_TAG)
    return [date.fromisoformat(month)] if month else []


def months_in_flight(
    instance: dg.DagsterInstance, assets: Collection[dg.AssetKey], job: str
) -> set[date]:
    """The months for which a queued or running run makes one of the assets.

    Runs of killed commands are closed first: nobody else would, and their months would wait.

    Args:
        instance: knows the runs.
        assets: a run that selects one of them counts.
        job: a run of the whole of this job counts, too.
    """
    close_orphans(instance)
    found: set[date] = set()
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=NOT_FINISHED)):
        if (run.asset_selection or set()) & set(assets) or (
            run.job_name == job and not run.asset_selection
        ):
            found.update(months_of_run(run))
    return found
