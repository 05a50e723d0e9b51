"""The code location: loads everything under `defs/` and gives it the shared resources.

Nothing is listed by hand: an asset, check, job or schedule exists because its module does.
"""

import warnings
from pathlib import Path

import dagster as dg

# Dagster makes a sensor of several jobs again and warns of an argument that nobody gave.
warnings.filterwarnings("ignore", "Parameter `owners` of .*SensorDefinition", dg.BetaWarning)


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions of the lakehouse; loading needs no credential and opens nothing."""
    from ecommerce_assets.dbt.project import ensure_manifest
    from ecommerce_assets.defs.shared.conditions import with_comparable_version
    from ecommerce_assets.defs.shared.resources import shared_definitions

    ensure_manifest()
    with warnings.catch_warnings():
        for early in (dg.BetaWarning, dg.PreviewWarning):  # code links are beta in Dagster 1.13
            warnings.simplefilter("ignore", early)
        # Of the folder alone: `load_from_defs_folder` also imports and describes the components
        # of every installed library, a sixth of the start, and nothing below keeps that.
        loaded = dg.ComponentTree.for_project(Path(__file__).parent).build_defs(Path())
        linked = dg.with_source_code_references([*(loaded.assets or [])])
    versioned = [
        each.map_asset_specs(with_comparable_version)
        if isinstance(each, dg.AssetsDefinition)
        else each
        for each in linked
    ]
    with_links = dg.Definitions(
        assets=versioned,
        asset_checks=loaded.asset_checks,
        jobs=loaded.jobs,
        schedules=loaded.schedules,
        sensors=loaded.sensors,
    )
    return dg.Definitions.merge(with_links, shared_definitions())
