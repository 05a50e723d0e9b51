"""Everything that runs by itself, by name: what it does, and where it is on.

Belongs here: the one map, which gives every schedule and sensor its default status, and the sensor
that evaluates the conditions. Stays out: which of them a domain has (`domains/<domain>/`), and what
each of them decides (`lib/automation/decisions.py`, `defs/shared/conditions.py`). A test holds the
map to be complete, and the table of docs/automation.md to be the map.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import dagster as dg

from ecommerce_assets.domains.registry import DOMAINS, STREAMS
from ecommerce_assets.settings import Settings, load_settings


class Where(Enum):
    """Whether an automation is on in an environment, before anybody switches it in the UI."""

    ON = "on"
    OFF = "off"
    WITH_ADDRESS = "on with an address"


@dataclass(frozen=True)
class Automation:
    """One schedule or sensor."""

    does: str
    local: Where
    dev: Where
    prod: Where

    def is_on(self, settings: Settings) -> bool:
        """Whether it is on in the environment of these settings."""
        where: Where = getattr(self, settings.env)
        if where is Where.WITH_ADDRESS:
            return settings.alert_urls is not None
        return where is Where.ON


ON, OFF = Where.ON, Where.OFF

#: What all domains share. Off in `local`, where a run that nobody asked for would surprise; a
#: backfill that somebody started is brought to its end. In `dev` nothing loads by itself, and what
#: somebody loads is followed.
SHARED: Mapping[str, Automation] = {
    "finish_backfills": Automation(
        "Every 30 seconds, looks whether a backfill over partitions has ended: then builds once "
        "what its months made due, up to the truths and the readers' copy.",
        local=ON,
        dev=ON,
        prod=ON,
    ),
    "follow_updated_months": Automation(
        "Every 30 seconds, evaluates the models' conditions: what depends on an updated month is "
        "built, up to the readers' copy.",
        local=OFF,
        dev=ON,
        prod=ON,
    ),
    "check_upkeep_daily": Automation(
        "At 07:00 UTC, checks that no month is left failed or stale and that no mart lags.",
        local=OFF,
        dev=ON,
        prod=ON,
    ),
    "compare_with_full_rebuild": Automation(
        "On Sundays, 03:00 UTC, builds all models once more and compares every table.",
        local=OFF,
        dev=OFF,
        prod=ON,
    ),
    "clear_staging_area": Automation(
        "On Sundays, 04:00 UTC, removes from the lake's staging area what nothing needs any more.",
        local=OFF,
        dev=OFF,
        prod=ON,
    ),
    "send_alerts": Automation(
        "Every minute, sends what failed to the addresses of ECOMMERCE_ALERT_URLS.",
        local=Where.WITH_ADDRESS,
        dev=ON,
        prod=ON,
    ),
}

#: Everything that runs by itself: what loads a domain's data, and what all domains share.
AUTOMATIONS: Mapping[str, Automation] = {
    **{
        each.name: Automation(each.does, local=OFF, dev=OFF, prod=ON)
        for domain in DOMAINS.values()
        for each in domain.automations()
    },
    **{
        domain.sensor: Automation(domain.does, local=OFF, dev=OFF, prod=ON)
        for domain in STREAMS.values()
    },
    **SHARED,
}


def schedule_status(name: str) -> dg.DefaultScheduleStatus:
    """The default status of a schedule of the map."""
    on = AUTOMATIONS[name].is_on(load_settings())
    return dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED


def sensor_status(name: str) -> dg.DefaultSensorStatus:
    """The default status of a sensor of the map."""
    on = AUTOMATIONS[name].is_on(load_settings())
    return dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED


follow_updated_months = dg.AutomationConditionSensorDefinition(
    "follow_updated_months",
    target=dg.AssetSelection.all(),
    default_status=sensor_status("follow_updated_months"),
    minimum_interval_seconds=30,
    description=AUTOMATIONS["follow_updated_months"].does,
    # A run a month: a month whose models fail is failed by itself. A backfill would put a range
    # into one run, which dbt fails as a whole.
    emit_backfills=False,
)
