"""The analysts' guides name every mart, and their queries give the results that they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecommerce_assets_tests.pipeline.guide import BLOCK, GUIDES, queries, refreshed
from ecommerce_assets_tests.pipeline.shop import Shop

MARTS = Path(__file__).parents[2] / "ecommerce_dbt" / "models" / "marts"

# A demo of its own, of all months of all domains at their usual size.
full = pytest.mark.full


@pytest.fixture(scope="module", params=GUIDES)
def domain(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def guide(domain: str) -> str:
    return GUIDES[domain].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The readers' copy after a demo with the settings that a new user has."""
    shop = Shop(
        tmp_path_factory.mktemp("guide") / "home",
        {
            "ECOMMERCE_SAMPLE_EVENTS": "20000",
            "ECOMMERCE_COSMETICS_MONTHS": "2019-10:2020-02",
            "ECOMMERCE_SAMPLE_PURCHASES": "30000",
            "ECOMMERCE_SAMPLE_INVOICE_LINES": "20000",
        },
    )
    shop.ok("demo")
    return shop.home / "published.duckdb"


def test_there_is_a_guide_for_every_domain_with_marts() -> None:
    assert set(GUIDES) == {path.parent.name for path in MARTS.rglob("*.sql")}


def test_every_mart_has_its_section_with_a_query(domain: str, guide: str) -> None:
    marts = {path.stem for path in (MARTS / domain).glob("*.sql")}
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", guide + "\n##", re.DOTALL | re.M))

    assert set(sections) == marts
    assert [name for name, text in sections.items() if name not in "".join(queries(text))] == []


def test_every_query_shows_its_result(guide: str) -> None:
    assert len(queries(guide)) == len(BLOCK.findall(guide)) > 0


@full
def test_the_results_are_those_of_the_demo(guide: str, published: Path) -> None:
    assert refreshed(guide, published) == guide
