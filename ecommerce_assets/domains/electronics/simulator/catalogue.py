"""What the electronics shop sells: products, categories, brands and prices.

What belongs here: the catalogue, numbered by popularity, the most wanted product first, and
what the file leaves out of it. What stays out: who buys.

Products without category are those whose rows come out shifted in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.domains.electronics.simulator.plan import ShopPlan
from ecommerce_assets.simulation.randomness import (
    Bools,
    Floats,
    Ints,
    Stream,
    evenly_flagged,
    lognormal_table,
    scaled,
)
from ecommerce_assets.simulation.weights import pick, popularity, quota

# Original file: 431,954 of 2,633,521 rows are shifted. Of the other 2,201,567 rows, 612,202
# have no category code and about 184,700 no brand.
_SHIFTED: Final = 164_022
_UNCODED: Final = 278_076
_BRANDLESS: Final = 83_900

# Published value of the strongest brands, in per million of all value.
_STRONGEST: Final = (
    ("samsung", 270_640),
    ("apple", 143_930),
    ("lg", 78_590),
    ("bosch", 33_300),
    ("huawei", 32_370),
    ("asus", 31_950),
    ("lenovo", 31_650),
    ("ava", 25_670),
)
_OTHERS: Final = (
    *("xiaomi", "oppo", "hp", "acer", "artel", "beko", "indesit", "midea", "haier", "sony"),
    *("philips", "karcher", "tefal", "polaris", "vitek", "deluxe", "elenberg", "dyson", "jbl"),
    *("canon", "transcend", "kingston", "intel", "amd", "maestro", "scarlett", "redmond"),
)
_SYLLABLES: Final = (
    *("al", "be", "cor", "da", "el", "fo", "gri", "hu", "ix", "jo", "ka", "lum", "mi", "nor"),
    *("ol", "pra", "qi", "ro", "sa", "ter", "ul", "vo", "wen", "xa", "yo", "zen"),
)
_CODES: Final = (
    *("electronics.smartphone", "electronics.video.tv", "computers.notebook"),
    *("electronics.audio.headphone", "electronics.clocks", "electronics.tablet"),
    *("electronics.telephone", "electronics.audio.acoustic", "electronics.camera.photo"),
    *("appliances.kitchen.refrigerators", "appliances.kitchen.washer"),
    *("appliances.kitchen.kettle", "appliances.kitchen.blender", "appliances.kitchen.oven"),
    *("appliances.kitchen.microwave", "appliances.kitchen.hood", "appliances.kitchen.hob"),
    *("appliances.kitchen.meat_grinder", "appliances.kitchen.mixer", "appliances.kitchen.juicer"),
    *("appliances.kitchen.coffee_machine", "appliances.kitchen.dishwasher"),
    *("appliances.kitchen.toster", "appliances.environment.vacuum", "appliances.iron"),
    *("appliances.environment.air_conditioner", "appliances.environment.fan"),
    *("appliances.environment.water_heater", "appliances.personal.scales"),
    *("appliances.personal.hair_cutter", "appliances.sewing_machine"),
    *("computers.desktop", "computers.ebooks", "computers.components.cpu"),
    *("computers.components.hdd", "computers.components.videocards", "computers.peripherals.mouse"),
    *("computers.peripherals.printer", "computers.peripherals.monitor"),
    *("computers.peripherals.keyboard", "computers.peripherals.camera"),
    *("furniture.kitchen.table", "furniture.kitchen.chair", "furniture.bedroom.bed"),
    *("furniture.living_room.cabinet", "furniture.living_room.shelving", "stationery.cartrige"),
    *("auto.accessories.player", "construction.tools.drill", "construction.tools.light"),
    *("kids.toys", "kids.carriage", "sport.bicycle", "sport.trainer", "apparel.shoes"),
)
_FREE: Final = 0.006
_GOLDEN: Final = 0.6180339887498949


@dataclass(frozen=True)
class Catalogue:
    """The products of the shop, most popular first; arrays have shape (products,).

    Attributes:
        ids: product ids of 19 digits.
        categories: category ids of 19 digits; not shown for shifted products.
        code: place in `codes`; 0 where the file shows none.
        codes: the empty text and all category codes.
        brand: place in `brands`; 0 where the file shows none.
        brands: the empty text and all brands.
        prices: ordinary prices in cents.
        shifted: products whose rows come out shifted.
        weights: how wanted each product is.
    """

    ids: Ints
    categories: Ints
    code: Ints
    codes: tuple[str, ...]
    brand: Ints
    brands: tuple[str, ...]
    prices: Ints
    shifted: Bools
    weights: Ints

    @property
    def products(self) -> int:
        """Number of products."""
        return len(self.ids)

    def wanted(self, uniform: Floats) -> Ints:
        """Products drawn by popularity, one for each number in [0, 1)."""
        return pick(self.weights, uniform)

    def monthly_prices(self, months: int, stream: Stream) -> Ints:
        """Prices in cents, shape (months, products); a tenth differs from the ordinary."""
        size = months * self.products
        factor = np.where(stream.uniform(size) < 0.1, 85 + scaled(stream.uniform(size), 26), 100)
        prices = (np.tile(self.prices, months) * factor + 50) // 100
        prices = np.where(np.tile(self.prices, months) > 0, np.maximum(prices, 1), 0)
        return np.asarray(prices.reshape(months, self.products))


def make_catalogue(plan: ShopPlan) -> Catalogue:
    """The catalogue of a plan's shop."""
    stream = Stream(plan.seed, "electronics catalogue")
    count = plan.products
    weights = popularity(count, flat=max(4, count // 1_250))
    shifted = quota(weights, _SHIFTED)
    shown = np.where(shifted, 0, weights)
    prices = lognormal_table(5_500, 1.42)[scaled(stream.spread(count), 1_024)]
    prices[evenly_flagged(count, _FREE, step=_GOLDEN) & (np.arange(count) > count // 20)] = 0
    brands = ("", *_brand_names(min(900, max(40, count // 28))))
    categories, code = _categories(count, quota(shown, _UNCODED), stream)
    return Catalogue(
        ids=_ids(stream, count),
        categories=categories,
        code=np.where(shifted, 0, code),
        codes=("", *_CODES),
        brand=_brands(shown, prices, quota(shown, _BRANDLESS) | shifted, len(brands), stream),
        brands=brands,
        prices=prices,
        shifted=shifted,
        weights=weights,
    )


def _ids(stream: Stream, count: int) -> Ints:
    """Different odd ids: most of one range, a third of a later one, in random order.

    No odd number of this size is a float.
    """
    late = count // 3
    step = stream.below(np.full(count, 90)) * 2 + 20
    ids = 2 * (np.cumsum(step) // 2) + 1
    ids[: count - late] += 1_515_966_223_509_089_000
    ids[count - late :] += 2_273_948_308_000_000_000
    return np.asarray(ids[stream.shuffled(count)])


def _categories(count: int, uncoded: Bools, stream: Stream) -> tuple[Ints, Ints]:
    """Category id and place of the code of each product; several ids may share a code."""
    number = max(len(_CODES) * 2, count // 32)
    ids = 2_268_105_388_421_284_000 + 2 * np.cumsum(stream.below(np.full(number, 90_000_000)) + 1)
    ids += 1
    plain = number // 3
    with_code = number - plain
    place = pick(popularity(with_code, flat=8), stream.uniform(count))
    without = with_code + pick(popularity(plain, flat=8), stream.uniform(count))
    category = np.where(uncoded, without, place)
    return ids[category], np.where(uncoded, 0, place % len(_CODES) + 1)


def _brands(weights: Ints, prices: Ints, nameless: Bools, count: int, stream: Stream) -> Ints:
    """Place of each product's brand, so that the strongest have their share of the value.

    A product goes to the brand that lacks most of its share, or to one of the many others.
    """
    value = weights // 1_000 * prices
    lesser = 1 + len(_STRONGEST)
    others = lesser + pick(popularity(count - lesser, flat=6), stream.uniform(len(weights)))
    # Each of the others is sold: the tail names them once, in order.
    named = np.flatnonzero(~nameless)[::-1][: count - lesser]
    reserved = dict(zip(named.tolist(), range(lesser, count), strict=False))
    # One product alone must not lift a lesser brand among the strongest.
    large = int(value.sum()) // 200
    due = [0.0] * lesser
    owned = [0.0] * lesser
    result = np.zeros(len(weights), dtype=np.int64)
    for place, (worth, empty) in enumerate(zip(value.tolist(), nameless.tolist(), strict=True)):
        for brand, (_, share) in enumerate(_STRONGEST, start=1):
            due[brand] += share * worth / 1_000_000
        if empty:
            continue
        if place in reserved:
            result[place] = reserved[place]
            continue
        lacking = max(range(1, lesser), key=lambda brand: due[brand] - owned[brand])
        if due[lacking] - owned[lacking] > worth / 2 or worth > large:
            result[place] = lacking
            owned[lacking] += worth
        else:
            result[place] = others[place]
    return result


def _brand_names(count: int) -> list[str]:
    """The strongest brands, some well-known ones, then invented ones; all different."""
    names = [name for name, _ in _STRONGEST] + list(_OTHERS)
    invented = (a + b + c for c in ("", "o", "ex") for a in _SYLLABLES for b in _SYLLABLES)
    seen = set(names)
    for name in invented:
        if len(names) >= count:
            break
        if name not in seen:
            seen.add(name)
            names.append(name)
    return names[:count]
