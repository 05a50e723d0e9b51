"""Drawing by whole-number weights, and sharing out so that a share holds whatever the seed.

What belongs here: the few numeric helpers that the shops of one file each have in common.
What stays out: anything that knows about a shop. Only whole numbers decide, so that the
same seed gives the same file on every machine.
"""

from __future__ import annotations

import numpy as np

from ecommerce_assets.simulation.randomness import Bools, Floats, Ints


def pick(weights: Ints, uniform: Floats) -> Ints:
    """Places in `weights`, each as likely as its weight, one for each number in [0, 1)."""
    edges = np.cumsum(weights)
    total = int(edges[-1])
    point = np.minimum((uniform * total).astype(np.int64), total - 1)
    return np.searchsorted(edges, point, side="right").astype(np.int64)


def popularity(count: int, *, flat: int) -> Ints:
    """Weights of `count` ranked things that fall like 1 / (rank + flat)."""
    return np.asarray(10**12 // (np.arange(count, dtype=np.int64) + flat))


def quota(weights: Ints, per_million: int) -> Bools:
    """Flag things so that the flagged ones have the wanted share of the weight.

    Walks from the first thing to the last and flags one whenever the share would otherwise
    fall behind, so that the share holds in every stretch and for small counts too.

    Args:
        weights: whole numbers, zero or more.
        per_million: the wanted share.
    """
    flags = np.zeros(len(weights), dtype=bool)
    owed = 0
    for place, weight in enumerate(weights.tolist()):
        owed += weight * per_million
        if weight and 2 * owed >= weight * 1_000_000:
            flags[place] = True
            owed -= weight * 1_000_000
    return flags


def distinct_within(groups: Ints, things: Ints, count: int) -> tuple[Ints, Ints]:
    """Groups and things, sorted, where no group holds a thing twice.

    A repeated thing becomes the next one that its group does not hold.

    Args:
        groups: number of the group of each entry; no group has more than `count` entries.
        things: number of the thing of each entry, below `count`.
        count: how many things there are.
    """
    keys = np.sort(groups * count + things)
    while True:
        again = np.flatnonzero(keys[1:] == keys[:-1]) + 1
        if not len(again):
            break
        group, thing = np.divmod(keys[again], count)
        keys[again] = group * count + (thing + 1) % count
        keys.sort()
    group, thing = np.divmod(keys, count)
    return group, thing
