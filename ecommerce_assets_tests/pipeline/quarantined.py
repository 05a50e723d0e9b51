"""A month with rows in quarantine, and contracts whose rules were fixed, so that they come back.

Belongs here: the file, the contracts, and the command line under other contracts. Stays out: what
a replay has to end in (the tests).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets_tests.pipeline.shop import (
    EVENTS,
    MONTHS,
    ROOT,
    Done,
    Shop,
    finish,
    month_text,
)

MONTH = MONTHS[0]
CONTRACTS = ROOT / "ecommerce_assets" / "domains" / "cosmetics" / "contracts"
DRIVER = Path(__file__).with_name("replay_driver.py")
#: Texts of the contract, and what they are after a rule was fixed.
TYPES = (
    "[view, cart, remove_from_cart, purchase]",
    "[view, cart, remove_from_cart, purchase, wishlist]",
)
#: A rule that dbt's own tests do not know of, so that the models can be built after it is fixed.
PRODUCTS = (
    "physicalType: int64\n        logicalTypeOptions: {minimum: 0}",
    "physicalType: int64\n        logicalTypeOptions: {minimum: -9}",
)
WISHLISTS, PRICES, NEGATIVE = 20, 14, 9


def fixed_contracts(folder: Path, old: str, new: str) -> Path:
    """A folder of the contracts with one text of the events' replaced, at its first place."""
    shutil.copytree(CONTRACTS, folder)
    events = folder / "events.odcs.yaml"
    text = events.read_text()
    assert old in text
    events.write_text(text.replace(old, new, 1))
    return folder


def file_with_bad_rows(folder: Path) -> Path:
    """Write a month's file with wishlists, prices of three decimals and negative products in it."""
    path = folder / month_file_name(MONTH)
    simulate_cosmetics_month(MONTH, path, events=EVENTS, seed=42, calendar=MONTHS)
    header, *lines = path.read_text().splitlines()
    rows = [line.split(",") for line in lines]
    for row in rows[10 : 10 + 7 * WISHLISTS : 7]:
        row[1] = "wishlist"
    for row in rows[200 : 200 + 11 * PRICES : 11]:
        row[6] += "5"
    for row in rows[400 : 400 + 13 * NEGATIVE : 13]:
        row[2] = "-7"
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n")
    return path


def one_month(home: Path, file: Path) -> Shop:
    """A lakehouse of one month, whose file has landed."""
    span = f"{month_text(MONTH)}:{month_text(MONTH)}"
    shop = Shop(home, {"ECOMMERCE_SOURCE": "files", "ECOMMERCE_COSMETICS_MONTHS": span})
    shop.land([file])
    return shop


def start_under(
    shop: Shop, contracts: Path, *arguments: str, kill_at: str = "-"
) -> subprocess.Popen[str]:
    """Start a command that reads these contracts, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, str(DRIVER), str(contracts), kill_at, *arguments],
        env=shop.environment,
        cwd=shop.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def under(shop: Shop, contracts: Path, *arguments: str, kill_at: str = "-") -> Done:
    """Run a command that reads these contracts to its end."""
    return finish(start_under(shop, contracts, *arguments, kill_at=kill_at))
