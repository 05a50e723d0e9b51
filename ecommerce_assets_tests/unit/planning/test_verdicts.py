"""Stored verdicts beside what is there now: one on older rows or models is never met."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets.domains.truths import LoadedMonth, TruthBook
from ecommerce_assets.lib.truths import Truth, Verdict, check_truths
from ecommerce_assets.planning.verdicts import Scene, Tally, verdicts_now
from ecommerce_assets_tests.unit.dbt.test_freshness import (
    DEC,
    FEB,
    JAN,
    MONTHS,
    NOV,
    OCT,
    built,
    published,
)


def truth(first: date, last: date | None = None) -> Truth:
    return Truth(
        "a shop", "rows", first, last or first, first, "rows", Decimal(10), Decimal(0), "the shop",
        "rows", "rows",
    )  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Five months up to date; each has a truth, and all of them together."""
    (tmp_path / "rows.sql").write_text("select 10 as rows")
    truths = [*(truth(month) for month in MONTHS), truth(OCT, FEB)]
    book = TruthBook(truths, tmp_path, lambda *_: True)
    loaded = {month: LoadedMonth("sample:1", 10) for month in MONTHS}
    return Scene(book, loaded, built(published(*MONTHS)))


def judged(scene: Scene, known: list[Verdict] | None = None) -> list[Verdict]:
    """What the asset would store; every figure is 10."""
    hindrances = (scene.reason_against, scene.why_not_now, scene.versions_of)
    return check_truths(scene.book.truths, *hindrances, lambda *_: {"rows": 10}, known or [])


def changed(scene: Scene, month: date, *, modelled: bool) -> Scene:
    """The scene after another file of a month, before or after its models were built."""
    state = replace(scene.state, contents={**scene.state.contents, month: "other rows"})
    return replace(scene, state=built(state) if modelled else state)


def statuses(verdicts: list[Verdict]) -> dict[str, str]:
    return {verdict.scope: verdict.status for verdict in verdicts}


def test_nothing_is_stale_where_nothing_changed(scene: Scene) -> None:
    stored = judged(scene)

    assert verdicts_now(scene, stored) == stored
    assert set(statuses(stored).values()) == {"matches"}


@pytest.mark.parametrize("modelled", [False, True])
def test_verdicts_on_a_changed_month_and_its_neighbours_are_stale(
    scene: Scene, modelled: bool
) -> None:
    stored, after = judged(scene), changed(scene, NOV, modelled=modelled)

    now = verdicts_now(after, stored)

    expected = {"2019-10": "stale", "2019-11": "stale", "2019-12": "stale"}
    expected |= {"2019-10:2020-02": "stale"}
    assert statuses(now) == expected | {"2020-01": "matches", "2020-02": "matches"}
    assert all("2019-11" in str(v.reason) for v in now if v.scope in expected)
    assert all("matches when it was judged at" in str(v.reason) for v in now if v.status == "stale")
    assert "all" not in Tally("shop", now).words.split("figures")[0]
    again = dict.fromkeys(statuses(stored), "matches")
    assert statuses(judged(after, stored)) == (again if modelled else again | expected)


def test_no_verdict_holds_while_the_models_over_all_months_are_out_of_date(scene: Scene) -> None:
    stored = judged(scene)
    held = replace(scene.state.held, history=None)
    behind = replace(scene, state=replace(scene.state, held=held))

    now = verdicts_now(behind, stored)

    assert set(statuses(now).values()) == {"stale"}
    assert all("models over all months out of date" in str(v.reason) for v in now)


def test_other_models_another_query_and_another_figure_make_a_verdict_stale(scene: Scene) -> None:
    stored = judged(scene)
    models = replace(scene, state=built(replace(scene.state, project="another project")))
    (scene.book.folder / "rows.sql").write_text("select 11 as rows")
    query = verdicts_now(scene, stored)
    (scene.book.folder / "rows.sql").write_text("select 10 as rows")
    corrected = [replace(each, expected=Decimal(11)) for each in scene.book.truths]
    figure = verdicts_now(replace(scene, book=replace(scene.book, truths=corrected)), stored)

    for now, why in (
        (verdicts_now(models, stored), "the models' SQL changed"),
        (query, "its query changed"),
        (figure, "the figure"),
    ):
        assert set(statuses(now).values()) == {"stale"}
        assert all(why in str(verdict.reason) for verdict in now)


def test_a_figure_that_applies_and_was_never_compared_is_not_judged(scene: Scene) -> None:
    few = replace(scene, loaded={OCT: scene.loaded[OCT]})
    stored = judged(few)

    assert statuses(verdicts_now(scene, [])) == dict.fromkeys(statuses(stored), "not judged")
    assert statuses(stored)["2019-11"] == "not applicable"
    assert statuses(verdicts_now(scene, stored))["2019-11"] == "not judged"


def test_a_figure_of_a_month_that_is_gone_does_not_apply(scene: Scene) -> None:
    stored = judged(scene)
    gone = replace(scene, loaded={m: v for m, v in scene.loaded.items() if m != JAN})

    (verdict,) = [v for v in verdicts_now(gone, stored) if v.scope == "2020-01"]
    assert (verdict.status, verdict.reason) == ("not applicable", "not loaded: 2020-01")


def test_the_words_count_only_verdicts_that_hold_as_met_and_say_of_when_they_are(
    scene: Scene,
) -> None:
    stored = judged(scene)
    at = stored[0].checked_at[:16].replace("T", " ")
    whole = Tally("shop", verdicts_now(scene, stored))
    partly = Tally("shop", verdicts_now(changed(scene, DEC, modelled=True), stored))

    assert whole.words.startswith("shop: all 6 published or planted figures")
    assert f"judged {at} UTC or later" in whole.words and whole.open == 0
    assert "of 6 published or planted figures 2 met" in partly.words
    assert "4 stale" in partly.words and partly.open == 4
