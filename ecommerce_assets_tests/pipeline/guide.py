"""The analysts' guides hold queries with their results; both are kept true.

Belongs here: finding the queries of the pages, running them, and writing their results into them:
`python -m ecommerce_assets_tests.pipeline.guide [published.duckdb]`, which `make docs` calls on the
demo's marts. The test compares what this would write with what is there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from ecommerce_assets_tests.pipeline.tables import described_query

ROOT = Path(__file__).parents[2]
#: The page of each domain whose marts it explains.
GUIDES = {
    "cosmetics": ROOT / "docs" / "analysts.md",
    "electronics": ROOT / "docs" / "domains" / "electronics.md",
    "retail": ROOT / "docs" / "domains" / "retail.md",
}
#: A query and, below it, the table of its result.
BLOCK = re.compile(
    r"^```sql\n(?P<sql>.*?)^```\n\n(?P<table>(?:^\|[^\n]*\n)+)", re.DOTALL | re.MULTILINE
)


def queries(text: str) -> list[str]:
    """Every query of the page, with or without a result."""
    return re.findall(r"^```sql\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def refreshed(text: str, database: Path) -> str:
    """The page with the results that its queries have on a warehouse."""

    def block(found: re.Match[str]) -> str:
        return f"```sql\n{found['sql']}```\n\n{result(found['sql'], database)}"

    return BLOCK.sub(block, text)


def result(sql: str, database: Path) -> str:
    """A query's result as a Markdown table."""
    columns, rows = described_query(database, sql)
    lines = [columns, ["---"] * len(columns), *([shown(v) for v in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shown(value: Any) -> str:
    """A value as the page shows it."""
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    published = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".ecommerce" / "published.duckdb")
    for guide in GUIDES.values():
        guide.write_text(refreshed(guide.read_text(encoding="utf-8"), published), encoding="utf-8")
