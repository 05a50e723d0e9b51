"""Values of the data as texts on a page and in its exports, whatever they hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from ecommerce_assets.cli.dashboard import server_command
from ecommerce_assets.lib.text.plain import markdown
from ecommerce_assets_tests.integration.dashboard.pages import said, tables
from ecommerce_dashboard.page import as_csv

HOSTILE = '=cmd() ![x](http://example.org/x.png) <img src=x> $$y$$ :red[z] "\u202e"'


def test_a_description_is_shown_as_it_is(
    opened: Callable[..., AppTest],
    altered: Callable[..., Path],
    rows: Callable[..., list[tuple[Any, ...]]],
) -> None:
    (code,) = rows("select min(stock_code) from retail_marts.dim_retail_item")[0]
    folder = altered(f"update retail_marts.dim_retail_item set description = '{HOSTILE}'")
    page = opened("retail_item", folder, item=code)
    assert not page.exception
    assert [each.value for each in page.header] == [markdown(f"{HOSTILE} ({code})")]
    assert r"!\[x\](http\://example.org/x.png) \<img" in page.header[0].value


def test_a_name_in_the_address_is_shown_as_it_is(opened: Callable[..., AppTest]) -> None:
    page = opened("retail_item", item="![x](http://example.org)")
    assert r"!\[x\](http\://example.org)" in said(page)
    assert "![x]" not in said(page)


def test_a_table_shows_what_cannot_be_seen(
    opened: Callable[..., AppTest], altered: Callable[..., Path]
) -> None:
    folder = altered(f"update retail_marts.dim_retail_item set description = '{HOSTILE}'")
    shown = [
        text
        for table in tables(opened("retail_customer", folder))
        for text in table.to_numpy().flat
    ]
    assert any("\\u202e" in str(text) for text in shown)
    assert not any("\u202e" in str(text) for text in shown)


def test_an_export_holds_no_formula_and_every_number() -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=1+1", "+1", "-cmd", "@x", "\tx", 'a,"b"', None],
            "value": [-1.5, 2, 3, 4, 5, 6, None],
            "count": pd.array([-1, 2, 3, 4, 5, 6, None], dtype="Int64"),
        }
    )
    read = list(csv.reader(io.StringIO(as_csv(frame))))
    assert read[0] == ["'=name", "value", "count"]
    assert [row[0] for row in read[1:]] == ["'=1+1", "+1", "'-cmd", "'@x", "'\tx", 'a,"b"', ""]
    assert [row[1:] for row in read[1:]][:2] == [["-1.5", "-1"], ["2.0", "2"]]


def test_streamlits_own_export_is_off_and_each_table_has_the_other(
    opened: Callable[..., AppTest],
) -> None:
    assert "--client.disableDataExport=true" in server_command("127.0.0.1", 1)
    page = opened("retail_sales")
    assert len(page.get("download_button")) == len(page.dataframe) > 0
