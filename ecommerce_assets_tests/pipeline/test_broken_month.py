"""One month's file is broken: it fails alone, is named, and heals alone."""

from __future__ import annotations

import json
import shutil

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import MONTHS, Done, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import contents, differing, query

#: In the reduced suite a month breaks in the UI (`browser/`) and in a sensor's run
#: (`integration/automation/`).
pytestmark = pytest.mark.full
BROKEN = MONTHS[1]
HTML = b"<!DOCTYPE html><html><body>Sign in to continue</body></html>\n"


@pytest.fixture(scope="module")
def run(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Done]:
    """A backfill over files of which the second is a web page under the name of an archive."""
    shop = Shop(tmp_path_factory.mktemp("broken") / "home", {"ECOMMERCE_SOURCE": "files"})
    shop.land(reference.files)
    broken_file(shop).write_bytes(HTML)
    return shop, shop.run("backfill", "cosmetics")


def broken_file(shop: Shop):  # noqa: ANN201
    return next(shop.landing.glob(f"{BROKEN:%Y-%b}.csv*"))


def test_the_message_names_month_file_and_cure(run: tuple[Shop, Done]) -> None:
    shop, done = run

    assert done.code == 1
    assert "Traceback" not in done.output
    (line,) = [line for line in done.output.splitlines() if "failed:" in line]
    assert line.startswith(f"{month_text(BROKEN)} failed:")
    assert broken_file(shop).name in line
    assert "what to do:" in line


def test_the_other_months_are_in_the_marts(run: tuple[Shop, Done], reference: Reference) -> None:
    shop, _ = run
    months = query(
        shop.home / "published.duckdb",
        "select distinct cast(event_month as date) from cosmetics_marts.agg_daily_traffic "
        "order by 1",
    )
    assert months == [(month,) for month in MONTHS if month != BROKEN]


def test_dagster_names_exactly_that_month_as_failed(run: tuple[Shop, Done]) -> None:
    shop, _ = run

    expected = {f"{month}": "MATERIALIZED" for month in MONTHS} | {f"{BROKEN}": "FAILED"}
    assert shop.partitions("lake") == expected
    assert shop.open_runs() == []
    status = shop.run("status")
    assert status.code == ExitCode.FAILED
    assert f"cosmetics.events {month_text(BROKEN)}, lake: failed" in status.output
    assert f"FAILED: cosmetics: failed months: {month_text(BROKEN)}" in status.output
    document = json.loads(shop.run("status", "--json", stderr=False).output)
    (failure,) = document["domains"][0]["failures"]
    assert (failure["month"], failure["step"]) == (month_text(BROKEN), "lake")


def test_a_run_of_that_month_alone_completes_the_set(
    run: tuple[Shop, Done], reference: Reference
) -> None:
    shop, _ = run
    good = next(path for path in reference.files if path.name == broken_file(shop).name)
    shutil.copyfile(good, broken_file(shop))

    month = month_text(BROKEN)
    shop.ok("backfill", "cosmetics", "--from", month, "--to", month)

    assert differing(contents(shop.warehouse), reference.tables) == {}
    assert set(shop.partitions("lake").values()) == {"MATERIALIZED"}
    assert "failed" not in shop.ok("status")
