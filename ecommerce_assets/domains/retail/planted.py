"""How the simulated gift shop's cancellations are linked to sales, as truths of the ledger.

Belongs here: the planted links, which only the whole file decides. Stays out: the other planted
figures and the SQL (`truths/`), the definitions (`simulation/retail/truth.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ecommerce_assets.domains.truths import SIMULATED
from ecommerce_assets.lib.truths import Truth

if TYPE_CHECKING:
    from ecommerce_assets.simulation.retail.truth import RetailTruth


def planted_links(planted: RetailTruth, months: Sequence[date]) -> list[Truth]:
    """The cancelled items of known customers, by the way their sale must be found.

    A planted part of a sale is what first in, first out must find: nothing else takes its units.

    Args:
        planted: the truth of the whole file.
        months: the domain's months, oldest first. Where they are not the file's, which was then
            written for other months, nothing is known of their links.
    """
    if [month.isoformat() for month in months] != [month.month for month in planted.months]:
        return []
    links = planted.links
    figures = (
        ("exact_links", links.exact, "that a sale of equal quantity and price meets"),
        ("fifo_links", links.partial, "of a part of a sale"),
        ("unlinked_cancellations", links.none, "of what the customer never bought"),
    )
    return [
        Truth(
            dataset=SIMULATED,
            metric=metric,
            first=months[0],
            last=months[-1],
            needs_from=months[0],
            definition=f"cancelled items of known customers {definition}",
            expected=Decimal(expected),
            tolerance=Decimal(0),
            source="planted by the simulated shop",
            measure="links",
            column=metric,
        )
        for metric, expected, definition in figures
    ]
