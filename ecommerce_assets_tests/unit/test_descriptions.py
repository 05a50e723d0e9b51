"""A description that columns share is written once, as a doc block of dbt's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MODELS = Path(__file__).parents[2] / "ecommerce_dbt" / "models"
#: Shorter texts (`View events.`) are no longer than the call of a block.
SHORT = 16
BLOCK = re.compile(r"{% docs (\w+) %}(.*?){% enddocs %}", re.DOTALL)
CALL = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")


def tables(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The models of a YAML file, and the tables of its sources."""
    yield from document.get("models", [])
    for source in document.get("sources", []):
        yield from source["tables"]


def written() -> list[str]:
    """The description of each column as its YAML file has it, without the line breaks."""
    return [
        " ".join(column["description"].split())
        for path in sorted(MODELS.rglob("*.yml"))
        for table in tables(yaml.safe_load(path.read_text(encoding="utf-8")))
        for column in table["columns"]
    ]


def blocks() -> list[tuple[str, str]]:
    """The name and the text of each doc block."""
    return [
        (name, " ".join(text.split()))
        for path in sorted(MODELS.rglob("*.md"))
        for name, text in BLOCK.findall(path.read_text(encoding="utf-8"))
    ]


def test_no_description_stands_twice() -> None:
    texts = [text for text in written() if not CALL.fullmatch(text) and len(text) >= SHORT]
    assert len(texts) > 400, "the columns are found"
    shared = [text for _, text in blocks()]
    twice = [text for text, times in Counter(texts + shared).items() if times > 1]
    assert twice == [], "a doc block in models/docs/ says it once for all of them"


def test_every_block_is_shared() -> None:
    called = Counter(name for text in written() for name in CALL.findall(text))
    assert len(called) > 200
    assert [name for name, _ in blocks() if called[name] < 2] == []
