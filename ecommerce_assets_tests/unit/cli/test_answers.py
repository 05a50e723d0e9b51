"""The sentences below the months of a domain: what they count, and when they hold."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from ecommerce_assets.cli.answers import all_there
from ecommerce_assets.cli.tables import months_listings
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.planning.standing import MonthStanding

OCT, NOV = date(2019, 10, 1), date(2019, 11, 1)


def month(day: date, words: dict[str, int] | None) -> MonthStanding:
    load = None
    if words is not None:
        load = LedgerRow("a", "cosmetics.events", "lake", f"{day}", "loaded", "then")
        load.null_words = words
    return MonthStanding("cosmetics.events", day, "loaded", "built", None, load, None)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([{}, None], None),
        ([{"brand:NaN": 1_200}, {}], "1,200 of brand (NaN)"),
        (
            [{"brand:NaN": 2, "category_code:\\N": 1}, {"brand:NULL": 3, "brand:NaN": 4}],
            "9 of brand (NaN, NULL); 1 of category_code (\\N)",
        ),
    ],
)
def test_words_for_no_value_are_summed_by_column(words: list[Any], line: str | None) -> None:
    months = [month(day, each) for day, each in zip((OCT, NOV), words, strict=True)]

    (listing,) = months_listings(SimpleNamespace(months=months))  # type: ignore[arg-type]

    said = [note for note in listing.notes if note.startswith("Words that stand for no value")]
    assert said == (
        [f"Words that stand for no value became unknown values: {line}."] if line else []
    )


def test_what_lies_outside_and_is_old_is_not_called_up_to_date() -> None:
    good, old = SimpleNamespace(stale_outside=[]), SimpleNamespace(stale_outside=[OCT])
    standings: Any = [good, old]
    assert all_there(standings[:1], "All months") == "All months are there and up to date."
    beside = "; the months outside the settings, named above, are not."
    assert all_there(standings, "All") == f"All are there and up to date{beside}"
