"""How large the simulated stream is: everything that follows from the number of messages.

Belongs here: how many messages there are of what. Stays out: drawing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

FEWEST_MESSAGES: Final = 1_000
MOST_MESSAGES: Final = 5_000_000

PRODUCTS: Final = 100
CUSTOMERS: Final = 50
#: Messages of one announcement of the shop: itself, its products and its customers.
ANNOUNCEMENT: Final = 1 + PRODUCTS + CUSTOMERS

ORDERS: Final = "orders"
SHOPS: Final = "shops"
GOODS: Final = "products"
PEOPLE: Final = "customers"
CREATED: Final = "shipments"
DISPATCHED: Final = "shipment_dispatches"
COMPLETED: Final = "shipment_completions"
TOPICS: Final = (SHOPS, GOODS, PEOPLE, ORDERS, CREATED, DISPATCHED, COMPLETED)


@dataclass(frozen=True)
class Course:
    """What becomes of a shipped order; of 100 orders, some take each course.

    Attributes:
        name: of the course.
        share: orders of 100 that take it.
        steps: the topics that have a message of the shipment.
        ordered: whether the order itself has a message.
    """

    name: str
    share: int
    steps: tuple[str, ...]
    ordered: bool = True


ALL_STEPS: Final = (CREATED, DISPATCHED, COMPLETED)
#: Dispatched before it was created, says the clock of who reports it.
SWAPPED: Final = Course("swapped", 3, ALL_STEPS)
#: The message of its dispatch comes after that of its completion.
OVERTAKEN: Final = Course("overtaken", 5, ALL_STEPS)
COURSES: Final = (
    Course("created", 10, (CREATED,)),
    Course("dispatched", 15, (CREATED, DISPATCHED)),
    Course("not_dispatched", 4, (CREATED, COMPLETED)),
    Course("not_ordered", 2, ALL_STEPS, ordered=False),
    SWAPPED,
    OVERTAKEN,
    Course("completed", 61, ALL_STEPS),
)
_BY_HUNDREDTH: Final = tuple(course for course in COURSES for _ in range(course.share))


@dataclass(frozen=True)
class StreamPlan:
    """One stream.

    Attributes:
        seed: zero or more; another seed is another stream.
        messages: messages of all topics together.
    """

    seed: int = 42
    messages: int = 20_000

    def __post_init__(self) -> None:
        """Refuse a plan that no stream can be made from.

        Raises:
            ValueError: the number of messages is out of range, or the seed is negative.
        """
        if not FEWEST_MESSAGES <= self.messages <= MOST_MESSAGES:
            raise ValueError(
                f"a stream has {FEWEST_MESSAGES:,} to {MOST_MESSAGES:,} messages, got "
                f"{self.messages:,}; ask for a number in that range"
            )
        if self.seed < 0:
            raise ValueError(f"the seed must be 0 or more, got {self.seed}")

    @property
    def announcements(self) -> int:
        """How often the shop announces all its products and customers, each time anew."""
        return 3 if self.messages >= 3_000 else 2

    @property
    def poisoned(self) -> int:
        """Messages that no reader can take."""
        return self.messages // 100

    @property
    def doubled(self) -> int:
        """Messages that are sent a second time."""
        return self.messages * 15 // 1_000

    @property
    def changed(self) -> int:
        """Orders that are sent again with another content."""
        return self.messages // 200

    @cached_property
    def shipped(self) -> int:
        """Orders that have shipments; they and their shipments are 6 of 10 messages."""
        return self._of_orders * 6 // 10 // 4

    @cached_property
    def plain(self) -> int:
        """Orders that have none; they fill the stream up."""
        of_shipped = sum(len(c.steps) + c.ordered for c in map(course, range(self.shipped)))
        return self._of_orders - of_shipped

    @property
    def _of_orders(self) -> int:
        beside = self.announcements * ANNOUNCEMENT + self.poisoned + self.doubled + self.changed
        return self.messages - beside


def course(place: int) -> Course:
    """The course of the shipped order of a number; the courses alternate."""
    return _BY_HUNDREDTH[place * 37 % 100]
