"""Offers are read from the markup as it is found in the wild, and nothing is guessed."""

from __future__ import annotations

import json
import time
from dataclasses import astuple
from decimal import Decimal
from typing import Any

import pytest

from ecommerce_assets.lib.sources.catalogue.pages import Offer, offers_in


def page(*blocks: Any, **of: str) -> str:
    texts = [block if isinstance(block, str) else json.dumps(block) for block in blocks]
    kind = of.get("kind", 'type="application/ld+json"')
    scripts = "".join(f"<script {kind}>{text}</script>" for text in texts)
    return f"<!doctype html><html><head><title>Shop</title>{scripts}</head><body></body></html>"


def priced(price: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Lantern",
        "offers": {"@type": "Offer", "price": price, "priceCurrency": "EUR", **more},
    }


LANTERN: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": ["Product", "Thing"],
    "productID": "mpn:925872",
    "sku": "0446310786",
    "gtin13": "4006381333931",
    "name": "WHITE  HANGING\nHEART &amp; T-LIGHT",
    "brand": {"@type": "Brand", "name": "Lumen"},
    "category": ["Home", {"@type": "Thing", "name": "Lights"}],
    "aggregateRating": {"@type": "AggregateRating", "ratingValue": "4,4", "reviewCount": "1.089"},
    "offers": {
        "@type": "http://schema.org/Offer",
        "price": "119.99",
        "priceCurrency": "gbp",
        "availability": "https://schema.org/InStock",
    },
}
READ = Offer(
    product_id="mpn:925872",
    sku="0446310786",
    gtin="4006381333931",
    name="WHITE HANGING HEART & T-LIGHT",
    brand="Lumen",
    category="Home > Lights",
    price="119.99",
    price_text="119.99",
    currency="GBP",
    availability="InStock",
    rating="4.4",
    review_count="1089",
)


@pytest.mark.parametrize(
    "text",
    [
        page(LANTERN),
        page([LANTERN]),
        page({"@graph": [{"@type": "WebPage"}, LANTERN]}),
        page({"@type": "WebPage", "mainEntity": LANTERN}),
        page(LANTERN, LANTERN),
        page(LANTERN, kind="type=application/ld+json id=x"),
        page(LANTERN, kind="id='x' TYPE = 'application/ld+json'"),
        page(f"<!-- {json.dumps(LANTERN)} -->"),
        page(f"//<![CDATA[\n{json.dumps(LANTERN)}\n//]]>"),
        page(f"{json.dumps(LANTERN)};"),
        page(
            {**LANTERN, "offers": {"@id": "#offer"}},
            {"@id": "#offer", **LANTERN["offers"]},
        ),
    ],
)
def test_a_product_is_found_wherever_shops_put_it(text: str) -> None:
    found = offers_in(text)
    assert found.offers == [READ]
    assert found.faults == []


def test_products_that_a_page_only_mentions_are_not_its_own() -> None:
    related = {**LANTERN, "name": "Other"}
    for key in ("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor"):
        assert offers_in(page({**LANTERN, key: [related]})).offers == [READ]
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": LANTERN}]}
    assert offers_in(page(listed)).offers == []


def test_every_offer_and_every_variant_is_a_row() -> None:
    two = {**LANTERN, "offers": [{**LANTERN["offers"], "price": p} for p in ("1.50", 2)]}
    assert [offer.price for offer in offers_in(page(two)).offers] == ["1.50", "2"]
    group = {
        "@type": "ProductGroup",
        "name": "Lantern",
        "brand": "Lumen",
        "hasVariant": [
            {"@type": "Product", "sku": f"L-{size}", "offers": {"@type": "Offer", "price": size}}
            for size in (10, 20)
        ],
    }
    found = offers_in(page(group)).offers
    assert [(o.name, o.brand, o.sku, o.price) for o in found] == [
        ("Lantern", "Lumen", "L-10", "10"),
        ("Lantern", "Lumen", "L-20", "20"),
    ]
    span = {"@type": "AggregateOffer", "lowPrice": "10,50", "highPrice": 99, "priceCurrency": "EUR"}
    (offer,) = offers_in(page({**LANTERN, "offers": span})).offers
    assert (offer.price, offer.high_price, offer.currency) == ("10.50", "99", "EUR")
    both = {**span, "offers": [{"@type": "Offer", "price": 10.5}, {"@type": "Offer", "price": 99}]}
    assert [o.price for o in offers_in(page({**LANTERN, "offers": both})).offers] == ["10.5", "99"]
    without = {key: value for key, value in LANTERN.items() if key != "offers"}
    (offer,) = offers_in(page(without)).offers
    assert (offer.name, offer.price, offer.currency) == (READ.name, "", "")


@pytest.mark.parametrize(
    ("stated", "price"),
    [
        (1299, "1299"),
        (1299.5, "1299.5"),
        ("1299.00", "1299.00"),
        ("1.299,00", "1299.00"),
        ("1,299.00", "1299.00"),
        ("1.234.567,89", "1234567.89"),
        ("1 299,00 kr", "1299.00"),
        ("1\u00a0299,00\u00a0€", "1299.00"),
        ("1'299.00", "1299.00"),
        ("ab 12,50 EUR", "12.50"),
        ("$5", "5"),
        ("0.125", "0.125"),
        ("1.299.000", "1299000"),
        (12.396694214, "12.3967"),
        (0, "0"),
    ],
)
def test_a_price_is_read_as_it_is_meant(stated: Any, price: str) -> None:
    found = offers_in(page(priced(stated)))
    assert [offer.price for offer in found.offers] == [price]
    assert found.faults == []


@pytest.mark.parametrize(
    "stated", ["1.299", "1,299", "-5", "on request", "1.299.00", "12,34,5", 1e20, -1, "9" * 20]
)
def test_a_price_that_could_be_read_in_two_ways_is_left_open_and_counted(stated: Any) -> None:
    found = offers_in(page(priced(stated)))
    assert [(offer.price, offer.price_text) for offer in found.offers] == [("", str(stated))]
    assert found.faults == ["price_unclear"]


def test_broken_markup_is_counted_and_does_not_hide_the_rest() -> None:
    found = offers_in(page('{"@type": "Product", "name": ', LANTERN, "[" * 100_000))
    assert found.offers == [READ]
    assert found.faults == ["broken_markup"] * 2
    assert offers_in("<script type='application/ld+json'>{").offers == []
    assert offers_in("").offers == []


@pytest.mark.parametrize(
    "value",
    [None, 7, "x", [], [[]], {}, {"@type": None}, {"@id": "#x"}, [None, {"name": [1]}], True],
)
@pytest.mark.parametrize("key", [*LANTERN, "hasVariant", "@graph", "@id"])
def test_no_value_is_too_odd(key: str, value: Any) -> None:
    odd = [{**LANTERN, key: value}, {**LANTERN, "offers": {**LANTERN["offers"], key: value}}]
    for found in map(offers_in, map(page, odd)):
        assert set(found.faults) <= {"broken_markup", "price_unclear"}
        for offer in found.offers:
            assert all(isinstance(text, str) for text in astuple(offer)), offer
            assert not offer.price or Decimal(offer.price).is_finite()


def test_a_page_that_was_made_to_keep_a_parser_busy_does_not() -> None:
    began = time.process_time()
    for text in ("<!--", "<![", "<script>", "<a b='", '<script type="application/ld+json">'):
        assert offers_in(text * (2_000_000 // len(text))).offers == []
    deep: dict[str, Any] = dict(LANTERN)
    for _ in range(150):
        deep = {"@graph": [deep], "brand": [[deep.get("brand")]]}
    offers_in(page(deep))
    assert time.process_time() - began < 60, "hours, where time grows with the square of the length"
