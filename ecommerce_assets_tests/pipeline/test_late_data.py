"""A month that comes again: what changed is counted, and exactly what depends on it is rebuilt."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import FULL, KILLED, MONTHS, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import Content, content, contents, differing, query

#: The month that comes again, chosen so that some month is neither it nor a neighbour.
LATE = MONTHS[1] if FULL else MONTHS[0]
TOUCHED, UNTOUCHED = (MONTHS[:3], MONTHS[3:]) if FULL else (MONTHS[:2], MONTHS[2:])
LAYERS = ("staging", "intermediate", "marts")
Edit = Callable[[list[str]], list[str]]


def deliver_again(shop: Shop, edit: Edit, method: int = zipfile.ZIP_DEFLATED) -> None:
    """Put the month's file into the landing folder anew, its lines edited."""
    (path,) = [p for p in shop.landing.iterdir() if f"{LATE:%Y-%b}" in p.name]
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        header, *lines = archive.read(name).decode().splitlines()
    text = "\n".join([header, *edit(lines)]) + "\n"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, text)


def late(lines: list[str]) -> list[str]:
    """Three rows less, five altered, seven more."""
    kept = lines[3:]
    for place in range(5):
        cells = kept[place].split(",")
        cells[5], cells[6] = "another-brand", "777.77"
        kept[place] = ",".join(cells)
    for number in range(7):
        cells = kept[100 + number].split(",")
        cells[2] = str(9_000_000 + number)
        kept.append(",".join(cells))
    return kept


def same(lines: list[str]) -> list[str]:
    return lines


def turned(lines: list[str]) -> list[str]:
    """The same rows; two that lie in different seconds change places."""
    return [lines[-1], *lines[1:-1], lines[0]]


@pytest.fixture
def loaded(tmp_path: Path, reference: Reference) -> Shop:
    """A copy of the reference that takes its months from the landing folder from now on.

    The files are the same, so the months are loaded again and no model is built.
    """
    shop = Shop(tmp_path / "home", {"ECOMMERCE_SOURCE": "files"})
    shutil.copytree(reference.shop.home, shop.home, dirs_exist_ok=True)
    shop.land(reference.files)
    built = shop.statuses("models")
    shop.ok("backfill", "cosmetics")
    assert shop.statuses("models") == built
    return shop


def materialised(shop: Shop) -> dict[str, int]:
    """The newest event of each partition of each asset in Dagster's log."""
    with shop._instance() as instance:
        records: Any = instance.fetch_materializations
        found = {}
        for key in instance.all_asset_keys():
            for record in records(key, limit=1000).records:
                name = f"{'/'.join(key.path)} {record.partition_key or ''}".strip()
                found[name] = max(found.get(name, 0), record.storage_id)
    return found


def touched_since(shop: Shop, log: dict[str, int]) -> set[str]:
    return {name for name, event in materialised(shop).items() if log.get(name) != event}


def parquet(shop: Shop) -> dict[Path, tuple[int, int]]:
    files = (shop.home / "lake" / "cosmetics").rglob("*.parquet")
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def marts_of(shop: Shop, months: list[date]) -> dict[str, Content]:
    """The rows of these months in every table that is replaced month by month."""
    manifest = json.loads(manifest_path().read_text())
    models = {
        f"{node['schema']}.{node['name']}": node["config"]["event_time"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and "cosmetics" in node["fqn"]
        and "monthly" in node["tags"]
        and node["config"]["materialized"] == "incremental"
    }
    chosen = ", ".join(f"'{month:%Y-%m}'" for month in months)
    return {
        table: content(shop.warehouse, f"from {table} where strftime({at}, '%Y-%m') in ({chosen})")
        for table, at in models.items()
    }


def ledger_since(shop: Shop, count: int) -> list[tuple[str, str, str]]:
    rows = Ledger(shop.lake).rows()[count:]
    return sorted((row.step, row.key.words, row.status) for row in rows)


def assets(shop: Shop, *, monthly: bool) -> set[str]:
    """The models in Dagster's log, those with partitions or those without."""
    names = [name for name in materialised(shop) if name.split("/")[1] in LAYERS]
    found = {name.split(" ")[0] for name in names if (" " in name) == monthly}
    return found - {"ops/marts/backfill_plan"}


def test_a_late_month_rebuilds_itself_its_neighbours_and_what_looks_at_all_months(
    loaded: Shop, tmp_path: Path
) -> None:
    log, files, marts = materialised(loaded), parquet(loaded), marts_of(loaded, UNTOUCHED)
    rows = len(Ledger(loaded.lake).rows())
    deliver_again(loaded, late)

    output = loaded.ok("backfill", "cosmetics")

    assert ledger_since(loaded, rows) == sorted(
        [(step, month_text(MONTHS[0]), "loaded") for step in ("backfill", "copy")]
        + [(step, month_text(LATE), "loaded") for step in ("files", "lake", "raw")]
        + [("models", month_text(month), "loaded") for month in TOUCHED]
        + [("history", month_text(MONTHS[-1]), "loaded")]
    )
    expected = {f"cosmetics/{layer}/events {LATE}" for layer in ("files", "lake", "raw")}
    expected |= {f"{name} {month}" for name in assets(loaded, monthly=True) for month in TOUCHED}
    expected |= assets(loaded, monthly=False) | {"ops/marts/backfill_plan"}
    assert touched_since(loaded, log) == expected
    assert len(assets(loaded, monthly=True)) >= 8
    assert {path for path, stamp in parquet(loaded).items() if files[path] != stamp} == {
        path for path in files if f"={LATE}" in str(path)
    }
    assert len(marts) >= 8 and sum(found.rows > 0 for found in marts.values()) >= 8
    assert marts_of(loaded, UNTOUCHED) == marts
    assert "took" in output
    judged = json.loads(loaded.run("truths", "cosmetics", "--json", stderr=False).output)
    (counts,) = judged["counts"]
    assert (counts["stale"], counts["not_judged"], counts["differs"]) == (0, 0, 0)
    assert figures(loaded) == ("changed", 7, 3, 5)
    shown = [line.split() for line in loaded.ok("ledger", "--last", "12").splitlines()]
    assert any(line[-3:] == ["7", "3", "5"] for line in shown)
    fresh = Shop(tmp_path / "fresh", loaded.variables)
    fresh.land(loaded.landing.iterdir())
    fresh.ok("backfill", "cosmetics")
    assert differing(contents(loaded.warehouse), contents(fresh.warehouse)) == {}


LOAD = """
import sys
import dagster as dg
from ecommerce_assets.cli.opening import open_runner
from ecommerce_assets.settings import load_settings
keys = [dg.AssetKey(["cosmetics", layer, "events"]) for layer in ("files", "lake", "raw")]
failure = open_runner(load_settings()).run(keys, {}, partition_key=sys.argv[1])
assert failure is None, failure
"""


@pytest.mark.full  # `unit/planning/test_verdicts.py` holds the rule; this shows it in the commands
def test_figures_of_a_month_that_changed_are_stale_until_its_models_follow(
    reference: Reference, tmp_path: Path
) -> None:
    """As where a run is killed between the load and the models, or only loads were started."""
    shop = Shop(tmp_path / "home", {"ECOMMERCE_SOURCE": "files"})
    shutil.copytree(reference.shop.home, shop.home, dirs_exist_ok=True)
    shop.land(reference.files)
    deliver_again(shop, late)
    subprocess.run(
        [sys.executable, "-c", LOAD, f"{LATE}"], env=shop.environment, cwd=shop.home, check=True
    )

    truths, status = shop.run("truths", "cosmetics"), shop.run("status")

    assert (truths.code, status.code) == (ExitCode.INCOMPLETE, ExitCode.INCOMPLETE)
    assert f"(neighbour {month_text(LATE)} changed)" in truths.output
    assert "are met" not in truths.output and " stale" in status.output
    replay = shop.run("quarantine", "replay", "cosmetics")
    assert replay.code == ExitCode.INCOMPLETE, "there is nothing to replay, and something is stale"
    assert "Nothing to replay" in replay.output
    assert f"INCOMPLETE: cosmetics: models out of date: {month_text(LATE)}" in replay.output
    stored = dict(query(shop.warehouse, "select status, count(*) from ops.truths group by 1"))
    assert stored["stale"] > 0
    output = shop.ok("backfill", "cosmetics")
    assert re.search(r"cosmetics: all \d+ published or planted figures .* are met", output)
    assert shop.ok("truths", "cosmetics")


def figures(shop: Shop) -> tuple[Any, ...]:
    """What the newest row of the lake's step says was changed, in the warehouse's ledger."""
    ((*found,),) = query(
        shop.warehouse,
        "select change, rows_added, rows_removed, rows_altered from ops.load_ledger "
        "where step = 'lake' order by started_at desc limit 1",
    )
    return tuple(found)


def test_a_file_packed_anew_is_loaded_and_rebuilds_nothing(loaded: Shop) -> None:
    log, rows = materialised(loaded), len(Ledger(loaded.lake).rows())
    tables = contents(loaded.warehouse)
    deliver_again(loaded, same, zipfile.ZIP_STORED)

    loaded.ok("backfill", "cosmetics")

    assert touched_since(loaded, log) == {
        *(f"cosmetics/{layer}/events {LATE}" for layer in ("files", "lake", "raw")),
        "ops/marts/backfill_plan",
        "ops/marts/truths",  # a month was loaded again, so its figures are judged again
    }
    assert {step for step, *_ in ledger_since(loaded, rows)} == {"backfill", "files", "lake", "raw"}
    assert figures(loaded) == ("same", 0, 0, 0)
    assert differing(contents(loaded.warehouse), tables) == {}


@pytest.mark.full
def test_rows_in_another_order_are_no_change_and_are_rebuilt(loaded: Shop) -> None:
    log = materialised(loaded)
    deliver_again(loaded, turned)

    loaded.ok("backfill", "cosmetics")

    assert figures(loaded) == ("reordered", 0, 0, 0)
    assert "0 (reordered)" in loaded.ok("ledger", "--last", "12")
    models = {name for name in touched_since(loaded, log) if "/staging/" in name}
    assert models == {f"cosmetics/staging/stg_cosmetics__events {month}" for month in TOUCHED}


@pytest.mark.full  # a minute
def test_killed_between_publication_and_ledger_the_changes_are_not_lost(loaded: Shop) -> None:
    deliver_again(loaded, late)
    done = loaded.run("backfill", "cosmetics", kill_at="after_parquet")
    assert done.code == KILLED, done.output
    assert loaded.statuses("lake")[-1] == "interrupted"

    loaded.ok("backfill", "cosmetics")

    assert loaded.statuses("lake")[-1] == "unchanged"
    assert figures(loaded) == ("changed", 7, 3, 5)
    with loaded._instance() as instance:
        key = ["cosmetics", "lake", "events"]
        event = instance.get_latest_materialization_event(dg.AssetKey(key))
        metadata = event.asset_materialization.metadata
    assert [metadata[f"rows_{what}"].value for what in ("added", "removed", "altered")] == [7, 3, 5]
    assert "other rows" in metadata["change"].value
