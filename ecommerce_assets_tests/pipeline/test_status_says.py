"""What `status` and `backfill` say in the end is true of all that they show above it."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets_tests.pipeline.shop import Shop

pytestmark = pytest.mark.full  # a minute and a half

OCT, NOV = date(2019, 10, 1), date(2019, 11, 1)
WINDOW = "ECOMMERCE_COSMETICS_MONTHS"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two months of which nothing is loaded; October's unknown brands are spelled NaN and NULL."""
    made = Shop(
        tmp_path_factory.mktemp("status") / "home",
        {"ECOMMERCE_SOURCE": "files", WINDOW: "2019-10:2019-11"},
    )
    for month in (OCT, NOV):
        path = made.landing / month_file_name(month)
        simulate_cosmetics_month(month, path, events=1_000, seed=1, calendar=[OCT, NOV])
    edit(made, OCT, lambda number, cells: {5: cells[5] or ("NULL" if number % 2 else "NaN")})
    return made


def edit(shop: Shop, month: date, change: object) -> None:
    """Change values of each line of a month's file."""
    path: Path = shop.landing / month_file_name(month)
    header, *lines = path.read_text().splitlines()
    rows = [line.split(",") for line in lines]
    for number, cells in enumerate(rows):
        for place, value in change(number, cells).items():  # type: ignore[operator]
            cells[place] = value
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n")


def test_words_for_no_value_are_counted_by_column(shop: Shop) -> None:
    text = (shop.landing / month_file_name(OCT)).read_text()
    unknown = text.count(",NaN,") + text.count(",NULL,")
    assert unknown > 100

    output = shop.ok("backfill", "cosmetics")

    line = f"Words that stand for no value became unknown values: {unknown:,} of brand"
    assert line in output and line in shop.ok("status")
    assert re.search(rf"{line} \((NaN, NULL|NULL, NaN)\)\.", output)
    document = json.loads(shop.run("status", "--json", stderr=False).output)
    october, november = document["domains"][0]["months"]
    assert sum(october["null_words"].values()) == unknown and november["null_words"] == {}
    assert set(october["null_words"]) == {"brand:NaN", "brand:NULL"}


def test_months_outside_the_settings_that_are_out_of_date_are_not_called_up_to_date(
    shop: Shop,
) -> None:
    shop.ok("backfill", "cosmetics")
    assert "All months of cosmetics are there and up to date.\n" in shop.ok("status")
    edit(shop, NOV, lambda number, cells: {6: "1.23"} if number < 5 else {})
    moved = {WINDOW: "2019-11:2019-11"}

    output = shop.ok("backfill", "cosmetics", **moved)
    status = shop.ok("status", **moved)

    beside = "; the months outside the settings, named above, are not."
    assert f"All months that were asked for are there and up to date{beside}" in output
    assert f"All months of cosmetics are there and up to date{beside}" in status
    assert "no longer up to date: 2019-10" in status
