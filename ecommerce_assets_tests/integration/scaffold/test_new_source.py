"""The command on a file that no domain has: in a copy of the project, from the file to the mart."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.integration.scaffold.checkout import (
    check_out,
    ecommerce,
    run,
    texts,
)
from ecommerce_assets_tests.integration.scaffold.samples import HOSTILE, claims

NAMED = ("--name", "returns", "--table", "claims", "--files", "all")
GENERATED = (
    "ecommerce_assets/domains/returns",
    "ecommerce_assets_tests/integration/sources_returns",
)


class Added:
    """A copy of the project with a new source, and what its file holds."""

    def __init__(self, folder: Path) -> None:
        self.checkout = check_out(folder / "checkout")
        self.before = texts(self.checkout)
        self.sample = folder / "export.csv"
        self.truth = claims(self.sample)
        arguments = (*NAMED, "--sample", str(self.sample), "--yes")
        self.done = ecommerce(self.checkout, "new-source", *arguments)
        self.after = texts(self.checkout)


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Added:
    return Added(tmp_path_factory.mktemp("added"))


def test_the_command_shows_the_contract_and_what_to_do_next(added: Added) -> None:
    assert added.done.returncode == 0, added.done.stdout + added.done.stderr
    shown = added.done.stdout
    assert "months 2024-01:2024-03" in shown
    assert "399 rows accepted" in shown
    assert "Rows for quarantine: 1 (not_a_time:gemeldet_am: 1)" in shown
    assert "decimal comma: text in the lake" in shown
    assert "ecommerce backfill returns" in shown


def test_no_file_of_the_project_is_changed(added: Added) -> None:
    assert {path: added.after.get(path) for path in added.before} == added.before
    assert len(added.after.keys() - added.before.keys()) > 10


def test_the_months_reach_the_mart_with_the_rows_and_sums_of_the_file(added: Added) -> None:
    landing = added.checkout / ".ecommerce/landing/returns"
    landing.mkdir(parents=True)
    shutil.copy(added.sample, landing / "claims.csv")
    done = ecommerce(added.checkout, "backfill", "returns")
    # One row has no time, and so no month.
    assert done.returncode == ExitCode.INCOMPLETE, done.stdout + done.stderr
    with duckdb.connect(added.checkout / ".ecommerce/published.duckdb", read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        # The staging view looks into the lake.
        db.execute(f"set file_search_path = '{added.checkout / '.ecommerce' / 'lake'}'")
        found = db.execute(
            "select month(event_month), all_rows, erstattung_in_sum "
            "from returns_marts.agg_returns_claims_monthly order by 1"
        ).fetchall()
        total = db.execute("select all_rows from returns_marts.agg_returns_claims_total").fetchall()
        codes = db.execute(
            "select min(artikelcode), max(meldung_nr) from returns_staging.stg_returns__claims"
        ).fetchall()
    assert {month: (rows, Decimal(refund)) for month, rows, refund in found} == added.truth
    assert total == [(399,)]
    assert codes == [("000000", 2_294_359_932_054_530_399)]
    again = ecommerce(added.checkout, "backfill", "returns", "--plan")
    assert "nothing to do" in again.stdout


def test_headers_reach_contract_and_models_as_text(added: Added) -> None:
    contract = load_contract(
        "returns", "claims", added.checkout / "ecommerce_assets/domains/returns/contracts"
    )
    assert {column.source_name for column in contract.columns} >= {*HOSTILE}
    assert not re.search("[\x00-\x09\x0b-\x1f]", added.done.stdout)
    assert "[/red]" in added.done.stdout
    manifest = json.loads(
        (added.checkout / "ecommerce_dbt/target/local/manifest.json").read_text("utf-8")
    )
    model = manifest["nodes"]["model.ecommerce.stg_returns__claims"]
    source = manifest["sources"]["source.ecommerce.returns_raw.claims"]
    told = [c["description"] for each in (model, source) for c in each["columns"].values()]
    assert len(told) > 2 * len(HOSTILE)
    home = os.environ.get("HOME", "")
    assert not [text for text in told if re.search(r"[\[\]<>{}$\x1b]", text) or home in text]


def test_the_generated_tests_pass(added: Added) -> None:
    done = run(
        added.checkout,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        "ecommerce_assets_tests/integration/sources_returns",
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_generated_code_is_as_the_project_wants_it(added: Added) -> None:
    for check in (("check",), ("format", "--check")):
        done = run(added.checkout, "-m", "ruff", *check, "--no-cache", *GENERATED)
        assert done.returncode == 0, done.stdout


def test_the_generated_models_are_as_the_project_wants_them(added: Added, tmp_path: Path) -> None:
    linter = Path(sys.executable).with_name("sqlfluff")
    done = run(
        added.checkout / "ecommerce_dbt",
        *(str(linter), "lint", "--disable-progress-bar", "--nocolor"),
        *("models/staging/returns", "models/marts/returns", "tests/returns"),
        DBT_PROFILES_DIR=".",
        ECOMMERCE_DUCKDB_PATH=str(tmp_path / "lint.duckdb"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.full
def test_the_generated_code_is_typed(added: Added) -> None:
    done = run(added.checkout, "-m", "mypy", "ecommerce_assets")
    assert done.returncode == 0, done.stdout


def test_a_second_time_is_refused_and_changes_nothing(added: Added) -> None:
    before = texts(added.checkout)
    arguments = (*NAMED, "--sample", str(added.sample), "--yes")
    done = ecommerce(added.checkout, "new-source", *arguments)
    assert done.returncode == 1
    assert "there is a domain returns already" in done.stdout
    assert texts(added.checkout) == before


def test_without_a_yes_nothing_is_written(added: Added) -> None:
    before = texts(added.checkout)
    arguments = ("--name", "claims", *NAMED[2:], "--sample", str(added.sample))
    done = ecommerce(added.checkout, "new-source", *arguments)
    assert done.returncode == 1
    assert "Write the domain claims" in done.stdout
    assert texts(added.checkout) == before
