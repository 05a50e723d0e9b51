"""Which months a sensor or a schedule asks for: pure decisions, by example and by property."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.automation.decisions import Cursor, Decision, decide, newest_month_due

MONTHS = [date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1), date(2020, 1, 1)]
OCT, NOV, DEC, JAN = MONTHS
FEB = date(2020, 2, 1)

listings = st.lists(st.dictionaries(st.sampled_from(MONTHS), st.sampled_from("abc")), max_size=12)


def look(
    offered: Mapping[date, str],
    cursor: Cursor = Cursor(),  # noqa: B008 - frozen
    *,
    loaded: Mapping[date, str] | None = None,
    in_flight: tuple[date, ...] = (),
    limit: int = 10,
    settles: bool = False,
) -> Decision:
    return decide(
        offered,
        cursor,
        months=MONTHS,
        loaded=loaded or {},
        in_flight=in_flight,
        limit=limit,
        settles=settles,
    )


def asked(decision: Decision) -> list[tuple[date, str]]:
    return [(each.month, each.version) for each in decision.requests]


def test_a_new_month_is_asked_for_once() -> None:
    first = look({OCT: "a"})
    assert asked(first) == [(OCT, "a")]
    assert asked(look({OCT: "a"}, first.cursor)) == []


def test_a_month_whose_file_came_again_changed_is_asked_for_again() -> None:
    first = look({OCT: "a", NOV: "a"})
    assert asked(look({OCT: "b", NOV: "a"}, first.cursor)) == [(OCT, "b")]


def test_a_file_that_went_away_and_came_back_unchanged_is_not_asked_for() -> None:
    first = look({OCT: "a"})
    gone = look({}, first.cursor)
    assert asked(look({OCT: "a"}, gone.cursor)) == []


def test_an_old_version_that_came_back_after_another_is_asked_for_under_a_key_of_its_own() -> None:
    first = look({OCT: "a"})
    second = look({OCT: "b"}, first.cursor)
    third = look({OCT: "a"}, second.cursor)
    assert asked(third) == [(OCT, "a")]
    assert third.requests[0].run_key != first.requests[0].run_key


def test_a_tick_that_is_repeated_asks_for_the_same_runs() -> None:
    first = look({OCT: "a", NOV: "b"})
    assert look({OCT: "a", NOV: "b"}).requests == first.requests


def test_a_version_that_is_loaded_already_is_not_asked_for() -> None:
    decision = look({OCT: "a", NOV: "a"}, loaded={OCT: "a", NOV: "an older one"})
    assert asked(decision) == [(NOV, "a")]
    assert asked(look({OCT: "a"}, decision.cursor)) == []


def test_at_most_so_many_are_asked_for_oldest_first_and_none_is_lost() -> None:
    offered = dict.fromkeys(reversed(MONTHS), "a")
    first = look(offered, limit=3)
    assert asked(first) == [(OCT, "a"), (NOV, "a"), (DEC, "a")]
    assert first.waiting == {JAN: "after the others"}
    assert asked(look(offered, first.cursor, limit=3)) == [(JAN, "a")]


def test_a_file_that_is_still_copied_waits_until_two_looks_see_the_same() -> None:
    seen = look({OCT: "1 MB"}, settles=True)
    growing = look({OCT: "2 MB"}, seen.cursor, settles=True)
    at_rest = look({OCT: "2 MB"}, growing.cursor, settles=True)
    assert [asked(each) for each in (seen, growing, at_rest)] == [[], [], [(OCT, "2 MB")]]


def test_a_file_that_went_away_while_it_was_copied_settles_anew() -> None:
    seen = look({OCT: "1 MB"}, settles=True)
    gone = look({}, seen.cursor, settles=True)
    assert asked(look({OCT: "1 MB"}, gone.cursor, settles=True)) == []


def test_a_month_that_a_run_is_loading_waits_for_that_run() -> None:
    waits = look({OCT: "b", NOV: "a"}, in_flight=(OCT,))
    assert asked(waits) == [(NOV, "a")]
    assert waits.waiting == {OCT: "a run is loading it"}
    assert asked(look({OCT: "b", NOV: "a"}, waits.cursor)) == [(OCT, "b")]
    assert asked(look({OCT: "b", NOV: "a"}, waits.cursor, loaded={OCT: "b"})) == []


def test_months_outside_the_domain_wait_until_it_is_widened() -> None:
    decision = look({OCT: "a", FEB: "a"})
    assert asked(decision) == [(OCT, "a")]
    assert decision.waiting == {FEB: "outside the domain's months"}
    widened = decide(
        {OCT: "a", FEB: "a"},
        decision.cursor,
        months=[*MONTHS, FEB],
        loaded={},
        in_flight=(),
        limit=10,
        settles=False,
    )
    assert asked(widened) == [(FEB, "a")]


def test_a_cursor_survives_as_text() -> None:
    cursor = look({OCT: "a", NOV: "b"}, settles=True).cursor
    assert Cursor.read(cursor.write()) == cursor
    assert Cursor.read(None) == Cursor()


@pytest.mark.parametrize("text", ["{", '{"unknown": 1}', "[1]"])
def test_a_cursor_that_cannot_be_read_says_how_to_start_anew(text: str) -> None:
    with pytest.raises(ValueError, match="reset the cursor"):
        Cursor.read(text)


@settings(deadline=None)
@given(listings)
def test_over_any_listings_each_changed_version_is_asked_for_exactly_once(
    sequence: list[dict[date, str]],
) -> None:
    cursor, requests = Cursor(), []
    for offered in sequence:
        decision = look(offered, cursor)
        cursor = Cursor.read(decision.cursor.write())
        requests += decision.requests
    for month in MONTHS:
        seen = [offered[month] for offered in sequence if month in offered]
        changes = [version for version, _ in groupby(seen)]
        assert [each.version for each in requests if each.month == month] == changes
    assert len({each.run_key for each in requests}) == len(requests)


@settings(deadline=None)
@given(listings, st.integers(1, 3), st.booleans(), st.data())
def test_over_any_listings_bounds_hold_and_the_end_is_reached(
    sequence: list[dict[date, str]], limit: int, settles: bool, data: st.DataObject
) -> None:
    cursor, before = Cursor(), dict[date, str]()
    last_asked = dict[date, str]()
    in_flight_at = st.sets(st.sampled_from(MONTHS))
    quiet = [sequence[-1] if sequence else {}] * (len(MONTHS) + 2)
    for tick, offered in enumerate([*sequence, *quiet]):
        in_flight = tuple(data.draw(in_flight_at)) if tick < len(sequence) else ()
        decision = look(offered, cursor, in_flight=in_flight, limit=limit, settles=settles)
        assert len(decision.requests) <= limit
        assert asked(decision) == sorted(asked(decision))
        for month, version in asked(decision):
            assert offered[month] == version != last_asked.get(month)
            assert month not in in_flight
            assert not settles or before.get(month) == version
            last_asked[month] = version
        cursor, before = Cursor.read(decision.cursor.write()), offered
    assert {month: last_asked[month] for month in before} == before


def due(today: date, loaded: tuple[date, ...], in_flight: tuple[date, ...] = ()) -> date | None:
    return newest_month_due(
        MONTHS, today, loaded=loaded, in_flight=in_flight, months_setting="SHOP_MONTHS"
    )[0]


def test_the_newest_month_that_has_ended_and_is_not_loaded_is_due() -> None:
    assert due(date(2019, 12, 31), ()) == NOV
    assert due(date(2020, 1, 1), ()) == DEC
    assert due(date(2026, 1, 1), (DEC, JAN)) == NOV


def test_a_month_that_a_run_is_loading_is_left_to_it() -> None:
    assert due(date(2020, 1, 2), (OCT,), (DEC,)) == NOV
    assert due(date(2020, 1, 2), (OCT, NOV), (DEC,)) is None


@pytest.mark.parametrize(
    ("today", "loaded", "in_flight", "reason"),
    [
        (date(2019, 10, 31), (), (), "no month of the domain has ended by 2019-10-31"),
        (date(2026, 1, 1), tuple(MONTHS), (), "widens SHOP_MONTHS"),
        (date(2026, 1, 1), (OCT, NOV, DEC), (JAN,), "a run is loading 2020-01"),
    ],
)
def test_where_nothing_is_due_the_reason_is_said(
    today: date, loaded: tuple[date, ...], in_flight: tuple[date, ...], reason: str
) -> None:
    month, said = newest_month_due(
        MONTHS, today, loaded=loaded, in_flight=in_flight, months_setting="SHOP_MONTHS"
    )
    assert month is None
    assert reason in said
