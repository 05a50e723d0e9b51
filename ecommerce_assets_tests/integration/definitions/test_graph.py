"""The graph of assets is the one in `graph.json`, so that a change of it is seen in a diff.

`ECOMMERCE_WRITE_DOCS=1` writes the file as the definitions are now.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.domains.registry import DOMAINS

SNAPSHOT = Path(__file__).with_name("graph.json")
WRITE_DOCS = bool(os.environ.get("ECOMMERCE_WRITE_DOCS"))
Part = dict[str, dict[str, Any]]


def assets(definitions: dg.Definitions) -> Part:
    """Each asset with what Dagster decides by; not its texts, nor the versions of its code."""
    graph = definitions.resolve_asset_graph()
    deps = {spec.key: spec.deps for spec in definitions.resolve_all_asset_specs()}
    found = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        found[name_of(key)] = {
            "group": node.group_name,
            "owners": sorted(node.owners),
            "kinds": sorted(node.kinds),
            "tags": {k: v for k, v in sorted(node.tags.items()) if not k.startswith("dagster/")},
            "partitions": text_of(node.partitions_def),
            "backfill": text_of(node.backfill_policy),
            "condition": condition_of(node.automation_condition, key),
            "pools": sorted(node.pools or ()),
            "table": node.metadata.get("dagster/table_name"),
            "deps": {name_of(dep.asset_key): mapping_of(dep) for dep in deps.get(key, ())},
        }
    return found


def checks(definitions: dg.Definitions) -> Part:
    """The checks of each asset: whether one stops what follows, and its partitions."""
    graph = definitions.resolve_asset_graph()
    found: Part = {}
    for key in sorted(graph.asset_check_keys, key=str):
        node = graph.get(key)
        text = "blocking" if node.blocking else "not blocking"
        if node.partitions_def is not None:
            text += f", {text_of(node.partitions_def)}"
        found.setdefault(name_of(key.asset_key), {})[key.name] = text
    return found


def jobs(definitions: dg.Definitions) -> Part:
    """The jobs that people and automations start, with the assets of each."""
    repository = definitions.get_repository_def()
    return {
        job.name: {
            "assets": sorted(name_of(key) for key in job.asset_layer.selected_asset_keys),
            "partitions": text_of(job.partitions_def),
        }
        for job in repository.get_all_jobs()
        if job.name != "__ASSET_JOB"
    }


def sensors(definitions: dg.Definitions) -> Part:
    """What looks by itself, how often, and what it starts."""
    return {
        sensor.name: {
            "kind": sensor.sensor_type.value,
            "every_s": sensor.minimum_interval_seconds,
            "jobs": sorted(target.job_name for target in sensor.targets or ()),
            "status": sensor.default_status.value,
        }
        for sensor in definitions.get_repository_def().sensor_defs
    }


def schedules(definitions: dg.Definitions) -> Part:
    """What runs by the clock."""
    return {
        schedule.name: {
            "job": schedule.job_name,
            "cron": schedule.cron_schedule,
            "zone": schedule.execution_timezone,
            "status": schedule.default_status.value,
        }
        for schedule in definitions.get_repository_def().schedule_defs
    }


PARTS = {
    "assets": assets,
    "checks": checks,
    "jobs": jobs,
    "sensors": sensors,
    "schedules": schedules,
}


def name_of(key: dg.AssetKey) -> str:
    return "/".join(key.path)


def text_of(thing: object | None) -> str | None:
    if isinstance(thing, dg.TimeWindowPartitionsDefinition):
        end = f"to {thing.end:%Y-%m-%d}" if thing.end else f"offset {thing.end_offset}"
        return f"{thing.cron_schedule} from {thing.start:%Y-%m-%d} {end}"
    return None if thing is None else str(thing)


def mapping_of(dep: dg.AssetDep) -> str:
    mapping = dep.partition_mapping
    return "same partitions" if mapping is None else type(mapping).__name__


def condition_of(condition: dg.AutomationCondition[Any] | None, key: dg.AssetKey) -> str | None:
    """The condition's label and a hash of all its parts, whose full text is long."""
    if condition is None:
        return None
    parts = dg.serialize_value(condition)
    return f"{condition.get_label()} ({hashlib.sha256(parts.encode()).hexdigest()[:8]})"


def said(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without what is empty."""
    return {name: value for name, value in entry.items() if value not in (None, [], {})}


def written(graph: Mapping[str, Part]) -> str:
    """JSON with a line for each asset, asset's checks, job, sensor and schedule."""
    parts = []
    for name, entries in graph.items():
        lines = [f"    {json.dumps(k)}: {json.dumps(said(v))}" for k, v in sorted(entries.items())]
        parts.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def without(strangers: set[str], thing: Any) -> Any:
    """The thing without the parts that are called after a domain of these."""

    def is_strange(name: Any) -> bool:
        return isinstance(name, str) and bool(strangers & set(re.split(r"[/_]", name)))

    if isinstance(thing, dict):
        return {k: without(strangers, v) for k, v in thing.items() if not is_strange(k)}
    if isinstance(thing, list):
        return [each for each in thing if not is_strange(each)]
    return thing


@pytest.fixture(scope="module")
def kept(definitions: dg.Definitions) -> dict[str, Part]:
    if WRITE_DOCS:
        graph = {name: part(definitions) for name, part in PARTS.items()}
        SNAPSHOT.write_text(written(graph), encoding="utf-8")
    loaded: dict[str, Part] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("part", PARTS)
def test_the_graph_is_the_one_that_is_kept(
    part: str, definitions: dg.Definitions, kept: dict[str, Part]
) -> None:
    """Domains that `ecommerce new-source` added are looked at once the file is written again."""
    strangers = DOMAINS.keys() - {name.partition("/")[0] for name in kept["assets"]}
    found = without(strangers, PARTS[part](definitions))
    now = {name: said(entry) for name, entry in found.items()}
    assert sorted(now) == sorted(kept[part])
    differing = {
        name: {"now": entry, "kept": kept[part][name]}
        for name, entry in now.items()
        if entry != kept[part][name]
    }
    assert differing == {}
