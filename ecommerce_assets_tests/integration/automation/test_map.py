"""The one map of all automations: complete, as the definitions have it, and as the docs show it."""

from __future__ import annotations

import dagster as dg
import pytest

from ecommerce_assets.defs.ops.automations import AUTOMATIONS, follow_updated_months
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.settings import ENVIRONMENTS, Settings
from ecommerce_assets_tests.integration.automation.ticks import table_in_docs


def test_the_map_names_exactly_the_schedules_and_sensors_there_are(
    definitions: dg.Definitions,
) -> None:
    repository = definitions.get_repository_def()
    found = [each.name for each in (*repository.schedule_defs, *repository.sensor_defs)]
    assert sorted(found) == sorted(AUTOMATIONS)


def test_a_default_status_comes_from_the_map(definitions: dg.Definitions) -> None:
    repository, settings = definitions.get_repository_def(), Settings()
    for each in (*repository.schedule_defs, *repository.sensor_defs):
        running = each.default_status.value == "RUNNING"
        assert running == AUTOMATIONS[each.name].is_on(settings), each.name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_on(environment: str) -> None:
    on = {name for name, each in AUTOMATIONS.items() if each.is_on(Settings(env=environment))}
    assert (
        on
        == {
            "local": {"finish_backfills"},
            "dev": {
                "finish_backfills",
                "follow_updated_months",
                "check_upkeep_daily",
                "send_alerts",
            },
            "prod": set(AUTOMATIONS),
        }[environment]
    )


def test_alerts_are_on_in_local_where_an_address_is_set() -> None:
    settings = Settings(alert_urls="json://127.0.0.1")
    on = [name for name, each in AUTOMATIONS.items() if each.is_on(settings)]
    assert on == ["finish_backfills", "send_alerts"]


def test_a_month_is_a_run_of_its_own() -> None:
    assert not follow_updated_months.emit_backfills


def test_the_docs_show_the_map() -> None:
    """A domain that `ecommerce new-source` added says of itself what it does."""
    added = {each.name for d in DOMAINS.values() if not d.simulated for each in d.automations()}
    lines = ["| automation | what it does | local | dev | prod |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {each.does} | {each.local.value} | {each.dev.value} | {each.prod.value} |"
        for name, each in AUTOMATIONS.items()
        if name not in added
    ]
    table = "\n".join(lines)
    assert table_in_docs("map", table) == table
