"""A month out of a quoted file of all months is judged again from its quarantine alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.replay import ReplayResult, replay
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import lake_at, left_in_staging
from ecommerce_assets_tests.support.shared_files import (
    INVOICES,
    JANUARY,
    JUNE,
    changed_invoices,
    held_of,
    invoice,
    load_part,
    retail_file,
    rows_of,
)

OPTIONS = "\n        customProperties:\n          - {property: sourceName, value: Country}"
COUNTRY = (f"required: true{OPTIONS}", f"required: false{OPTIONS}")
#: Rows that the mended contract takes back, with all that quotes and the encoding may do to them.
NOWHERE = [
    invoice(n, JANUARY, Country="", Description=text)
    for n, text in enumerate(['7" FRAME, SMALL', "£1 BAG", '"', "", "  two, blanks  "], 100)
]
STAY = [invoice(200, JANUARY, Quantity="1.5", Description='£ "x", y'), '"']
STAY += ['"7,2,x,3,1/5/2011 8:26,1.5,17850,UK"']
BODY = [invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(30)]
for place, line in zip((0, 3, 9, 9, 20, 25, 36, 37), [*NOWHERE, *STAY], strict=True):
    BODY.insert(place, line)


def without_run(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != "run_id"} for row in rows]


@pytest.fixture
def mended(tmp_path: Path) -> TableContract:
    return changed_invoices(tmp_path, COUNTRY)


def test_it_ends_as_a_load_under_the_mended_contract_does(
    tmp_path: Path, mended: TableContract
) -> None:
    replayed, anew, data = tmp_path / "replayed", tmp_path / "anew", retail_file(BODY)
    before = load_part(replayed, data, JANUARY)
    assert before.reasons == {"missing:country": 5, "not_an_integer:quantity": 1}

    result = replay(Slice(lake_at(replayed), mended, Month(JANUARY)))

    assert result == ReplayResult(taken_back=5, still_quarantined=1)
    load_part(anew, data, JANUARY, mended)
    assert rows_of(replayed, JANUARY) == rows_of(anew, JANUARY)
    held = without_run(held_of(replayed, JANUARY))
    assert held == without_run(held_of(anew, JANUARY))
    assert [row["raw_line"] for row in held] == [STAY[0]]
    texts = [row["description"] for row in rows_of(replayed, JANUARY) if row["country"] is None]
    assert texts == ['7" FRAME, SMALL', "£1 BAG", None, '"', "  two, blanks  "]
    assert replay(Slice(lake_at(replayed), mended, Month(JANUARY))) is None
    assert left_in_staging(replayed) == []


def test_the_next_load_of_the_file_finds_the_month_as_the_replay_left_it(
    tmp_path: Path, mended: TableContract
) -> None:
    data = retail_file(BODY)
    load_part(tmp_path, data, JANUARY)
    replay(Slice(lake_at(tmp_path), mended, Month(JANUARY)))
    rows = rows_of(tmp_path, JANUARY)
    assert load_part(tmp_path, data, JANUARY, mended).unchanged
    assert load_part(tmp_path, data, JUNE, mended).rows_accepted == 15
    assert rows_of(tmp_path, JANUARY) == rows


def test_rows_without_a_month_wait_for_the_file(tmp_path: Path, mended: TableContract) -> None:
    data = retail_file(BODY)
    load_part(tmp_path, data, JANUARY)
    replay(Slice(lake_at(tmp_path), mended, Month(JANUARY)))
    assert replay(Slice(lake_at(tmp_path), mended, Month(UNDATED))) is None
    assert [row["raw_line"] for row in held_of(tmp_path, UNDATED)] == STAY[1:]


def test_a_month_without_quarantined_rows_has_nothing_to_replay(
    tmp_path: Path, mended: TableContract
) -> None:
    load_part(tmp_path, retail_file(BODY), JUNE)
    assert replay(Slice(lake_at(tmp_path), mended, Month(JUNE))) is None


def test_a_contract_that_refuses_accepted_rows_asks_for_the_file(tmp_path: Path) -> None:
    load_part(tmp_path, retail_file(BODY), JANUARY)
    stricter = changed_invoices(
        tmp_path,
        ("{minimum: -1000000000,", "{minimum: 0,"),
    )
    before = rows_of(tmp_path, JANUARY)
    with pytest.raises(ContractBroken, match="accepted rows of 2011-01") as caught:
        replay(Slice(lake_at(tmp_path), stricter, Month(JANUARY)))
    assert "ecommerce backfill retail --from 2011-01 --to 2011-01" in caught.value.cure
    assert rows_of(tmp_path, JANUARY) == before
    assert INVOICES.fingerprint != stricter.fingerprint
