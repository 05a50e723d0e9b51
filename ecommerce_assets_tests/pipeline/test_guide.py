"""The analysts' guide names every mart, and its queries give the results that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecommerce_assets_tests.pipeline.guide import BLOCK, GUIDE, queries, refreshed
from ecommerce_assets_tests.pipeline.shop import Shop

PROJECT = Path(__file__).parents[2] / "ecommerce_dbt"

# A demo of its own, of five months at 20,000 events.
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The readers' copy after a demo with the settings that a new user has."""
    shop = Shop(
        tmp_path_factory.mktemp("guide") / "home",
        {"ECOMMERCE_SAMPLE_EVENTS": "20000", "ECOMMERCE_COSMETICS_MONTHS": "2019-10:2020-02"},
    )
    shop.ok("demo", "cosmetics")
    return shop.home / "published.duckdb"


def test_every_mart_has_its_section_with_a_query(guide: str) -> None:
    marts = {path.stem for path in (PROJECT / "models" / "marts").rglob("*.sql")}
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", guide + "\n##", re.DOTALL | re.M))

    assert set(sections) == marts
    assert [name for name, text in sections.items() if name not in "".join(queries(text))] == []


def test_every_query_shows_its_result(guide: str) -> None:
    assert len(queries(guide)) == len(BLOCK.findall(guide)) > 0


def test_the_results_are_those_of_the_demo(guide: str, published: Path) -> None:
    assert refreshed(guide, published) == guide
