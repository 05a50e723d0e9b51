"""The ordinary invoices: those of known customers, and the long ones of nobody known.

What belongs here: customers and their countries, and the invoices that sell items.
What stays out: cancellations and everything odd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.domains.retail.simulator.catalogue import PAIR, Catalogue
from ecommerce_assets.domains.retail.simulator.documents import SALE, Document
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.domains.retail.simulator.rhythm import OpenHours
from ecommerce_assets.simulation.randomness import Ints, Stream
from ecommerce_assets.simulation.weights import distinct_within, pick, popularity

HOME: Final = "United Kingdom"

# Known customers of the original by country.
_COUNTRIES: Final = (
    *((HOME, 3_950), ("Germany", 95), ("France", 87), ("Spain", 31), ("Belgium", 25)),
    *(("Switzerland", 21), ("Portugal", 19), ("Italy", 15), ("Finland", 12), ("Austria", 11)),
    *(("Norway", 10), ("Denmark", 9), ("Netherlands", 9), ("Australia", 9)),
    *(("Channel Islands", 9), ("Japan", 8), ("Cyprus", 8), ("Sweden", 8), ("Poland", 6)),
    *(("USA", 4), ("Greece", 4), ("Canada", 4), ("Unspecified", 4), ("EIRE", 3), ("Israel", 4)),
    *(("United Arab Emirates", 2), ("Malta", 2), ("Bahrain", 2), ("RSA", 1), ("Iceland", 1)),
    *(("Lebanon", 1), ("Lithuania", 1), ("Brazil", 1), ("Singapore", 1), ("Saudi Arabia", 1)),
    *(("European Community", 1), ("Czech Republic", 1)),
)
# Invoices of the original without customer by country.
_COUNTRIES_OF_NOBODY: Final = (
    *((HOME, 3_637), ("EIRE", 41), ("Hong Kong", 15), ("Unspecified", 5), ("Israel", 3)),
    *(("France", 3), ("Switzerland", 3), ("Bahrain", 2), ("Portugal", 1)),
)
_QUANTITIES: Final = (
    *((1, 733), (12, 600), (2, 580), (6, 377), (4, 322), (3, 269), (24, 238), (10, 212)),
    *((8, 116), (5, 82), (48, 60), (25, 50), (20, 48), (16, 39), (36, 38), (72, 19), (96, 18)),
    *((100, 18), (18, 16), (7, 13), (9, 12), (30, 11), (40, 10), (144, 10), (32, 10), (50, 9)),
    *((120, 6), (200, 4), (288, 2), (432, 1), (600, 1), (1_000, 1)),
)
_QUANTITIES_OF_NOBODY: Final = (
    *((1, 745), (2, 237), (3, 101), (4, 63), (5, 36), (6, 32), (7, 16), (8, 15), (10, 11)),
    *((12, 10), (9, 9), (11, 6), (15, 3), (24, 3), (20, 2)),
)
# Baskets of the original with the first planted item alone, the second alone, and both.
_PAIR_BASKETS: Final = (411, 341, 640)
_LARGE_QUANTITY: Final = 24
_TWO_COUNTRIES: Final = 8
# Customers of the original without a sale; invoices on a day on which the customer had one.
_ONLY_CANCEL: Final = 34
_SAME_DAY: Final = 0.12
_SAME_DAY_MINUTES: Final = 25


@dataclass(frozen=True)
class Customers:
    """The known customers.

    Attributes:
        ids: ids of five digits.
        countries: their countries.
        buyers: how many of them, the first ones, buy; the others only cancel.
    """

    ids: tuple[str, ...]
    countries: tuple[str, ...]
    buyers: int


def make_customers(plan: ShopPlan) -> Customers:
    """All known customers of a plan's shop."""
    stream = Stream(plan.seed, "retail customers")
    count = plan.customers
    gap = max(1, 5_900 // count)
    ids = 12_346 + gap * np.arange(count, dtype=np.int64)
    return Customers(
        ids=tuple(str(number) for number in ids.tolist()),
        countries=tuple(_countries(_COUNTRIES, count, stream)),
        buyers=count - plan.scaled(_ONLY_CANCEL),
    )


def pair_rows(plan: ShopPlan) -> int:
    """How many rows the planted pair takes."""
    first, second, both = (plan.scaled(count) for count in _PAIR_BASKETS)
    return first + second + 2 * both


def make_sales(
    plan: ShopPlan, shop: Catalogue, customers: Customers, hours: OpenHours, rows: int
) -> tuple[list[Document], list[Document]]:
    """The ordinary invoices with and without customer, `rows` lines and the planted pair."""
    stream = Stream(plan.seed, "retail sales")
    known_rows = plan.known(rows)
    known_place = _invoice_of_line(known_rows, plan.known_invoices, shop.items // 2, stream)
    other_place = _invoice_of_line(
        rows - known_rows, plan.unknown_invoices, shop.items // 2, stream
    )
    chosen = np.concatenate(
        [
            np.arange(shop.items, dtype=np.int64),
            shop.wanted(stream.spread(rows - shop.items)),
        ]
    )[stream.shuffled(rows)]
    known = _blank_invoices(int(known_place[-1]) + 1, customers, hours, stream)
    others = [
        Document(SALE, minute, "", country)
        for minute, country in zip(
            hours.minutes(int(other_place[-1]) + 1, stream),
            _countries(_COUNTRIES_OF_NOBODY, int(other_place[-1]) + 1, stream),
            strict=True,
        )
    ]
    _fill(known, known_place, chosen[:known_rows], shop, _QUANTITIES, stream)
    _fill(others, other_place, chosen[known_rows:], shop, _QUANTITIES_OF_NOBODY, stream)
    _plant_pair(plan, [*known, *others], stream)
    return known, others


def _invoice_of_line(lines: int, invoices: int, most: int, stream: Stream) -> Ints:
    """Number of the invoice of each line; lengths fall off geometrically, none is over `most`."""
    begins = np.zeros(lines, dtype=np.int64)
    begins[1 + stream.shuffled(lines - 1)[: invoices - 1]] = 1
    begins[0] = 1
    starts = np.flatnonzero(begins)
    place = np.arange(lines) - np.repeat(starts, np.diff(np.append(starts, lines)))
    begins[(place % most == 0) & (place > 0)] = 1
    return np.cumsum(begins) - 1


def _blank_invoices(
    count: int, customers: Customers, hours: OpenHours, stream: Stream
) -> list[Document]:
    """Invoices of known customers, still empty.

    Each buyer has one; a few buy twice on a day, and a few have two countries.
    """
    number = customers.buyers
    regular = min(number, count)
    owners = np.concatenate(
        [
            np.arange(regular, dtype=np.int64),
            pick(popularity(number, flat=number // 12 + 1), stream.spread(count - regular)),
        ]
    ).tolist()
    result = [
        Document(SALE, minute, customers.ids[owner], customers.countries[owner])
        for owner, minute in zip(owners, hours.minutes(count, stream), strict=True)
    ]
    moved: set[str] = set()
    before = {one.customer: one for one in result[:regular]}
    for one, luck in zip(result[regular:], stream.spread(count - regular).tolist(), strict=True):
        if luck < _SAME_DAY:
            one.minute = before[one.customer].minute + _SAME_DAY_MINUTES
        before[one.customer] = one
    for one in result[regular:]:
        if len(moved) == _TWO_COUNTRIES:
            break
        if one.country != HOME and one.customer not in moved:
            moved.add(one.customer)
            one.country = "Unspecified" if one.country != "Unspecified" else HOME
    return result


def _fill(
    invoices: list[Document],
    place: Ints,
    items: Ints,
    shop: Catalogue,
    quantities: tuple[tuple[int, int], ...],
    stream: Stream,
) -> None:
    """Sell the items, none twice on one invoice, at the prices of this kind of customer."""
    amounts, chances = np.array(quantities, dtype=np.int64).T
    quantity = amounts[pick(chances, stream.spread(len(place)))].tolist()
    luck = stream.uniform(len(place)).tolist()
    place, items = distinct_within(place, items, shop.items)
    for number, item, units, chance in zip(
        place.tolist(), items.tolist(), quantity, luck, strict=True
    ):
        one = invoices[number]
        price = shop.mils[item]
        if not one.customer:
            # Sold by way of other shops, at nearly twice the price.
            price = price * 197 // 1_000 * 10
        elif units >= _LARGE_QUANTITY:
            price = max(10, price * 85 // 1_000 * 10)
        one.lines.append(shop.sold(item, units, price, chance))


def _plant_pair(plan: ShopPlan, invoices: list[Document], stream: Stream) -> None:
    """Sell the planted pair: on some invoices one of the two, on others both."""
    first, second, both = (plan.scaled(count) for count in _PAIR_BASKETS)
    chosen = stream.shuffled(len(invoices))[: first + second + both].tolist()
    for rank, place in enumerate(chosen):
        sold = PAIR[:1] if rank < first else PAIR[1:] if rank < first + second else PAIR
        units = (2, 4, 8, 12)[rank % 4]
        invoices[place].lines += [line._replace(quantity=units) for line in sold]


def _countries(table: tuple[tuple[str, int], ...], count: int, stream: Stream) -> list[str]:
    """Countries of `count` customers or invoices, as frequent as the table says."""
    names = [name for name, _ in table]
    weights = np.array([weight for _, weight in table], dtype=np.int64)
    return [names[place] for place in pick(weights, stream.spread(count)).tolist()]
