"""Memory is watched while a block runs, in blocks that overlap, and by one thread."""

from __future__ import annotations

import threading
import time

from ecommerce_assets.lib.memory import EVERY_S, THREAD, MemoryWatch, tree_mb


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


def watching() -> int:
    return sum(thread.name == THREAD for thread in threading.enumerate())


def ended() -> bool:
    """Whether the thread ends; it looks whether it may at each of its samples."""
    for _ in range(50):
        if not watching():
            break
        time.sleep(EVERY_S)
    return not watching()


def test_overlapping_blocks_share_one_thread_that_ends_with_them() -> None:
    assert ended(), "that of the test before"
    with MemoryWatch() as outer:
        with MemoryWatch() as inner:
            assert watching() == 1
        assert watching() == 1
    assert outer.peak_mb > 0 and inner.peak_mb > 0
    assert ended()
