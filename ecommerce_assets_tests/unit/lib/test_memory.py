"""Memory is watched while a block runs, in blocks that overlap, and by one thread."""

from __future__ import annotations

import threading
import time

from ecommerce_assets.lib.memory import EVERY_S, MemoryWatch, tree_mb


def test_a_block_that_takes_memory_shows_it() -> None:
    before = tree_mb()
    with MemoryWatch() as watch:
        block = bytearray(b"x" * 80_000_000)
        time.sleep(4 * EVERY_S)
        del block
    assert watch.peak_mb > before + 70


def test_a_block_without_a_sample_of_the_thread_has_its_ends() -> None:
    with MemoryWatch() as watch:
        pass
    assert watch.peak_mb > 10


def test_overlapping_blocks_share_one_thread_that_ends_with_them() -> None:
    before = threading.active_count()
    with MemoryWatch() as outer:
        with MemoryWatch() as inner:
            assert threading.active_count() == before + 1
        assert threading.active_count() == before + 1
    assert outer.peak_mb > 0 and inner.peak_mb > 0
    for _ in range(50):
        if threading.active_count() == before:
            break
        time.sleep(EVERY_S)
    assert threading.active_count() == before
