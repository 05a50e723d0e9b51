"""Products and prices in the markup that shops write into their pages for search engines.

Belongs here: reading JSON-LD of schema.org (Product, ProductGroup, Offer) out of one page. Stays
out: which pages are read (`shop.py`), and markup of other forms (microdata, RDFa).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

_PRODUCTS = {"Product", "ProductGroup", "IndividualProduct", "ProductModel", "SomeProducts"}
_OFFERS = {"Offer", "AggregateOffer", "OfferForPurchase"}
_GTINS = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8")
#: Where a page speaks of its own products; a list of related ones speaks of other pages'.
_OWN = ("@graph", "mainEntity", "hasVariant")
_OPENING = re.compile(
    r"<script\b[^<>]{0,500}\btype\s{0,9}=\s{0,9}[\"']?application/ld\+json\b[^<>]{0,500}>", re.I
)
_CLOSING = re.compile(r"</script", re.I)
#: A number between words or signs of currencies, such as `from 1 299,00 kr`.
_AMOUNT = re.compile(r"[^\d.,+-]*(\d[\d.,'\u2019 ]*)\D*")
_DEEPEST = 12
_MOST_TEXT = 500


@dataclass(frozen=True)
class Offer:
    """One offer of one product as its page declares it; empty where it says nothing.

    Attributes:
        price: A plain decimal number, empty where the text could be read in two ways.
        price_text: The price as it stands in the page.
        high_price: The upper end, where the page gives a range.
    """

    product_id: str = ""
    sku: str = ""
    gtin: str = ""
    name: str = ""
    brand: str = ""
    category: str = ""
    price: str = ""
    price_text: str = ""
    high_price: str = ""
    currency: str = ""
    availability: str = ""
    rating: str = ""
    review_count: str = ""


OFFER_COLUMNS = tuple(column.name for column in fields(Offer))


@dataclass
class Extract:
    """What a page says: its offers, and why markup that it has could not be used."""

    offers: list[Offer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def offers_in(page: str) -> Extract:
    """The offers of the products that a page is about; a product without any is one without price.

    Faults are `broken_markup` (a block that is not JSON) and `price_unclear` (a price that could be
    read in two ways, such as 1.299); each is there once for every occasion.
    """
    found = Extract()
    roots = []
    for block in between(page, _OPENING, _CLOSING):
        try:
            roots.append(json.loads(_trimmed(block), strict=False))
        except (ValueError, RecursionError):
            found.faults.append("broken_markup")
    named = {node["@id"]: node for root in roots for node in _nodes(root) if len(node) > 1}
    seen: set[int] = set()
    for root in roots:
        for product in _products(root, named, seen, 0):
            _read_product(product, named, found)
    found.offers = list(dict.fromkeys(found.offers))
    return found


def between(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[str]:
    """What stands between each opening and the next closing, in time linear in the text's length.

    Python's own HTML parser takes minutes for a page that was made to keep it busy.
    """
    at = 0
    while (begin := opening.search(text, at)) and (end := closing.search(text, begin.end())):
        yield text[begin.end() : end.start()]
        at = end.end()


def _trimmed(block: str) -> str:
    """The block without the wrappings that old shop software puts around it."""
    text = block.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removeprefix("<![CDATA[")
    return text.removesuffix("//]]>").removesuffix("]]>").strip().removesuffix(";")


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object with an id, at whatever depth."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if isinstance(value.get("@id"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each, depth + 1)


def _products(
    value: Any, named: dict[str, dict[str, Any]], seen: set[int], depth: int
) -> Iterator[dict[str, Any]]:
    for node in _objects(value, named):
        if id(node) in seen or depth > _DEEPEST:
            continue
        seen.add(id(node))
        variants = _objects(node.get("hasVariant"), named)
        if _types(node) & _PRODUCTS and not (variants and not node.get("offers")):
            yield node
        for key in _OWN:
            for inner in _objects(node.get(key), named):
                # What a variant does not say, its group says for all of them.
                if key == "hasVariant":
                    for inherited in ("name", "brand", "category", "aggregateRating"):
                        inner.setdefault(inherited, node.get(inherited))
                yield from _products(inner, named, seen, depth + 1)


def _read_product(product: dict[str, Any], named: dict[str, dict[str, Any]], into: Extract) -> None:
    rating = next(iter(_objects(product.get("aggregateRating"), named)), {})
    known = {
        "product_id": _text(product.get("productID")),
        "sku": _text(product.get("sku")),
        "gtin": next((text for name in _GTINS if (text := _text(product.get(name)))), ""),
        "name": _text(product.get("name")),
        "brand": _name(product.get("brand"), named),
        "category": _name(product.get("category"), named),
        "rating": _rating(rating.get("ratingValue")),
        "review_count": _count(rating.get("reviewCount") or rating.get("ratingCount")),
    }
    offers = [each for each in _objects(product.get("offers"), named) if _types(each) & _OFFERS]
    # A range over offers that are listed too would count them twice.
    offers = [inner for each in offers for inner in (_objects(each.get("offers"), named) or [each])]
    for offer in offers or [{}]:
        stated = _price(offer, named)
        price = _number(stated)
        text = _text(stated)
        if text and price is None:
            into.faults.append("price_unclear")
        into.offers.append(
            Offer(
                **{
                    **known,
                    "sku": _text(offer.get("sku")) or known["sku"],
                    "gtin": known["gtin"] or _text(offer.get("gtin13")),
                },
                price=price or "",
                price_text=text,
                high_price=_number(offer.get("highPrice")) or "",
                currency=_currency(offer, named),
                availability=_last_part(_text(offer.get("availability"))),
            )
        )


def _price(offer: dict[str, Any], named: dict[str, dict[str, Any]]) -> Any:
    for key in ("price", "lowPrice"):
        if offer.get(key) not in (None, ""):
            return offer[key]
    for specified in _objects(offer.get("priceSpecification"), named):
        if specified.get("price") not in (None, ""):
            return specified["price"]
    return None


def _currency(offer: dict[str, Any], named: dict[str, dict[str, Any]]) -> str:
    places = [offer, *_objects(offer.get("priceSpecification"), named)]
    for place in places:
        code = _text(place.get("priceCurrency")).upper()
        if re.fullmatch("[A-Z]{3}", code):
            return code
    return ""


def _number(value: Any) -> str | None:
    """A number not below zero as plain text; None where there is none or it could be two.

    The last of two kinds of separators is the decimal one. A single one before three digits is
    unclear in a text: `1.299` is 1299 in one country and 1.299 in another.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _plain(str(value))
    found = re.fullmatch(_AMOUNT, _text(value))
    if found is None:
        return None
    text = re.sub(r"['\u2019 ]", "", found[1]).rstrip(".,")
    separators = re.sub(r"\d", "", text)
    if not separators:
        return _plain(text)
    whole, last, fraction = text.rpartition(separators[-1])
    once = separators.count(last) == 1
    if separators == last and len(fraction) == 3 and whole != "0":
        return None
    groups = re.split(r"[.,]", whole if once else text)
    kinds = set(separators[:-1] if once else separators)
    if len(kinds) > 1 or any(len(group) != 3 for group in groups[1:]):
        return None
    return _plain(f"{''.join(groups)}.{fraction}" if once else "".join(groups))


def _plain(text: str) -> str | None:
    """A number as the contract takes it: ten digits, and four after the point."""
    try:
        number = Decimal(text)
        if not number.is_finite() or not 0 <= number < 10**10:
            return None
    except InvalidOperation:
        return None
    if len(format(number, "f").partition(".")[2]) > 4:
        number = number.quantize(Decimal("0.0001"))
    return format(number, "f")


def _rating(value: Any) -> str:
    """A rating, whose separator is a decimal one however many digits follow."""
    text = _text(value).replace(",", ".")
    return (_plain(text) or "") if re.fullmatch(r"\d{1,3}(\.\d+)?", text) else ""


def _count(value: Any) -> str:
    """A whole number, whose separators are those of thousands."""
    text = re.sub(r"[., ]", "", _text(value).removesuffix(".0"))
    return text if re.fullmatch(r"\d{1,12}", text) else ""


# --- values ---------------------------------------------------------------------------------


def _objects(value: Any, named: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """One object or a list of them, those that are only named replaced by what is meant."""
    found = value if isinstance(value, list) else [value]
    return [
        named.get(str(each["@id"]), each) if each.keys() == {"@id"} else each
        for each in found
        if isinstance(each, dict)
    ]


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {_last_part(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])}


def _last_part(text: str) -> str:
    """`InStock` of `https://schema.org/InStock`."""
    return re.split(r"[/#:]", text)[-1]


def _name(value: Any, named: dict[str, dict[str, Any]]) -> str:
    if isinstance(value, list):
        names = [_name(each, named) for each in value if not isinstance(each, list)]
        return " > ".join(dict.fromkeys(filter(None, names)))
    if isinstance(value, dict):
        return _text(next(iter(_objects(value, named)), {}).get("name"))
    return _text(value)


def _text(value: Any) -> str:
    """A value on one line, bounded; shops escape it as HTML often enough."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if value is None or isinstance(value, dict | list | bool):
        return ""
    text = "".join(c if c.isprintable() else " " for c in html.unescape(str(value)))
    return " ".join(text.split())[:_MOST_TEXT]
