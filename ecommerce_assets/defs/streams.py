"""Every stream in Dagster: its topics, its drain, its job and its sensor.

Belongs here: the one loop over the registry. Stays out: how each of them is made (`stream/`), and
any domain by name.
"""

import dagster as dg

from ecommerce_assets.defs.stream.assets import drain_asset, topic_specs
from ecommerce_assets.defs.stream.sensors import drain_job, lag_sensor
from ecommerce_assets.domains.registry import STREAMS, StreamDomain


@dg.definitions
def streams() -> dg.Definitions:
    """The definitions of all streams."""
    return dg.Definitions.merge(*(_of(domain) for domain in STREAMS.values()))


def _of(domain: StreamDomain) -> dg.Definitions:
    return dg.Definitions(
        assets=[*topic_specs(domain), drain_asset(domain)],
        jobs=[drain_job(domain)],  # type: ignore[list-item]
        sensors=[lag_sensor(domain)],
    )
