"""A domain whose models did not reach their end stays in the readers' copy as it was; others are
renewed, and the commands say of when each is.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.shop import KILLED, Shop
from ecommerce_assets_tests.pipeline.tables import Content, content, query

pytestmark = pytest.mark.full  # minutes

VARIABLES = {
    "ECOMMERCE_COSMETICS_MONTHS": "2019-10:2019-10",
    "ECOMMERCE_SAMPLE_EVENTS": "1000",
    "ECOMMERCE_RETAIL_MONTHS": "2011-10:2011-11",
    "ECOMMERCE_SAMPLE_INVOICE_LINES": "600",
}
#: The models over all months: those of the months were built again before.
POINT = "dbt:group:alter table.*agg_retail_sales_monthly__dbt_tmp.*rename"


def tables_of(copy: Path, domain: str) -> dict[str, Content]:
    """The tables and views that models of a domain made, with their content."""
    found = query(
        copy,
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in (?, ?)",
        f"{domain}_intermediate",
        f"{domain}_marts",
    )
    return {name: content(copy, f"from {name}") for (name,) in sorted(found)}


def times(copy: Path) -> dict[str, object]:
    return dict(query(copy, "select domain, as_of from ops.published_copy_domains"))


def test_a_domain_whose_build_was_cut_off_does_not_keep_the_others_old(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "home", VARIABLES)
    copy = shop.home / "published.duckdb"
    shop.ok("demo", "cosmetics", "retail")
    retail, before = tables_of(copy, "retail"), times(copy)
    assert len(retail) > 10 and before["cosmetics"] == before["retail"]

    done = shop.run("backfill", "retail", "--force", kill_at=POINT)
    assert done.code == KILLED, done.output
    output = shop.ok("backfill", "cosmetics", "--force")

    kept = "retail in the readers' copy is as of"
    assert kept in output
    after = times(copy)
    assert after["retail"] == before["retail"] and str(after["cosmetics"]) > str(after["retail"])
    assert tables_of(copy, "retail") == retail
    status = shop.run("status")
    assert status.code == ExitCode.FAILED, "the build that was killed"
    assert f"INCOMPLETE: {kept}" in status.output
    document = json.loads(shop.run("status", "--json", stderr=False).output)
    (said,) = [each for each in document["readers_copy"]["domains"] if each["why_kept"]]
    assert said["domain"] == "retail" and document["readers_copy"]["behind"] is None
    assert kept not in shop.ok("status", "cosmetics"), "it is asked for cosmetics alone"

    assert kept not in shop.ok("backfill", "retail")

    assert tables_of(copy, "retail") == retail
    assert str(times(copy)["retail"]) > str(after["cosmetics"])
    assert "All months of cosmetics, retail are there and up to date." in shop.ok("status")


def test_a_copy_that_is_older_than_the_warehouse_is_said(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "home", VARIABLES)
    shop.ok("backfill", "cosmetics")
    copy = shop.home / "published.duckdb"
    old = copy.read_bytes()
    shop.ok("backfill", "cosmetics", "--force")
    copy.unlink()
    copy.write_bytes(old)

    done = shop.run("status")

    assert done.code == ExitCode.INCOMPLETE
    assert f"INCOMPLETE: the readers' copy {copy} of " in done.output
    assert "older than the warehouse; any backfill renews it" in done.output
    assert "up to date" not in done.output
    shop.ok("backfill", "cosmetics")
    assert "All months of cosmetics are there and up to date." in shop.ok("status")
