"""A new source is written as a whole or not at all."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.scaffold.model import NewSource
from ecommerce_assets.scaffold.project import ProjectRefused, write
from ecommerce_assets.scaffold.render import render
from ecommerce_assets_tests.integration.scaffold.checkout import check_out, run, texts
from ecommerce_assets_tests.integration.scaffold.samples import looked

TEXT = 'sold_at;order;"a ""quoted"" name";price\n2024-01-05 10:00;7;"x;y";1.50\n'


@pytest.fixture
def source(tmp_path: Path) -> NewSource:
    look = looked(tmp_path, TEXT)
    months = (date(2024, 1, 1), date(2024, 3, 1))
    return NewSource("returns", "claims", True, look.dialect, look.columns, "sold_at", months)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return check_out(tmp_path / "checkout")


def test_the_contract_says_what_was_found(source: NewSource, checkout: Path) -> None:
    write(checkout, source, render(source))
    contract = load_contract(
        "returns", "claims", checkout / "ecommerce_assets/domains/returns/contracts"
    )
    assert contract.dialect == Dialect("utf-8", ";", '"')
    assert contract.shared_file
    assert contract.month_column == "sold_at"
    assert [(c.name, c.source_name, c.kind, c.required) for c in contract.columns] == [
        ("sold_at", "sold_at", "timestamp", True),
        ("claims_order", "order", "int64", True),
        ("a_quoted_name", 'a "quoted" name', "string", True),
        ("price", "price", "decimal", True),
    ]


def test_only_new_files_in_new_folders_are_written(source: NewSource, checkout: Path) -> None:
    before = texts(checkout)
    files = write(checkout, source, render(source))
    after = texts(checkout)
    assert set(after) - set(before) == set(files)
    assert {path: after[path] for path in before} == before
    folders = {Path(path).parent for path in before}
    assert [path for path in files if Path(path).parent in folders] == []


def test_a_domain_that_exists_is_refused(source: NewSource, checkout: Path) -> None:
    write(checkout, source, render(source))
    before = texts(checkout)
    for known in (source, dataclasses.replace(source, domain="retail")):
        with pytest.raises(ProjectRefused, match=f"a domain {known.domain} already"):
            write(checkout, known, render(known))
    assert texts(checkout) == before


def test_two_sources_are_added_one_after_the_other(source: NewSource, checkout: Path) -> None:
    write(checkout, source, render(source))
    second = dataclasses.replace(source, domain="zebra", shared=False)
    write(checkout, second, render(second))
    found = run(
        checkout, "-c", "from ecommerce_assets.domains.registry import DOMAINS; print(*DOMAINS)"
    )
    assert found.stdout.split() == ["cosmetics", "electronics", "retail", "returns", "zebra"]


@pytest.mark.parametrize("shared", [True, False])
def test_the_longest_names_and_odd_headers_give_clean_code(
    source: NewSource, checkout: Path, tmp_path: Path, shared: bool
) -> None:
    names = ["sold_at", *(f'it\'s \\ a ""{number}"" column' for number in range(30))]
    header = ";".join(f'"{name}"' for name in names)
    look = looked(tmp_path, f"{header}\n2024-01-05{';1,5' * 30}\n")
    long = dataclasses.replace(
        source,
        domain="d" * 16,
        table="t" * 24,
        shared=shared,
        dialect=look.dialect,
        columns=look.columns,
    )
    python = [path for path in write(checkout, long, render(long)) if path.endswith(".py")]
    for check in (("check",), ("format", "--check")):
        done = run(checkout, "-m", "ruff", *check, "--no-cache", *python)
        assert done.returncode == 0, done.stdout


def test_a_folder_that_is_no_checkout_is_refused(source: NewSource, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ProjectRefused, match="is not a checkout of this project"):
        write(empty, source, render(source))
    assert not list(empty.iterdir())


def test_a_write_that_fails_halfway_leaves_no_trace(source: NewSource, checkout: Path) -> None:
    # A file stands where a folder has to be made, after other files are written.
    (checkout / "ecommerce_dbt/models/marts/returns").write_text("in the way")
    before = texts(checkout)
    with pytest.raises(OSError):
        write(checkout, source, render(source))
    assert texts(checkout) == before
    assert not (checkout / "ecommerce_assets/domains/returns").exists()
