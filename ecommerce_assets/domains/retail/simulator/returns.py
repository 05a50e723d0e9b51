"""Cancellations of known customers: some reverse a sale exactly, some in part, some none.

What belongs here: choosing what is cancelled, and by which link. What stays out: counting
the links; `counting` looks at all rows, whoever wrote them.

A cancellation that reverses a sale has a sale of its own: no two reverse the same line, and
no two equal lines of a customer are reversed as a whole, so that each link can be told from
the rows alone. One that reverses none is of an item that this customer never bought.
"""

from __future__ import annotations

from typing import Final

from ecommerce_assets.domains.retail.simulator.catalogue import Catalogue
from ecommerce_assets.domains.retail.simulator.documents import CANCELLATION, Document, Line
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.domains.retail.simulator.rhythm import OpenHours
from ecommerce_assets.domains.retail.simulator.sales import Customers
from ecommerce_assets.simulation.randomness import Stream

# Original file: 8,905 cancelled rows of known customers, 366 of them services; 3,137 meet a
# sale of the same customer, code, quantity and price.
_ROWS: Final = 8_539
_EXACT: Final = 0.367
_PARTIAL: Final = 0.36
_ONE_MORE: Final = 0.6
_LONGEST_DELAY: Final = 45


def cancelled_rows(plan: ShopPlan) -> int:
    """How many rows the cancellations of known customers take."""
    return plan.scaled(_ROWS)


def make_returns(
    plan: ShopPlan,
    shop: Catalogue,
    sales: list[Document],
    odd: list[Document],
    customers: Customers,
    hours: OpenHours,
) -> list[Document]:
    """Cancellations of exactly `cancelled_rows` lines.

    Args:
        plan: the data set.
        shop: the catalogue.
        sales: the ordinary invoices of known customers; they stay as they are.
        odd: the odd invoices; what they sold to a customer was bought, too.
        customers: all known customers; those who never bought cancel first.
        hours: when the shop is open.
    """
    rows = cancelled_rows(plan)
    stream = Stream(plan.seed, "retail returns")
    bought = _Bought([*sales, *odd])
    # By exact shares, so that a small file has every link too.
    links = iter(stream.spread(rows).tolist())
    luck = iter(stream.uniform(8 * rows + 64).tolist())
    order = stream.shuffled(len(sales)).tolist()
    silent = list(zip(customers.ids, customers.countries, strict=True))[customers.buyers :]
    result: list[Document] = []
    done, turn = 0, 0
    while done < rows:
        sale = sales[order[turn % len(order)]]
        turn += 1
        delay = 1 + int(next(luck) * _LONGEST_DELAY)
        one = Document(CANCELLATION, hours.later(sale.minute, delay), sale.customer, sale.country)
        if silent:
            one.customer, one.country = silent.pop()
        wanted = 1
        while wanted < rows - done and wanted < 40 and next(luck) < _ONE_MORE:
            wanted += 1
        for _ in range(wanted):
            link = next(links)
            line = None
            if one.customer != sale.customer:
                line = bought.never(one, shop, next(luck))
            elif link < _EXACT:
                line = bought.whole(sale)
            elif link < _EXACT + _PARTIAL:
                line = bought.part(sale, next(luck))
            one.lines.append(line or bought.never(one, shop, next(luck)))
        done += wanted
        result.append(one)
    return result


class _Bought:
    """What customers bought, and which of those lines a cancellation has taken already."""

    def __init__(self, sales: list[Document]) -> None:
        self._codes: set[tuple[str, str]] = set()
        self._lines: set[tuple[str, str, int, int]] = set()
        self._undone: set[tuple[str, str, int, int]] = set()
        self._next: dict[int, int] = {}
        for sale in sales:
            for line in sale.lines:
                code = line.code.upper()
                self._codes.add((sale.customer, code))
                self._lines.add((sale.customer, code, line.quantity, line.mils))

    def whole(self, sale: Document) -> Line | None:
        """Take back a line of the sale as it is."""
        while line := self._free(sale):
            key = (sale.customer, line.code.upper(), line.quantity, line.mils)
            if key not in self._undone:
                self._undone.add(key)
                return line._replace(quantity=-line.quantity)
        return None

    def part(self, sale: Document, luck: float) -> Line | None:
        """Take back some units of a line: so many as this customer bought at no time."""
        line = self._free(sale)
        if line is None:
            return None
        units = 1 + int(luck * max(line.quantity - 1, 1))
        key = (sale.customer, line.code.upper())
        for fewer in (*range(units, 0, -1), *range(units + 1, line.quantity)):
            if fewer < line.quantity and (*key, fewer, line.mils) not in self._lines:
                return line._replace(quantity=-fewer)
        return None

    def never(self, one: Document, shop: Catalogue, luck: float) -> Line:
        """Take back an item that this customer did not buy."""
        item = int(luck * shop.items)
        while (one.customer, shop.codes[item]) in self._codes:
            item = (item + 1) % shop.items
        units = 1 + int(luck * 1_000) % 12
        return Line(shop.codes[item], shop.descriptions[item], -units, shop.mils[item])

    def _free(self, sale: Document) -> Line | None:
        """The next line of the sale that nothing has taken back; None if there is no more."""
        place = self._next.get(id(sale), 0)
        while place < len(sale.lines) and not _is_item(sale.lines[place]):
            place += 1
        self._next[id(sale)] = place + 1
        return sale.lines[place] if place < len(sale.lines) else None


def _is_item(line: Line) -> bool:
    """Whether the line sells an item for money; services are taken back elsewhere."""
    return line.code[:5].isdigit() and line.mils > 0
