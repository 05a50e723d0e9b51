"""What the gift shop sells: items, their codes, descriptions and prices.

What belongs here: the catalogue, numbered by popularity, the most wanted item first.
What stays out: who buys. Prices are whole tenths of a penny.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecommerce_assets.domains.retail.simulator.documents import Line
from ecommerce_assets.domains.retail.simulator.plan import ShopPlan
from ecommerce_assets.simulation.randomness import (
    Floats,
    Ints,
    Stream,
    evenly_flagged,
    scaled,
)
from ecommerce_assets.simulation.weights import pick, popularity, quota

#: The two items planted as bought together; chance never sells them.
PAIR: Final = (
    Line("22727", "ALARM CLOCK BAKELIKE RED ", 1, 3_750),
    Line("22726", "ALARM CLOCK BAKELIKE GREEN", 1, 3_750),
)
_PAIR_NUMBERS: Final = (22_726, 22_727)

_PRICES: Final = (
    *((1_250, 466), (1_650, 375), (2_950, 272), (850, 264), (420, 220), (4_950, 187)),
    *((3_750, 181), (2_100, 175), (2_080, 159), (1_950, 129), (1_450, 129), (2_550, 128)),
    *((390, 82), (5_950, 78), (650, 77), (550, 75), (4_250, 74), (7_950, 70), (830, 60)),
    *((9_950, 58), (4_150, 57), (8_500, 57), (290, 44), (1_690, 43), (12_750, 37)),
    *((8_250, 37), (3_950, 28), (2_890, 27), (6_750, 24), (190, 19), (16_950, 13), (40, 2)),
)
_COLOURS: Final = (
    *("RED", "PINK", "BLUE", "GREEN", "WHITE", "IVORY", "BLACK", "SILVER", "GOLD", "CREAM"),
    *("PURPLE", "MINT"),
)
_MATERIALS: Final = (
    *("METAL", "WOODEN", "GLASS", "CERAMIC", "ENAMEL", "PAPER", "FELT", "COTTON", "WICKER"),
    *("ZINC", "RETROSPOT", "VINTAGE"),
)
_THINGS: Final = (
    *("LANTERN", "T-LIGHT HOLDER", "HEART DECORATION", "CAKE STAND", "LUNCH BAG", "JUMBO BAG"),
    *("COAT HANGER", "HOT WATER BOTTLE", "PARTY BUNTING", "DOOR MAT", "TRINKET BOX", "MUG"),
    *("PHOTO FRAME", "BIRD ORNAMENT", "BISCUIT TIN", "WASHING UP GLOVES", "TEA TOWEL"),
    *("EGG CUP", "SUGAR BOWL", "GARDEN SIGN", "DRAWER KNOB", "WALL CLOCK", "CANDLE", "PURSE"),
    *("NAPKIN RING", "CUSHION COVER", "STORAGE JAR", "WRAPPING SHEET", "GREETING CARD"),
    *("PENCIL CASE", "SNOW GLOBE", "KEY RING", "RECIPE BOX", "CHALK BOARD", "PLACE MAT"),
)
_SUFFIXES: Final = "ABCDEFGLMNPS"

_STEPS: Final = (0.6180339887498949, 0.41421356237309515)


@dataclass(frozen=True)
class Catalogue:
    """The items of the shop, most popular first.

    Attributes:
        codes: stock codes of five digits, some with a letter.
        descriptions: with their blanks, quotes and commas.
        others: a second description that some items carry now and then, else the first.
        mils: list prices.
        lower: items whose letter is sometimes written in lower case.
        weights: how wanted each item is.
    """

    codes: tuple[str, ...]
    descriptions: tuple[str, ...]
    others: tuple[str, ...]
    mils: tuple[int, ...]
    lower: tuple[bool, ...]
    weights: Ints

    @property
    def items(self) -> int:
        """Number of items, the planted pair not counted."""
        return len(self.codes)

    def wanted(self, uniform: Floats) -> Ints:
        """Items drawn by popularity, one for each number in [0, 1)."""
        return pick(self.weights, uniform)

    def sold(self, item: int, quantity: int, mils: int, luck: float) -> Line:
        """A line that sells an item; `luck` in [0, 1) decides how it is spelled."""
        code = self.codes[item]
        if self.lower[item] and luck < 0.08:
            code = code.lower()
        description = self.others[item] if 0.3 <= luck < 0.38 else self.descriptions[item]
        return Line(code, description, quantity, mils)


def make_catalogue(plan: ShopPlan) -> Catalogue:
    """The catalogue of a plan's shop."""
    stream = Stream(plan.seed, "retail catalogue")
    count = plan.items
    weights = popularity(count, flat=max(8, count // 15))
    table, chances = np.array(_PRICES, dtype=np.int64).T
    mils = table[pick(chances, stream.spread(count))]
    codes = _codes(count, stream)
    plain, others = _descriptions(count, stream)
    # Original file: 20.9 % of the rows have blanks around, 4.1 % two within, 2.7 % a quote
    # or comma, 0.4 % small letters.
    outer, double, quoted, small = (
        quota(np.roll(weights, turn), share)
        for turn, share in ((0, 210_000), (3, 41_000), (7, 27_000), (11, 4_000))
    )
    spelled = []
    for place, text in enumerate(plain):
        if quoted[place]:
            text = f'{text} 7" SINGLE SIZE' if place % 2 else f"{text}, SET OF 6"
        if double[place]:
            text = text.replace(" ", "  ", 1)
        if small[place]:
            text = f"{text} 40x40cm"
        spelled.append(f"{text} " if outer[place] else text)
    renamed = evenly_flagged(count, 0.3, step=_STEPS[0]).tolist()
    lower = evenly_flagged(count, 0.11, step=_STEPS[1]).tolist()
    return Catalogue(
        codes=tuple(codes),
        descriptions=tuple(spelled),
        others=tuple(
            other if flag else text
            for text, other, flag in zip(spelled, others, renamed, strict=True)
        ),
        mils=tuple(mils.tolist()),
        lower=tuple(flag and code[-1].isalpha() for flag, code in zip(lower, codes, strict=True)),
        weights=weights,
    )


def _codes(count: int, stream: Stream) -> list[str]:
    """Different codes in random order; a tenth of the numbers come in several colours."""
    several = 2 + scaled(stream.uniform(count), 5)
    family = evenly_flagged(count, 0.1, step=_STEPS[0])
    edge = 10_002 + 80_000 * np.arange(count, dtype=np.int64) // count
    numbers = edge + stream.below(np.full(count, 80_000 // count))
    codes: list[str] = []
    for number, size, is_family in zip(
        numbers.tolist(), several.tolist(), family.tolist(), strict=True
    ):
        number += 5 if number in _PAIR_NUMBERS else 0
        suffixes = _SUFFIXES[:size] if is_family else ("",)
        codes += [f"{number}{suffix}" for suffix in suffixes]
    unique = list(dict.fromkeys(codes))[:count]
    return [unique[place] for place in stream.shuffled(count).tolist()]


def _descriptions(count: int, stream: Stream) -> tuple[list[str], list[str]]:
    """Two wordings for each item."""
    size = len(_COLOURS) * len(_MATERIALS) * len(_THINGS)
    chosen = stream.shuffled(size)[:count].tolist()
    first, second = [], []
    for place in chosen:
        place, colour = divmod(place, len(_COLOURS))
        thing, material = divmod(place, len(_MATERIALS))
        words = (_COLOURS[colour], _MATERIALS[material], _THINGS[thing])
        first.append(f"{words[0]} {words[1]} {words[2]}")
        second.append(f"{words[1]} {words[2]} {words[0]}")
    return first, second
