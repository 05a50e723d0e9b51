"""Killed with SIGKILL at random moments, processes of its own included, while the copy is made:
readers have the old copy or none, and the same command, given again, makes a whole one.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from ecommerce_assets_tests.pipeline.shop import LONGEST_RUN_S, MONTHS, Shop, month_text
from ecommerce_assets_tests.pipeline.tables import contents, differing
from ecommerce_assets_tests.pipeline.test_kills_while_loading import nothing_is_left_open

KILLS = 3
#: Another one each day; a failure says which it was.
SEED = int(time.time()) // 86_400


def moments(longest_s: float) -> list[float]:
    """When to kill, in seconds after the start."""
    chance = random.Random(SEED)
    return [chance.uniform(0.5, longest_s) for _ in range(KILLS)]


def killed_after(process: subprocess.Popen[str], seconds: float) -> None:
    """Kill a process and all that it started, as the kernel would; it may have ended before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=LONGEST_RUN_S)


def seconds_of(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A lakehouse with one month, complete."""
    months = {"ECOMMERCE_COSMETICS_MONTHS": f"{month_text(MONTHS[0])}:{month_text(MONTHS[0])}"}
    shop = Shop(tmp_path_factory.mktemp("complete") / "home", months)
    shop.ok("backfill", "cosmetics")
    return shop


@pytest.mark.full
@pytest.mark.parametrize("had_one", [True, False])
def test_a_copy_killed_at_random_is_the_old_one_or_none_and_then_whole(
    had_one: bool, complete: Shop
) -> None:
    copy = complete.home / "published.duckdb"
    complete.ok("backfill", "cosmetics")
    whole, content = contents(complete.warehouse), copy.read_bytes()
    arguments = ["backfill", "cosmetics"]
    copy.unlink()
    longest = seconds_of(lambda: complete.ok(*arguments))
    assert differing(contents(copy), whole) == {}
    arguments += ["--force"] if had_one else []
    for moment in moments(longest):
        copy.unlink(missing_ok=True)
        if had_one:
            copy.write_bytes(content)
        killed_after(complete.start(*arguments), moment)
        assert not copy.exists() or differing(contents(copy), whole) == {}, f"seed {SEED}"
        assert copy.exists() or not had_one

    complete.ok(*arguments)

    assert differing(contents(copy), whole) == {}
    assert list(complete.home.glob(".published.duckdb*")) == []
    nothing_is_left_open(complete)
