"""A new source is written as a whole or not at all."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest
import yaml

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
    contract = load_contract("returns", "claims", checkout / "ecommerce_assets" / "contracts")
    assert contract.dialect == Dialect("utf-8", ";", '"')
    assert contract.shared_file
    assert contract.month_column == "sold_at"
    assert [(c.name, c.source_name, c.kind, c.required) for c in contract.columns] == [
        ("sold_at", "sold_at", "timestamp", True),
        ("claims_order", "order", "int64", True),
        ("a_quoted_name", 'a "quoted" name', "string", True),
        ("price", "price", "decimal", True),
    ]


def test_only_new_files_and_the_named_edits_are_made(source: NewSource, checkout: Path) -> None:
    before = texts(checkout)
    files, edited = write(checkout, source, render(source))
    after = texts(checkout)
    assert set(after) - set(before) == set(files)
    assert {path for path in before if before[path] != after[path]} == set(edited)
    for path in edited:  # lines are added, none is changed
        old, new = before[path].splitlines(), iter(after[path].splitlines())
        assert all(line in new for line in old), path
    project = yaml.safe_load(after["ecommerce_dbt/dbt_project.yml"])["models"]["ecommerce"]
    assert [project[layer]["returns"] for layer in ("staging", "intermediate", "marts")] == [
        {"+schema": f"returns_{layer}", "+tags": ["returns"]}
        for layer in ("staging", "intermediate", "marts")
    ]


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
    registry = (checkout / "ecommerce_assets/domains/registry.py").read_text()
    imports = [line for line in registry.splitlines() if line.startswith("from ecommerce_assets")]
    assert imports == sorted(imports, key=lambda line: line.split()[1])
    assert registry.index('"returns"') < registry.index('"zebra"')


@pytest.mark.parametrize(
    "path",
    [
        "ecommerce_assets/domains/registry.py",
        "ecommerce_assets/settings.py",
        "ecommerce_assets/defs/ops/automations.py",
        "ecommerce_dbt/dbt_project.yml",
    ],
)
def test_without_a_place_to_register_nothing_is_written(
    source: NewSource, checkout: Path, path: str
) -> None:
    lines = (checkout / path).read_text().splitlines(keepends=True)
    (checkout / path).write_text("".join(x for x in lines if "`ecommerce new-source`" not in x))
    before = texts(checkout)
    with pytest.raises(ProjectRefused, match=f"{path} has 0 lines"):
        write(checkout, source, render(source))
    assert texts(checkout) == before


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
    files, edited = write(checkout, long, render(long))
    python = [path for path in (*files, *edited) if path.endswith(".py")]
    for check in (("check",), ("format", "--check")):
        done = run(checkout, "-m", "ruff", *check, "--no-cache", *python)
        assert done.returncode == 0, done.stdout


def test_a_folder_that_is_no_checkout_is_refused(source: NewSource, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ProjectRefused, match="no checkout of this project"):
        write(empty, source, render(source))
    assert not list(empty.iterdir())


def test_a_write_that_fails_halfway_leaves_no_trace(source: NewSource, checkout: Path) -> None:
    # The last file to be edited cannot be written: a folder that is none stands in the way of a
    # new file, which comes before it.
    (checkout / "ecommerce_dbt/models/marts/returns").write_text("in the way")
    before = texts(checkout)
    with pytest.raises(OSError):
        write(checkout, source, render(source))
    assert texts(checkout) == before
    assert not (checkout / "ecommerce_assets/domains/returns").exists()
