"""Random numbers that are the same on every machine, numpy release and thread count.

What belongs here: seeded streams and the few transforms the generators draw through.
What stays out: anything that knows about a shop.

Only the raw bits of PCG64 are taken from numpy, because numpy keeps their sequence stable
across releases and does not promise that for its distributions. All transforms are built
from operations that IEEE 754 rounds exactly, or end in a table of rounded integers.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_BELOW_ONE: Final = 1.0 - 2.0**-53


class Stream:
    """One named sequence of random numbers, independent of every other name.

    Args:
        seed: the data set's seed, zero or more.
        path: what the stream is for, for instance a month's number and a word. Two
            streams with different paths share nothing, so months can be made in any order.

    Raises:
        ValueError: if the seed or a number in the path is negative.
    """

    def __init__(self, seed: int, *path: int | str) -> None:
        """Derive the stream's state from the seed and the path."""
        words = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in path]
        if min(seed, *words, 0) < 0:
            raise ValueError(
                f"seed and path must not be negative, got {(seed, *path)}; pass 0 or more"
            )
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))

    def raw(self, count: int) -> NDArray[np.uint64]:
        """`count` words of 64 random bits."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def uniform(self, count: int) -> Floats:
        """`count` numbers, evenly distributed over [0, 1)."""
        return (self.raw(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def shuffled(self, count: int) -> Ints:
        """The numbers 0 to `count` - 1 in random order."""
        return np.argsort(self.raw(count), kind="stable").astype(np.int64)

    def spread(self, count: int) -> Floats:
        """Like `uniform`, but exactly one number falls in each of `count` equal slices.

        Shares and sums drawn through it hold even for a few dozen draws, so that a tiny
        shop has the same mix of events as a full one.
        """
        return np.minimum((self.shuffled(count) + self.uniform(count)) / max(count, 1), _BELOW_ONE)

    def below(self, bounds: Ints) -> Ints:
        """One whole number in [0, bound) for each bound; 0 where the bound is 0."""
        drawn = (self.uniform(len(bounds)) * bounds).astype(np.int64)
        return np.maximum(np.minimum(drawn, bounds - 1), 0)


def scaled(uniform: Floats, bound: int) -> Ints:
    """Whole numbers in [0, bound) from numbers in [0, 1)."""
    return np.minimum((uniform * bound).astype(np.int64), bound - 1)


def geometric_mixture(parts: Sequence[tuple[float, float]], *, cap: int) -> Floats:
    """Cumulative distribution of a count from 1 to `cap`: a mixture of geometric laws.

    Args:
        parts: pairs of weight and mean (before the cap); one small and one large mean make
            the heavy tail of real baskets.
        cap: the largest count; the tail beyond it is spread over all counts.

    Returns:
        `cap` rising numbers, the last one 1.0.
    """
    chance = [0.0] * cap
    for weight, mean in parts:
        term = weight / mean
        for index in range(cap):
            chance[index] += term
            term *= 1.0 - 1.0 / mean
    cumulative = np.cumsum(np.array(chance))
    cumulative /= cumulative[-1]
    return cumulative


def draw(cumulative: Floats, uniform: Floats) -> Ints:
    """Counts from 1 upward, one for each number in [0, 1)."""
    found = np.searchsorted(cumulative, uniform, side="right")
    return np.minimum(found, len(cumulative) - 1).astype(np.int64) + 1


def lognormal_table(median: float, sigma: float, *, size: int = 1024) -> Ints:
    """`size` equally likely values of a lognormal law, rising, rounded to whole numbers.

    Rounding hides the last bit in which `exp` may differ between machines.
    """
    normal = NormalDist()
    return np.array(
        [round(median * math.exp(sigma * normal.inv_cdf((i + 0.5) / size))) for i in range(size)],
        dtype=np.int64,
    )


def evenly_flagged(count: int, share: float, *, step: float) -> Bools:
    """Flag a share of `count` ranked things so that it holds in every stretch of ranks.

    Args:
        count: how many things there are.
        share: the share to flag, 0 to 1.
        step: an irrational number below 1; different steps flag independently.
    """
    position = (np.arange(count, dtype=np.float64) + 0.5) * step
    return np.asarray(position - np.floor(position) < share)


def hexadecimal(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """ASCII hex digits of random words.

    Args:
        words: shape (n, k).

    Returns:
        shape (n, 16 * k), lower-case digits.
    """
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    octets = words.astype("<u8").view(np.uint8).reshape(len(words), -1)
    result = np.empty((len(words), 2 * octets.shape[1]), dtype=np.uint8)
    result[:, 0::2] = digits[octets >> 4]
    result[:, 1::2] = digits[octets & 15]
    return result
