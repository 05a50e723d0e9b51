"""What the shop sells: products, categories, brands, prices, and pairs bought together.

What belongs here: the catalogue of a data set, the same in every month but for prices.
What stays out: who buys.

A *product* is numbered by popularity, the most wanted first. An *item* is a spelling of a
product in the file: many products appear now with and now without their brand, and a few
adjustments carry negative prices. Rows refer to items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.simulation.randomness import (
    Bools,
    Floats,
    Ints,
    Stream,
    evenly_flagged,
    lognormal_table,
    scaled,
)

PAIRS: Final = 10
ADJUSTMENTS: Final = (-1587, -2381, -5143)

_BRANDLESS: Final = 0.412
_UNSTEADY_BRAND: Final = 0.5
_BRAND_FORGOTTEN: Final = 0.04
_CODED: Final = 0.0171
_FREE: Final = 0.007
_TOP_SHARE: Final = 0.003
_ROUBLES_PER_DOLLAR: Final = 63

# Irrational steps: fractional parts of the golden ratio and of square roots.
_STEPS: Final = (0.6180339887498949, 0.41421356237309515, 0.7320508075688772, 0.23606797749978969)

_CODES: Final = (
    *("accessories.bag", "accessories.cosmetic_bag", "apparel.glove"),
    *("appliances.environment.air_conditioner", "appliances.environment.vacuum"),
    *("appliances.personal.hair_cutter", "appliances.personal.massager"),
    *(
        "furniture.bathroom.bath",
        "furniture.living_room.cabinet",
        "sport.diving",
        "stationery.cartrige",
    ),
)
_SYLLABLES: Final = (
    "ba",
    "de",
    "fri",
    "ga",
    "ko",
    "li",
    "mo",
    "na",
    "pel",
    "ri",
    "sta",
    "tu",
    "vel",
    "zi",
)


@dataclass(frozen=True)
class Catalogue:
    """The products of a data set, most popular first.

    Attributes:
        ids: product ids of four to seven digits, shape (products + adjustments,).
        categories: 19-digit category ids, same shape.
        codes: category codes, mostly empty, same length.
        brands: brand names, many empty, same length.
        prices: ordinary prices in cents, same shape; negative for adjustments.
        unsteady: products whose brand is sometimes left out, shape (products,).
        skew: how much wanted products stand out; larger is flatter.
    """

    ids: Ints
    categories: Ints
    codes: tuple[str, ...]
    brands: tuple[str, ...]
    prices: Ints
    unsteady: Bools
    skew: float

    @property
    def products(self) -> int:
        """Number of products, adjustments not counted."""
        return len(self.unsteady)

    @property
    def items(self) -> int:
        """Number of items: each product with and without brand, and the adjustments."""
        return 2 * self.products + len(ADJUSTMENTS)

    @property
    def item_products(self) -> Ints:
        """The place in `ids` of each item, shape (items,)."""
        every = np.arange(self.products)
        return np.concatenate([every, every, np.arange(self.products, len(self.ids))])

    @property
    def item_has_brand(self) -> Bools:
        """Which items show a brand, shape (items,)."""
        named = np.array([bool(brand) for brand in self.brands])
        named = named[self.item_products]
        named[self.products : 2 * self.products] = False
        return np.asarray(named)

    @property
    def pairs(self) -> Ints:
        """Products planted as bought together, shape (10, 2), the most frequent pair first."""
        first = self.products // 4 + 2 * np.arange(PAIRS)
        return np.stack([first, first + 1], axis=1)

    def wanted(self, uniform: Floats) -> Ints:
        """Products drawn by popularity, one for each number in [0, 1)."""
        e = self.skew
        shifted = uniform + e
        low, high = e * e * e, (1 + e) * (1 + e) * (1 + e)
        return scaled((shifted * shifted * shifted - low) / (high - low), self.products)

    def spelled(self, products: Ints, uniform: Floats) -> Ints:
        """Items of products: a few lose their brand."""
        forgotten = self.unsteady[products] & (uniform < _BRAND_FORGOTTEN)
        return products + np.where(forgotten, self.products, 0)

    def monthly_prices(self, stream: Stream) -> Ints:
        """Prices of all items in one month in cents, shape (items,); a few are changed."""
        count = len(self.ids)
        factor = np.where(stream.uniform(count) < 0.06, 80 + scaled(stream.uniform(count), 41), 100)
        prices = np.where(
            self.prices > 0, np.maximum((self.prices * factor + 50) // 100, 1), self.prices
        )
        return np.asarray(prices[self.item_products])


def make_catalogue(products: int, seed: int) -> Catalogue:
    """The catalogue of a data set.

    Args:
        products: how many products, at least 100.
        seed: the data set's seed.
    """
    stream = Stream(seed, "catalogue")
    total = products + len(ADJUSTMENTS)
    coded = evenly_flagged(products, _CODED, step=_STEPS[1])
    categories, codes = _categories(stream, products, coded)
    brandless = evenly_flagged(products, _BRANDLESS, step=_STEPS[0])
    names = _brand_names()
    picked = scaled(_skewed(stream.uniform(products)), len(names))
    brands = [
        "" if empty else names[i]
        for empty, i in zip(brandless.tolist(), picked.tolist(), strict=True)
    ]
    roubles = 5 * np.maximum(lognormal_table(37.5, 1.0), 1)
    cents = (
        roubles[scaled(stream.uniform(products), len(roubles))] * 100 + 31
    ) // _ROUBLES_PER_DOLLAR
    cents[evenly_flagged(products, _FREE, step=_STEPS[3])] = 0
    return Catalogue(
        ids=_product_ids(stream, total),
        categories=np.concatenate([categories, np.repeat(categories[:1], len(ADJUSTMENTS))]),
        codes=(*codes, *[""] * len(ADJUSTMENTS)),
        brands=(*brands, *[""] * len(ADJUSTMENTS)),
        prices=np.concatenate([cents, np.array(ADJUSTMENTS, dtype=np.int64)]),
        unsteady=evenly_flagged(products, _UNSTEADY_BRAND, step=_STEPS[2]) & ~brandless,
        skew=float(min(0.45, np.sqrt(1.0 / (3.0 * _TOP_SHARE * products)))),
    )


def _skewed(uniform: Floats) -> Floats:
    return uniform * uniform


def _product_ids(stream: Stream, count: int) -> Ints:
    """Different ids: a few of 4, 5 and 6 digits, most of 7."""
    four, five, six = (max(1, count * per_mille // 1000) for per_mille in (20, 5, 5))
    groups = (
        _different(stream, four, 3_000, 9_999),
        _different(stream, five, 10_000, 99_999),
        _different(stream, six, 100_000, 999_999),
        _different(stream, count - four - five - six, 5_550_000, 5_930_000),
    )
    return np.asarray(np.concatenate(groups)[stream.shuffled(count)])


def _different(stream: Stream, count: int, low: int, high: int) -> Ints:
    """`count` different rising numbers in [low, high)."""
    edge = low + ((high - low) * np.arange(count + 1, dtype=np.int64)) // count
    return np.asarray(edge[:-1] + stream.below(np.diff(edge)))


def _categories(stream: Stream, products: int, coded: Bools) -> tuple[Ints, list[str]]:
    """Category id and code of each product; a category has one code or none."""
    plain = min(490, max(12, products // 110))
    old = (
        _different(stream, plain * 5 // 6, 4_000_000_000, 14_000_000_000)
        + 1_487_580_000_000_000_000
    )
    new = _different(stream, plain - plain * 5 // 6, 160_000_000_000, 220_000_000_000) * 10_000_000
    new += stream.below(np.full(len(new), 10_000_000))
    with_code = (
        _different(stream, len(_CODES), 4_000_000_000, 14_000_000_000) + 1_487_590_000_000_000_000
    )
    plain_ids = np.concatenate([old, new])[stream.shuffled(plain)]
    place = scaled(_skewed(stream.uniform(products)), plain)
    coded_place = scaled(stream.uniform(products), len(_CODES))
    ids = np.where(coded, with_code[coded_place], plain_ids[place])
    codes = [
        _CODES[i] if flag else ""
        for i, flag in zip(coded_place.tolist(), coded.tolist(), strict=True)
    ]
    return ids, codes


def _brand_names() -> list[str]:
    """Invented brands; some are spelled with a dot, as in the original."""
    names = [a + b + c for c in ("", "n", "x") for a in _SYLLABLES for b in _SYLLABLES if a != b]
    names = names[:250]
    return [
        f"{name[:2]}.{name[2:]}" if place % 25 == 7 else name for place, name in enumerate(names)
    ]
