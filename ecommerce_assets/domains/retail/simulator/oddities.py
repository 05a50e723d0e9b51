"""Everything odd in the file: services, stock adjustments, bad debt, mistyped quantities.

What belongs here: rows that are neither an ordinary sale nor a customer's cancellation of one.
What stays out: which of them a mart may count as sales.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ecommerce_assets.domains.retail.simulator.catalogue import Catalogue
from ecommerce_assets.domains.retail.simulator.documents import (
    BAD_DEBT,
    CANCELLATION,
    SALE,
    Document,
    Line,
)
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.domains.retail.simulator.rhythm import OpenHours
from ecommerce_assets.domains.retail.simulator.sales import HOME
from ecommerce_assets.simulation.randomness import Stream

FOREIGN: Final = "foreign"
KNOWN: Final = "known"
NOBODY: Final = "nobody"


class _Service(NamedTuple):
    """A service code: rows in the original, on whose invoices, price from and to in pounds."""

    code: str
    description: str
    rows: int
    owner: str
    sign: int
    low: int
    high: int


_SERVICES: Final = (
    _Service("POST", "POSTAGE", 1_099, FOREIGN, 1, 18, 18),
    _Service("POST", "POSTAGE", 31, NOBODY, 1, 1, 40),
    _Service("POST", "POSTAGE", 97, KNOWN, -1, 1, 50),
    _Service("POST", "POSTAGE", 29, NOBODY, -1, 1, 50),
    _Service("DOT", "DOTCOM POSTAGE", 709, NOBODY, 1, 2, 600),
    _Service("DOT", "DOTCOM POSTAGE", 1, NOBODY, -1, 10, 20),
    _Service("C2", "CARRIAGE", 142, KNOWN, 1, 50, 50),
    _Service("C2", "CARRIAGE", 2, NOBODY, -1, 50, 150),
    _Service("M", "Manual", 290, KNOWN, 1, 1, 400),
    _Service("M", "Manual", 37, NOBODY, 1, 1, 1_000),
    _Service("M", "Manual", 175, KNOWN, -1, 1, 600),
    _Service("M", "Manual", 69, NOBODY, -1, 1, 900),
    _Service("m", "Manual", 1, NOBODY, 1, 2, 3),
    _Service("D", "Discount", 77, KNOWN, -1, 5, 300),
    _Service("S", "SAMPLES", 61, NOBODY, -1, 5, 60),
    _Service("S", "SAMPLES", 2, NOBODY, 1, 5, 60),
    _Service("BANK CHARGES", "Bank Charges", 25, NOBODY, -1, 30, 1_000),
    _Service("BANK CHARGES", "Bank Charges", 12, KNOWN, 1, 15, 15),
    _Service("AMAZONFEE", "AMAZON FEE", 32, NOBODY, -1, 200, 17_000),
    _Service("AMAZONFEE", "AMAZON FEE", 2, NOBODY, 1, 5_000, 13_000),
    _Service("CRUK", "CRUK Commission", 16, KNOWN, -1, 1, 600),
    _Service("DCGSSGIRL", "GIRLS PARTY BAG", 13, NOBODY, 1, 3, 4),
    _Service("DCGSSBOY", "BOYS PARTY BAG", 11, NOBODY, 1, 3, 4),
    _Service("DCGS0003", "BOXED GLASS ASHTRAY", 5, NOBODY, 1, 2, 3),
    _Service("DCGS0076", "SUNJAR LED NIGHT NIGHT LIGHT", 4, NOBODY, 1, 12, 16),
    _Service("gift_0001_10", "Dotcomgiftshop Gift Voucher £10.00", 9, NOBODY, 1, 8, 9),
    _Service("gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", 10, NOBODY, 1, 16, 17),
    _Service("gift_0001_30", "Dotcomgiftshop Gift Voucher £30.00", 8, NOBODY, 1, 25, 26),
    _Service("gift_0001_40", "Dotcomgiftshop Gift Voucher £40.00", 3, NOBODY, 1, 34, 35),
    _Service("gift_0001_50", "Dotcomgiftshop Gift Voucher £50.00", 4, NOBODY, 1, 42, 43),
    _Service("PADS", "PADS TO MATCH ALL CUSHIONS", 4, KNOWN, 1, 0, 0),
)
_NOTES: Final = (
    *("check", "?", "damages", "damaged", "found", "sold as set on dotcom", "adjustment"),
    *("Damaged", "thrown away", "Unsaleable, destroyed.", "amazon", "Found", "??", "dotcom"),
    *("damages?", "wet damaged", "ebay", "had been put aside", "smashed", "mailout", "missing"),
    *("test", "wet pallet", "Dotcom sales", "counted", "michel oops", "crushed", "?missing"),
    *("wrongly coded 20713", "thrown away-can't sell.", "incorrect stock entry.", "mixed up"),
    *("rcvd be air temp fix for dotcom sit", "did  a credit  and did not tick ret", "mailout "),
)
# Stock adjustments of the original: rows, sign, whether a description is there.
_ADJUSTMENTS: Final = ((862, -1, False), (592, 1, False), (474, -1, True), (547, 1, True))
_GIVEN_AWAY: Final = 40
_BAD_DEBT: Final = 11_062_060
# Units entered and cancelled, price, minutes until the cancellation.
_MISTYPED: Final = ((74_215, 1_040, 16), (80_995, 2_080, 12))


def odd_rows(plan: ShopPlan) -> int:
    """How many rows `add_oddities` makes."""
    services = sum(plan.scaled(one.rows) for one in _SERVICES)
    adjustments = sum(plan.scaled(rows) for rows, _, _ in _ADJUSTMENTS)
    return services + adjustments + plan.scaled(_GIVEN_AWAY) + 3 + 2 * len(_MISTYPED)


def add_oddities(
    plan: ShopPlan,
    shop: Catalogue,
    known: list[Document],
    others: list[Document],
    hours: OpenHours,
) -> list[Document]:
    """Add odd lines to the ordinary invoices, and give the odd invoices of their own.

    Args:
        plan: the data set.
        shop: the catalogue.
        known: ordinary invoices of known customers; some get a line more.
        others: ordinary invoices without customer; some get a line more.
        hours: when the shop is open.
    """
    stream = Stream(plan.seed, "retail oddities")
    abroad = [one for one in known if one.country != HOME] or known
    pools = {FOREIGN: abroad, KNOWN: known, NOBODY: others}
    result = []
    for service in _SERVICES:
        count = plan.scaled(service.rows)
        hosts = _any_of(pools[service.owner], count, stream)
        for host, luck in zip(hosts, stream.uniform(count).tolist(), strict=True):
            line = _service_line(service, luck)
            if service.sign > 0:
                host.lines.append(line)
            else:
                delay = 1 + int(luck * 20)
                minute = hours.later(host.minute, delay)
                result.append(Document(CANCELLATION, minute, host.customer, host.country, [line]))
    for host, luck in zip(
        _any_of(known, plan.scaled(_GIVEN_AWAY), stream),
        stream.uniform(plan.scaled(_GIVEN_AWAY)).tolist(),
        strict=True,
    ):
        host.lines.append(shop.sold(int(luck * shop.items), 1 + int(luck * 24), 0, 0.5))
    return [
        *result,
        *_adjustments(plan, shop, hours, stream),
        *_bad_debt(plan, hours),
        *_mistyped(shop, known, hours),
    ]


def _service_line(service: _Service, luck: float) -> Line:
    """A line of a service; postage is charged by the parcel, everything else once."""
    span = (service.high - service.low) * 100
    mils = service.low * 1_000 + int(luck * span) * 10
    if service.code == "PADS":
        mils = 1
    units = 1 + int(luck * 4) if service.owner == FOREIGN else 1
    return Line(service.code, service.description, service.sign * units, mils)


def _adjustments(
    plan: ShopPlan, shop: Catalogue, hours: OpenHours, stream: Stream
) -> Iterator[Document]:
    """Invoices that only correct the stock: no customer, no price, one line."""
    for rows, sign, described in _ADJUSTMENTS:
        count = plan.scaled(rows)
        items = stream.uniform(count).tolist()
        luck = stream.uniform(count).tolist()
        minutes = hours.minutes(count, stream)
        for minute, place, chance in zip(minutes, items, luck, strict=True):
            item = int(place * shop.items)
            text = ""
            if described:
                own = chance > 0.85
                text = shop.descriptions[item] if own else _NOTES[int(chance / 0.85 * len(_NOTES))]
            units = 1 + int(chance * chance * chance * 400)
            yield Document(SALE, minute, "", HOME, [Line(shop.codes[item], text, sign * units, 0)])


def _bad_debt(plan: ShopPlan, hours: OpenHours) -> Iterator[Document]:
    """Three adjustments of bad debt within three minutes, halfway through the file."""
    start = hours.opening(len(hours.open_days) * 2 // 3) + 290
    for place, sign in enumerate((1, -1, -1)):
        line = Line("B", "Adjust bad debt", 1, sign * _BAD_DEBT)
        yield Document(BAD_DEBT, start + place, "", HOME, [line])


def _mistyped(shop: Catalogue, known: list[Document], hours: OpenHours) -> Iterator[Document]:
    """Huge quantities, each cancelled within minutes: one early, one on the last open day."""
    last = len(hours.open_days) - 1
    for place, (units, mils, minutes) in enumerate(_MISTYPED):
        host = known[-1 - place]
        start = hours.opening(last if place else min(24, last)) - 45 + 30 * place
        item = shop.items - 1 - place
        for kind, sign, minute in ((SALE, 1, start), (CANCELLATION, -1, start + minutes)):
            line = Line(shop.codes[item], shop.descriptions[item], sign * units, mils)
            yield Document(kind, minute, host.customer, host.country, [line])


def _any_of(documents: list[Document], count: int, stream: Stream) -> list[Document]:
    """`count` documents, each as likely as any other."""
    return [documents[int(place * len(documents))] for place in stream.spread(count).tolist()]
