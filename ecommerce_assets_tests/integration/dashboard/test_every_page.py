"""What holds for all pages: they run, say what they show, and what to do where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets_tests.integration.dashboard.pages import APP, PAGES, cards, drawn, said
from ecommerce_dashboard.navigation import domain_pages, pages_of

WITHOUT_CHARTS = ("home",)
#: The pages of a domain: the others speak of all of them.
SUBJECTS = [name for name in PAGES if name.partition("_")[0] in DOMAINS]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_and_says_what_its_charts_show(
    opened: Callable[..., AppTest], name: str
) -> None:
    page = opened(name)
    assert not page.exception
    assert not [each for each in page.error if "What to do" in each.value]
    assert page.title
    assert len(page.caption) >= len(drawn(page))
    assert drawn(page) or name in WITHOUT_CHARTS


def test_every_page_has_its_place_in_the_navigation() -> None:
    assert sorted(page.name for page in domain_pages()) == SUBJECTS
    for domain in DOMAINS:
        pages = pages_of(domain)
        assert [page.place for page in pages] == list(range(1, len(pages) + 1))
        assert len({page.title for page in pages}) == len(pages)
    subjects = [page.subject for page in domain_pages() if page.subject]
    assert sorted(subjects) == sorted(set(subjects))
    rest = sorted(PAGES.keys() - set(SUBJECTS))
    assert [name for name in rest if f'"views/{name}.py"' not in APP.read_text()] == []


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_copy_without_rows_says_which_command_loads_them(
    opened: Callable[..., AppTest], emptied: Path, name: str
) -> None:
    page = opened(name, emptied)
    assert not page.exception
    assert f"ecommerce backfill {name.partition('_')[0]}" in said(page)
    assert not drawn(page)
    assert not page.metric


@pytest.mark.parametrize("name", PAGES)
def test_without_a_published_copy_every_page_says_what_to_do(
    opened: Callable[..., AppTest], tmp_path: Path, name: str
) -> None:
    page = opened(name, tmp_path)
    assert not page.exception
    assert "ecommerce backfill" in said(page)
    assert not (tmp_path / "published.duckdb").exists()


def test_a_copy_of_another_domain_is_said_to_lack_this_one(
    opened: Callable[..., AppTest], tmp_path: Path
) -> None:
    duckdb.connect(str(tmp_path / "published.duckdb")).close()
    assert "ecommerce backfill retail" in said(opened("retail_sales", tmp_path))


def test_a_file_that_is_no_database_is_an_error_with_its_cure(
    opened: Callable[..., AppTest], tmp_path: Path
) -> None:
    (tmp_path / "published.duckdb").write_bytes(b"no database" * 1000)
    page = opened("retail_sales", tmp_path)
    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert "What to do" in page.error[0].value


def test_a_copy_of_another_version_says_which_column_it_lacks(
    opened: Callable[..., AppTest], altered: Callable[..., Path]
) -> None:
    folder = altered("alter table cosmetics_marts.agg_sales_daily drop adjustment_value")
    page = opened("cosmetics_sales", folder)
    assert not page.exception
    assert "not of this version" in page.error[0].value
    assert "adjustment_value" in page.error[0].value


def test_home_counts_loaded_months_and_verdicts(opened: Callable[..., AppTest]) -> None:
    page = opened("home")
    shown = [(str(card.label), str(card.value)) for card in page.metric]
    assert [value for label, value in shown if label == "Months loaded"] == ["3", "3", "2"]
    assert [value for label, value in shown if label == "Latest month"] == [
        "2019-12",
        "2020-03",
        "2011-01",
    ]
    assert cards(page)["Matched"] == "1"
    assert cards(page)["Differing"] == "1"
    assert "ecommerce truths" in page.error[0].value
    assert "No month is loaded" not in said(page)


def test_home_says_how_to_load_a_domain_that_is_not_there(
    opened: Callable[..., AppTest], relived: Callable[..., Path]
) -> None:
    page = opened(
        "home", relived(lambda row: None if row["dataset"].startswith("cosmetics") else row)
    )
    assert "No month is loaded. Load it: `ecommerce backfill cosmetics`" in said(page)
    assert len([card for card in page.metric if card.label == "Months loaded"]) == 2


def test_a_copy_whose_lake_is_gone_says_so(opened: Callable[..., AppTest], tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
        ledger = tmp_path / "row.json"
        ledger.write_text('{"dataset": "retail.x"}')
        connection.execute("create schema retail_marts")
        connection.execute(
            f"create view retail_marts.agg_retail_sales_monthly as from read_json('{ledger}')"
        )
        ledger.unlink()
    page = opened("retail_sales", tmp_path)
    assert not page.exception
    assert "files that are gone" in page.error[0].value
