"""`ecommerce verify` compares what is loaded with a full rebuild, and says what it left out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.shop import KILLED, Shop
from ecommerce_assets_tests.pipeline.test_kills_at_random import (
    SEED,
    killed_after,
    moments,
    seconds_of,
)
from ecommerce_assets_tests.pipeline.test_listings import ENVELOPE

MART = "retail_marts.agg_retail_sales_daily"


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The retail shop alone, without its second sources, as the demo leaves it."""
    home = tmp_path_factory.mktemp("verify") / "home"
    months = {"ECOMMERCE_RETAIL_MONTHS": "2011-10:2011-11", "ECOMMERCE_SAMPLE_INVOICE_LINES": "600"}
    shop = Shop(home, months)
    shop.ok("demo", "retail")
    return shop


@pytest.fixture
def damaged(retail: Shop, tmp_path: Path) -> Shop:
    """The same, with one changed value in one mart."""
    shop = Shop(tmp_path / "home", retail.variables)
    shutil.copytree(retail.home, shop.home, dirs_exist_ok=True)
    with duckdb.connect(str(shop.warehouse)) as db:
        (day,) = db.execute(f"select min(sales_date) from {MART}").fetchall()
        db.execute(f"update {MART} set gross_sales = gross_sales + 0.01 where sales_date = ?", day)
    return shop


def test_a_changed_value_is_noticed_where_one_domain_with_one_source_is_loaded(
    damaged: Shop,
) -> None:
    done = damaged.run("verify")

    assert done.code == ExitCode.FAILED, done.output
    assert "Traceback" not in done.output
    shown = [line for line in done.output.splitlines() if line.startswith(MART)]
    assert any(line.split()[-2:] == ["1", "1"] for line in shown), "in the table"
    assert any("1 too many, 1 missing" in line for line in shown), "in words"
    assert "1 of " in done.output and "tables differ" in done.output
    for name in ("cosmetics", "electronics"):
        assert f"{name} is left out: nothing of it is loaded" in done.output


def everything(shop: Shop) -> dict[str, bytes]:
    """The content of all that a comparison only reads."""
    files = [shop.warehouse, shop.home / "published.duckdb"]
    lake = [path for path in (shop.home / "lake").rglob("*") if ".staging" not in path.parts]
    return {str(path): path.read_bytes() for path in [*files, *lake] if path.is_file()}


@pytest.mark.full  # minutes
def test_killed_at_places_and_at_random_it_goes_through_again_and_changes_nothing(
    retail: Shop,
) -> None:
    before = everything(retail)
    seconds = seconds_of(lambda: retail.ok("verify"))
    for point in ("dbt:group:create view.*stg_retail", "dbt:parent:create .*table.*retail_marts"):
        done = retail.run("verify", kill_at=point)
        assert done.code == KILLED, done.output
        assert everything(retail) == before, point
    for moment in moments(seconds):
        killed_after(retail.start("verify"), moment)
        assert everything(retail) == before, f"killed after {moment:.2f} s, seed {SEED}"

    assert "equal a full rebuild" in retail.ok("verify")

    assert everything(retail) == before
    left = [path for path in (retail.home / "lake" / ".staging").rglob("*") if path.is_file()]
    assert left == []
    assert retail.open_runs() == []


def test_its_document_says_what_its_table_says(retail: Shop, damaged: Shop) -> None:
    whole = retail.run("verify", "--json", stderr=False)
    differing = damaged.run("verify", "--json", stderr=False)

    good, bad = json.loads(whole.output), json.loads(differing.output)
    assert set(good) == ENVELOPE | {"damaged_files", "tables", "differing", "left_out"}
    assert (good["command"], good["exit_code"], whole.code) == ("verify", 0, ExitCode.OK)
    assert good["damaged_files"] == [] and good["differing"] == 0
    assert good["left_out"] == dict.fromkeys(
        ("cosmetics", "electronics"), "nothing of it is loaded"
    )
    assert len(good["tables"]) > 10 and all(each["equal"] for each in good["tables"])
    assert (bad["exit_code"], differing.code) == (ExitCode.FAILED, ExitCode.FAILED)
    assert bad["differing"] == 1
    (table,) = [each for each in bad["tables"] if not each["equal"]]
    assert (table["table"], table["surplus"], table["missing"]) == (MART, 1, 1)
    assert table["rows"] == table["rows_expected"]


def test_its_document_names_a_damaged_file(damaged: Shop) -> None:
    (parquet, *_) = sorted((damaged.home / "lake" / "retail").rglob("*.parquet"))
    content = bytearray(parquet.read_bytes())
    content[len(content) // 2] ^= 0xFF
    parquet.chmod(0o644)
    parquet.write_bytes(content)

    done = damaged.run("verify", "--json", stderr=False)

    (found,) = json.loads(done.output)["damaged_files"]
    assert done.code == ExitCode.FAILED
    assert found["dataset"].startswith("retail.") and found["cure"]


@pytest.mark.full
def test_a_domain_out_of_date_is_left_out_and_makes_it_incomplete(retail: Shop) -> None:
    retail.ok("backfill", "electronics", ECOMMERCE_ELECTRONICS_MONTHS="2020-03:2020-03")
    with duckdb.connect(str(retail.warehouse)) as db:
        db.execute("delete from ops.build_state where name like 'electronics%'")

    done = retail.run("verify", ECOMMERCE_ELECTRONICS_MONTHS="2020-03:2020-03")

    assert done.code == ExitCode.INCOMPLETE, done.output
    assert "electronics is left out: models of 2020-03 are out of date" in done.output
