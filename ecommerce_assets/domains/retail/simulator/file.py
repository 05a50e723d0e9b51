"""The file of the simulated gift shop, and the truths planted in it.

What belongs here: putting the invoices together, their text, and writing the file.
What stays out: how any invoice is drawn, and how the rows are counted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from ecommerce_assets.domains.retail.simulator.catalogue import make_catalogue
from ecommerce_assets.domains.retail.simulator.counting import count_truth
from ecommerce_assets.domains.retail.simulator.documents import Document, Row, numbered
from ecommerce_assets.domains.retail.simulator.oddities import add_oddities, odd_rows
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.domains.retail.simulator.returns import cancelled_rows, make_returns
from ecommerce_assets.domains.retail.simulator.rhythm import MINUTES, OpenHours
from ecommerce_assets.domains.retail.simulator.sales import make_customers, make_sales, pair_rows
from ecommerce_assets.domains.retail.simulator.truth import RetailTruth
from ecommerce_assets.simulation.delivery import deliver
from ecommerce_assets.simulation.randomness import Stream

MEMBER: Final = "data.csv"
ENCODING: Final = "cp1252"
HEADER: Final = (
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
)
_FIRST_NUMBER: Final = 536_365
_CHUNK: Final = 100_000
_DUPLICATES: Final = 5_268
_SPLIT_INVOICES: Final = 43


def simulate_retail(target: Path, *, rows: int, seed: int, calendar: Sequence[date]) -> RetailTruth:
    """Write the shop's one file as the source delivers it, and say what is true of it.

    The file has the columns `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,
    CustomerID,Country`, Windows-1252, LF, quoted only where a description holds a comma or a
    quote, times like `12/1/2010 8:26` (month first, wall-clock time of the United Kingdom) in
    rising order. It runs from the first day of the first month on which the shop is open to
    the ninth of the last. The same arguments give the same bytes.

    Args:
        target: the file; a name ending in `.zip` gives an archive with the one deflated
            member `data.csv`. It is replaced in one step.
        rows: rows of the file, exactly; 500 to 2 million.
        seed: zero or more.
        calendar: first days of all its months, in order, without gaps.

    Returns:
        the planted truths; keep them with `truth.write_retail_truth`.

    Raises:
        ValueError: if the number of rows, the seed or the calendar is refused.
        OSError: if the target can't be written.
    """
    plan = ShopPlan(tuple(calendar), rows, seed)
    hours = OpenHours(plan)
    sold = numbered(_documents(plan, hours), _FIRST_NUMBER)
    truth = count_truth(plan, sold, hours)
    deliver(_as_csv(sold, hours), target, member=MEMBER)
    return truth


def _documents(plan: ShopPlan, hours: OpenHours) -> list[Document]:
    """All invoices of a plan's file; together they have exactly the rows wanted."""
    shop = make_catalogue(plan)
    duplicates = plan.scaled(_DUPLICATES)
    special = odd_rows(plan) + cancelled_rows(plan) + pair_rows(plan) + duplicates
    customers = make_customers(plan)
    known, others = make_sales(plan, shop, customers, hours, plan.rows - special)
    odd = add_oddities(plan, shop, known, others, hours)
    returns = make_returns(plan, shop, known, odd, customers, hours)
    stream = Stream(plan.seed, "retail delivery")
    for place in stream.spread(duplicates).tolist():
        one = known[int(place * len(known))]
        one.lines.append(one.lines[int(place * 1_000_003) % len(one.lines)])
    long = [one for one in known if len(one.lines) >= 4]
    for place in stream.spread(plan.scaled(_SPLIT_INVOICES)).tolist():
        long[int(place * len(long))].split = True
    return [*known, *others, *odd, *returns]


def _as_csv(rows: list[Row], hours: OpenHours) -> Iterator[bytes]:
    """The file's content in pieces of some megabytes, header first."""
    for begin in range(0, len(rows), _CHUNK):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if begin == 0:
            writer.writerow(HEADER)
        writer.writerows(_fields(row, hours) for row in rows[begin : begin + _CHUNK])
        yield text.getvalue().encode(ENCODING)


def _fields(row: Row, hours: OpenHours) -> tuple[str | int, ...]:
    """A row as the file spells it."""
    line = row.line
    day = hours.date(row.minute)
    clock = row.minute % MINUTES
    moment = f"{day.month}/{day.day}/{day.year} {clock // 60}:{clock % 60:02}"
    money = _money(line.mils)
    return (
        *(row.invoice, line.code, line.description, line.quantity),
        *(moment, money, row.customer, row.country),
    )


@cache
def _money(mils: int) -> str:
    """Pounds with as many decimals as they need: `2.55`, `2.1`, `18`, `0.001`."""
    sign = "-" if mils < 0 else ""
    pounds, rest = divmod(abs(mils), 1_000)
    return f"{sign}{pounds}.{rest:03}".rstrip("0").rstrip(".")
