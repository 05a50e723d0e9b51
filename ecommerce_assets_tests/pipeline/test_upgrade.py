"""A release that gives a monthly table other columns: all months have them, and back again.

The release is a copy of the checkout whose retail lines have one column more and one of another
type; both versions work on one home, each by its own command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets_tests.pipeline.shop import ROOT, Shop, finish

MODEL = Path("ecommerce_dbt/models/marts/retail/fct_retail_invoice_lines")
TABLE = "retail_marts.fct_retail_invoice_lines"
COMMAND = "from ecommerce_assets.cli.app import app; app()"
RETAIL = {"ECOMMERCE_RETAIL_MONTHS": "2011-08:2011-10", "ECOMMERCE_SAMPLE_INVOICE_LINES": "900"}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """The later version of the software."""
    folder = tmp_path / "release"
    leave_out = shutil.ignore_patterns("target", "logs", "__pycache__")
    for name in ("ecommerce_assets", "ecommerce_dbt"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    shutil.copy(ROOT / "pyproject.toml", folder)
    sql, declared = (folder / f"{MODEL}.{kind}" for kind in ("sql", "yml"))
    replace(
        sql,
        "        is_exact_duplicate,\n",
        "        cast(is_exact_duplicate as {{ type_int64() }}) as is_exact_duplicate,\n"
        "        length(country) as n_letters,\n",
    )
    before, _, after = declared.read_text().partition("      - name: is_exact_duplicate\n")
    after = after.replace("data_type: boolean", "data_type: bigint", 1)
    place = after.index("      - name: ")
    new = "      - name: n_letters\n        description: Letters of the country.\n"
    new += "        data_type: bigint\n        constraints:\n          - type: not_null\n"
    same = "      - name: is_exact_duplicate\n"
    declared.write_text(before + same + after[:place] + new + after[place:])
    return folder


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run_release(shop: Shop, release: Path, *arguments: str) -> str:
    """Run the release's own command, which must succeed."""
    done = finish(
        subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            env=shop.environment | {"PYTHONPATH": str(release)},
            cwd=release,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    )
    assert done.code == 0, done.output
    return done.output


def lines(shop: Shop, columns: str) -> list[tuple[object, ...]]:
    """Rows by month, and what of the columns is null in them."""
    nulls = ", ".join(f"count(*) - count({name})" for name in columns.split())
    with duckdb.connect(str(shop.warehouse), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return db.execute(
            f"select strftime(invoiced_at, '%Y-%m'), count(*), {nulls} from {TABLE} "
            "group by 1 order by 1"
        ).fetchall()


def kinds(shop: Shop) -> dict[str, str]:
    """The table's columns with their types."""
    with duckdb.connect(str(shop.warehouse), read_only=True) as db:
        return {row[0]: row[1] for row in db.execute(f"describe {TABLE}").fetchall()}


@pytest.mark.full
def test_all_months_have_the_columns_of_a_release_and_of_the_one_before(
    tmp_path: Path, release: Path
) -> None:
    shop = Shop(tmp_path / "home", RETAIL)
    shop.ok("backfill", "retail")
    first, known = lines(shop, "line_key"), kinds(shop)
    assert len(first) == 3 and "n_letters" not in known

    # One month is asked for, all are built: none is left with a column that is null.
    planned = run_release(shop, release, "backfill", "retail", "--from", "2011-10", "--plan")
    assert "lacks n_letters" in " ".join(planned.split())
    run_release(shop, release, "backfill", "retail", "--from", "2011-10")
    assert lines(shop, "line_key n_letters") == [(*row, 0) for row in first]
    now = kinds(shop)
    assert now["n_letters"] == "BIGINT" and now["is_exact_duplicate"] == "BIGINT"
    again = run_release(shop, release, "backfill", "retail")
    assert lines(shop, "line_key n_letters") == [(*row, 0) for row in first], again

    shop.ok("backfill", "retail", "--from", "2011-08", "--to", "2011-08")
    assert lines(shop, "line_key") == first
    assert kinds(shop) == known
