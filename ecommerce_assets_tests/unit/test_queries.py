"""Each query of the dashboard stands beside its page, and a page asks what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecommerce_dashboard.queries import VIEWS, queries_in, sql_of

#: A query as a page names it; not the file of a page, which `navigation.py` names.
ASKED = re.compile(r'"([a-z]+\.[a-z_]+)"')


def test_a_page_asks_for_queries_that_are_there_and_each_is_asked_for() -> None:
    asked, there = set(), set()
    for file in VIEWS.rglob("*.sql"):
        domain = file.parent.relative_to(VIEWS).as_posix().removeprefix(".")
        there |= {(domain, f"{file.stem}.{name}") for name in queries_in(file)}
        page = file.with_suffix(".py").read_text(encoding="utf-8")
        asked |= {(domain, name) for name in ASKED.findall(page)}
    assert len(there) > 70
    assert asked == there


def test_queries_of_a_file_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "page.sql"
    file.write_text(
        "-- About.\n-- name: one\n-- Parameters: none.\nselect 1\n\n-- name: two\nfrom b"
    )
    assert queries_in(file) == {"one": "-- Parameters: none.\nselect 1\n\n", "two": "from b"}
    file.write_text("-- name: one\nselect 1\n-- name: one\nselect 2\n")
    with pytest.raises(ValueError, match="two queries of one name: one"):
        queries_in(file)


def test_a_query_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        sql_of("", "home.nothing")
