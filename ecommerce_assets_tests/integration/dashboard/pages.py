"""Where the pages are, and how to read what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from ecommerce_dashboard.queries import VIEWS

ROOT = Path(__file__).resolve().parents[3]
APP = ROOT / "ecommerce_dashboard" / "app.py"
#: The files of the pages by their names: those of a domain begin with it.
PAGES = {
    "_".join(path.relative_to(VIEWS).with_suffix("").parts): path
    for path in sorted(VIEWS.rglob("[a-z]*.py"))
}


def cards(page: AppTest) -> dict[str, str]:
    """The figures of the page by their labels."""
    return {str(card.label): str(card.value) for card in page.metric}


def number(text: str) -> float:
    """A figure as it is written on a card."""
    return float(text.replace(",", ""))


def said(page: AppTest) -> str:
    """All words of the page outside tables and charts."""
    parts = [*page.title, *page.header, *page.subheader, *page.markdown, *page.caption]
    return "\n".join(str(part.value) for part in [*parts, *page.info, *page.warning, *page.error])


def tables(page: AppTest) -> list[pd.DataFrame]:
    """The tables of the page, in its order."""
    return [table.value for table in page.dataframe]


def drawn(page: AppTest) -> list[pd.DataFrame]:
    """The data behind every chart of the page, in the page's order."""
    return [_data(chart.proto) for chart in page.get("vega_lite_chart")]


def _data(proto: Any) -> pd.DataFrame:
    """The rows that a chart was given; of its layers, those of the one with most."""
    frames = [pa.ipc.open_stream(each.data.data).read_pandas() for each in proto.datasets]
    return max(frames, key=len)
