"""Every domain in Dagster: its assets, jobs, sensors, schedules, models and outputs.

Belongs here: the one loop over the registry. Stays out: how each of them is made (`loading/`,
`dbt/`, `outputs.py`), and any domain by name.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ecommerce_assets.defs.dbt.assets import monthly_models, unpartitioned_models
from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.defs.loading.jobs import load_job
from ecommerce_assets.defs.loading.schedules import due_schedule
from ecommerce_assets.defs.loading.sensors import source_sensor
from ecommerce_assets.defs.outputs import output_asset
from ecommerce_assets.defs.shared.partitions import monthly_partitions, own_partitions
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.settings import Settings, load_settings


@dg.definitions
def domains() -> dg.Definitions:
    """The definitions of all domains."""
    settings = load_settings()
    return dg.Definitions.merge(*(_of(domain, settings) for domain in DOMAINS.values()))


def _of(domain: Domain, settings: Settings) -> dg.Definitions:
    months = monthly_partitions(domain, settings)
    own = [(table, own_partitions(table)) for table in domain.apart]
    tables = [*((table, months) for table in domain.tables), *own]
    loading = [asset for table, part in tables for asset in loading_assets(table, part)]
    outputs = [output_asset(domain, output, months) for output in domain.outputs]
    return dg.Definitions(
        assets=[*loading, monthly_models(domain, months), unpartitioned_models(domain), *outputs],
        jobs=[load_job(table, months) for table in domain.tables],
        sensors=list(_sensors(domain)),
        schedules=[due_schedule(domain, table) for table in domain.tables if table.due],
    )


def _sensors(domain: Domain) -> Iterator[Any]:
    for table in domain.tables:
        for watch in table.watches:
            yield source_sensor(domain, table, watch)
