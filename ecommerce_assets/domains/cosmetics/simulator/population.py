"""Who shops in which month: cohorts of new users, and those of earlier cohorts who return.

What belongs here: numbering users so that "new" and "returning" are defined by arithmetic,
for any month and without looking at another one. What stays out: what users do.

A user belongs to the cohort of the first month in the calendar in which he appears, and is
certain to appear in it. Users are numbered cohort by cohort, in falling order of loyalty:
the first of a cohort return almost every month, the last hardly ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.simulation.randomness import Ints, Stream

# A prime, so that multiplying modulo it never gives two users the same 9-digit id.
_ID_RANGE: Final = 899_999_963
_ID_STEP: Final = 556_231_139
_LOWEST_ID: Final = 100_000_000


@dataclass(frozen=True)
class Population:
    """The users of all months of a calendar.

    Attributes:
        cohorts: number of new users in each month.
    """

    cohorts: tuple[int, ...]

    @classmethod
    def of(cls, *, active: int, months: int) -> Population:
        """Cohorts that keep the number of active users the same in every month.

        Args:
            active: users who start a session in a month.
            months: length of the calendar.
        """
        cohorts: list[int] = []
        for month in range(months):
            back = sum(returning(size, month - born) for born, size in enumerate(cohorts))
            cohorts.append(max(1, active - back))
        return cls(tuple(cohorts))

    def active(self, month: int, stream: Stream) -> Ints:
        """Numbers of the users who start a session in a month, most loyal first.

        Args:
            month: position in the calendar; -1 is the month before it, in which only users
                of the first cohort appear, so that they remain new in the first month.
            stream: decides who returns; the same stream gives the same users.
        """
        month = max(month, 0)
        numbers, loyalty, offset = [], [], 0
        for born, size in enumerate(self.cohorts[: month + 1]):
            count = size if born == month else returning(size, month - born)
            places = _places(size, count, stream)
            numbers.append(places + offset)
            loyalty.append(places / size)
            offset += size
        order = np.argsort(np.concatenate(loyalty), kind="stable")
        return np.asarray(np.concatenate(numbers)[order])


def returning(size: int, age: int) -> int:
    """How many of a cohort's users come back, exactly, in its month number `age`."""
    return int(size * (0.16 / (age + 0.23)))


def user_ids(numbers: Ints, seed: int) -> Ints:
    """The 9-digit ids the files show; different users have different ids."""
    return _LOWEST_ID + (numbers * _ID_STEP + seed % _ID_RANGE) % _ID_RANGE


def _places(size: int, count: int, stream: Stream) -> Ints:
    """`count` different places of a cohort of `size`, denser towards the loyal front."""
    edge = np.arange(count + 1, dtype=np.int64)
    stretch = edge / max(count, 1)
    edge = edge + ((size - count) * (stretch * stretch)).astype(np.int64)
    return np.asarray(edge[:-1] + stream.below(np.diff(edge)))
