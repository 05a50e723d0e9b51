"""The models on extracts of the real files."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets_tests.integration.dbt import lake
from ecommerce_assets_tests.integration.dbt.comparison import rows_apart
from ecommerce_assets_tests.integration.dbt.project import ROOT, Dbt
from ecommerce_assets_tests.integration.dbt.reference import EXPECTED, World

EXTRACTS = ROOT.parent / "shared" / "data" / "cosmetics"
FILES = ["2019-Oct.csv", "2019-Nov.csv", "2019-Dec.csv"]


def read(path: Path) -> list[lake.Event]:
    """The events of one extract, numbered in file order."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            lake.Event(
                at=datetime.strptime(row["event_time"], "%Y-%m-%d %H:%M:%S UTC").replace(
                    tzinfo=UTC
                ),
                type=row["event_type"],
                product=int(row["product_id"]),
                user=int(row["user_id"]),
                session=row["user_session"] or None,
                price=Decimal(row["price"]),
                category=int(row["category_id"]),
                code=row["category_code"] or None,
                brand=row["brand"] or None,
                row_no=number,
            )
            for number, row in enumerate(csv.DictReader(file))
        ]


def test_models_equal_the_definitions_on_the_real_extracts(tmp_path: Path) -> None:
    missing = [name for name in FILES if not (EXTRACTS / name).is_file()]
    if missing:
        pytest.skip(f"no real extracts: {', '.join(missing)} not in {EXTRACTS}")
    events = [event for name in FILES for event in read(EXTRACTS / name)]
    lake.write(events, tmp_path / "lake")
    dbt = Dbt(tmp_path)
    lake.expose(dbt.database, tmp_path / "lake", lake.MONTHS)

    dbt.over("build", lake.MONTHS[0], lake.END, "--exclude-resource-type", "unit_test")

    world = World(events)
    apart = {name: rows_apart(dbt, name, rows(world)) for name, rows in EXPECTED.items()}
    assert apart == dict.fromkeys(apart, ([], []))
    assert dbt.rows("select sum(events) from cosmetics_marts.agg_daily_traffic") == [(len(events),)]
