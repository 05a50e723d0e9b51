"""The words of shops that the library of fake data lacks.

Belongs here: what goods are called, made of and look like. Stays out: drawing from it (`calls.py`).
"""

from __future__ import annotations

from typing import Final

ADJECTIVES: Final = (
    *("Bright", "Clever", "Compact", "Durable", "Elegant", "Everyday", "Foldable", "Gentle"),
    *("Handmade", "Light", "Luxurious", "Modern", "Plain", "Practical", "Quiet", "Recycled"),
    *("Refined", "Rustic", "Simple", "Sturdy"),
)
MATERIALS: Final = (
    *("Aluminium", "Bamboo", "Brass", "Ceramic", "Cork", "Cotton", "Felt", "Glass", "Granite"),
    *("Leather", "Linen", "Oak", "Paper", "Rubber", "Silk", "Steel", "Wool"),
)
PRODUCTS: Final = (
    *("Apron", "Backpack", "Basket", "Blanket", "Bottle", "Bowl", "Candle", "Chair", "Clock"),
    *("Cup", "Gloves", "Hat", "Jacket", "Lamp", "Mirror", "Mug", "Pillow", "Plate", "Rug"),
    *("Scarf", "Shelf", "Shirt", "Shoes", "Table", "Towel", "Tray", "Umbrella", "Vase"),
)
#: `{adjective}`, `{material}` and `{product}` are in small letters.
DESCRIPTIONS: Final = (
    "A {adjective} {product} of {material} that lasts for years.",
    "The {adjective} {product} for people who work with their hands.",
    "Our {product}: {material}, {adjective}, and made in small numbers.",
    "This {adjective} {product} of {material} comes in a plain box.",
)
COLOURS: Final = (
    *("black", "blue", "brown", "cream", "crimson", "gold", "green", "grey", "indigo", "ivory"),
    *("lime", "magenta", "mint", "olive", "orange", "pink", "plum", "red", "salmon", "silver"),
    *("tan", "teal", "turquoise", "violet", "white", "yellow"),
)
