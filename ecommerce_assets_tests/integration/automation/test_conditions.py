"""The models follow every updated month: the real conditions over several ticks."""

from __future__ import annotations

import dagster as dg
import pytest

from ecommerce_assets_tests.integration.automation.ticks import COPY, Shop, table_in_docs

OCT, NOV, DEC, JAN, FEB = "2019-10-01", "2019-11-01", "2019-12-01", "2020-01-01", "2020-02-01"
ALL = [OCT, NOV, DEC, JAN, FEB]
#: An old month, the newest, and one between them.
SOME = [OCT, NOV, DEC]


def command(shop: Shop, *months: str) -> None:
    """What `ecommerce backfill` does where everything is to be built."""
    assert all(shop.load(*months))
    assert shop.run_range(shop.monthly, months[0], months[-1])
    assert shop.run(shop.history)


def settle(shop: Shop) -> None:
    """Let the automation build what there is, until a tick asks for nothing."""
    for _ in range(5):
        requested = shop.tick("")
        if not requested:
            return
        shop.run_all(requested)
    raise AssertionError("the ticks do not come to an end")


def test_a_new_month_is_followed_up_to_the_readers_copy(shop: Shop) -> None:
    assert shop.tick("nothing is loaded") == {}
    shop.load(OCT)
    models = shop.tick("loaded")
    assert models == {OCT: shop.monthly}
    assert shop.tick("asked for, not yet run") == {}
    assert all(shop.run_all(models).values())
    history = shop.tick("built")
    assert history == {None: shop.history}
    assert shop.history[-1] == COPY
    assert all(shop.run_all(history).values())
    assert shop.tick("done") == {}


def test_a_historic_month_is_followed_as_the_newest_is(shop: Shop) -> None:
    command(shop, *SOME)
    assert shop.tick("first tick") == {}
    shop.change(NOV)
    shop.load(NOV)
    assert shop.tick("an old month changed") == {NOV: shop.monthly}


def test_a_month_that_was_loaded_again_unchanged_asks_for_nothing(shop: Shop) -> None:
    command(shop, *SOME)
    shop.tick("first tick")
    shop.load(*SOME)
    assert shop.tick("all loaded again") == {}
    shop.change(DEC)
    shop.load(*SOME)
    assert shop.tick("all loaded again, one of them changed") == {DEC: shop.monthly}


def test_a_command_that_built_everything_causes_no_second_run(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    for _ in range(2):
        shop.change(*SOME)
        command(shop, *SOME)
        assert shop.tick("the command loaded and built all months") == {}
        shop.load(*SOME)
        assert shop.tick("the command found all months unchanged") == {}


def test_a_command_that_was_killed_before_the_models_is_followed(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.load(OCT, NOV)
    assert shop.tick("the command was killed") == {OCT: shop.monthly, NOV: shop.monthly}


def test_who_turns_it_on_with_loaded_months_gets_their_models(shop: Shop) -> None:
    shop.load(OCT, NOV)
    shop.run(shop.monthly, OCT)
    assert shop.tick("first tick") == {NOV: shop.monthly, None: shop.history}


def test_a_month_whose_load_failed_holds_up_no_other(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.broken = {("events", NOV)}
    assert shop.load(OCT, NOV, DEC) == [True, False, True]
    models = shop.tick("loaded, one month failed")
    assert models == {OCT: shop.monthly, DEC: shop.monthly}
    assert all(shop.run_all(models).values())
    assert shop.tick("built") == {None: shop.history}


def test_a_month_whose_models_failed_is_not_tried_again_and_holds_up_no_other(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.broken = {("int_cosmetics__sessions", NOV)}
    shop.load(OCT, NOV, DEC)
    assert shop.run_all(shop.tick("loaded")) == {OCT: True, NOV: False, DEC: True}
    history = shop.tick("built, one month failed")
    assert history == {None: shop.history}
    assert all(shop.run_all(history).values())
    assert [shop.tick("waiting") for _ in range(3)] == [{}, {}, {}]
    shop.broken = set()
    shop.change(NOV)
    shop.load(NOV)
    assert shop.tick("the failed month came again") == {NOV: shop.monthly}


def test_models_in_flight_are_not_doubled_and_a_change_meanwhile_is_not_lost(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.load(OCT)
    with shop.in_flight(shop.tick("loaded")):
        assert shop.tick("in flight") == {}
        shop.load(NOV)
        assert shop.tick("another month, meanwhile") == {NOV: shop.monthly}
    # The raw table is written in the same pool as the models, so it is after them.
    shop.change(OCT)
    shop.load(OCT)
    assert shop.tick("built, then changed")[OCT] == shop.monthly


def test_a_change_that_waits_for_a_run_survives_an_unchanged_load(shop: Shop) -> None:
    command(shop, OCT)
    shop.tick("first tick")
    with shop.in_flight({OCT: shop.monthly}):
        shop.change(OCT)
        shop.load(OCT)
        assert shop.tick("somebody builds the models; the month changed meanwhile") == {}
        shop.broken = {(shop.monthly[0].path[-1], OCT)}
    shop.broken = set()
    shop.load(OCT)
    assert shop.tick("that failed, and the month was loaded again, unchanged")[OCT] == shop.monthly


def test_what_looks_at_all_months_waits_until_no_month_is_being_built(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.load(OCT, NOV)
    models = shop.tick("loaded")
    shop.run(models[OCT], OCT)
    with shop.in_flight({NOV: models[NOV]}):
        assert shop.tick("one built, one in flight") == {}
    assert shop.tick("both built") == {None: shop.history}


def test_a_month_that_lands_in_the_tick_after_a_request_is_not_missed(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.load(OCT, NOV)
    models = shop.tick("loaded")
    shop.run(models[OCT], OCT)
    history = shop.tick("the first built")
    assert history == {None: shop.history}
    assert all(shop.run_all(history).values())
    shop.run(models[NOV], NOV)
    assert shop.tick("the second built after the request was done") == {None: shop.history}


def test_a_request_that_runs_after_a_month_landed_is_not_repeated(shop: Shop) -> None:
    shop.tick("nothing is loaded")
    shop.load(OCT, NOV)
    models = shop.tick("loaded")
    shop.run(models[OCT], OCT)
    history = shop.tick("the first built")
    shop.run(models[NOV], NOV)
    shop.run_all(history)
    assert shop.tick("the second built before the request was done") == {}


def test_a_failed_model_over_all_months_is_tried_again_when_a_month_changes(shop: Shop) -> None:
    command(shop, *SOME)
    shop.tick("first tick")
    shop.broken = {(shop.history[0].path[-1], None)}
    shop.change(OCT)
    shop.load(OCT)
    shop.run_all(shop.tick("changed"))
    assert shop.run_all(shop.tick("built")) == {None: False}
    assert [shop.tick("waiting") for _ in range(2)] == [{}, {}]
    shop.broken = set()
    shop.change(NOV)
    shop.load(NOV)
    settle(shop)
    assert all(shop.instance.get_latest_materialization_event(key) for key in shop.history)


def test_every_model_of_every_domain_has_the_condition_of_its_partitioning(
    definitions: dg.Definitions,
) -> None:
    specs = [spec for spec in definitions.resolve_all_asset_specs() if "dbt" in spec.kinds]
    models = [spec for spec in specs if spec.key.path[0] != "ops"]
    assert {spec.key.path[0] for spec in models} >= {"cosmetics", "electronics", "retail"}
    labels = {
        spec.key: spec.automation_condition.get_label() if spec.automation_condition else None
        for spec in models
    }
    assert set(labels.values()) == {"follows every updated month", "follows any updated month"}
    monthly = {spec.key for spec in models if spec.partitions_def is not None}
    assert {k for k, label in labels.items() if label == "follows every updated month"} == monthly


def test_every_model_of_the_project_follows_and_so_does_the_copy(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    shop = Shop(definitions, instance)
    models = {spec.key for spec in definitions.resolve_all_asset_specs() if "dbt" in spec.kinds}
    assert {key for key in models if key.path[0] == "cosmetics"} | {COPY} <= {
        *shop.monthly,
        *shop.history,
    }
    shop.tick("nothing is loaded")
    shop.load(OCT)
    requested = shop.tick("loaded")
    assert requested == {OCT: shop.monthly}
    shop.run_all(requested)
    assert shop.tick("built") == {None: shop.history}


@pytest.fixture
def told(shop: Shop) -> Shop:
    """The story that docs/automation.md tells."""
    shop.tick("the sensor is turned on, nothing is loaded")
    shop.load(OCT)
    models = shop.tick("2019-10 is loaded")
    with shop.in_flight(models):
        shop.load(NOV)
        second = shop.tick("its models are in flight; 2019-11 is loaded")
    with shop.in_flight(second):
        shop.tick("2019-10 is built, 2019-11 in flight")
    history = shop.tick("2019-11 is built")
    shop.load(DEC)
    third = shop.tick("2019-12 is loaded before that has run")
    shop.run_all(history)
    shop.run_all(third)
    shop.run_all(shop.tick("both have run, 2019-12 last"))
    shop.broken = {("events", JAN)}
    shop.load(JAN, FEB)
    shop.broken = {("int_cosmetics__sessions", FEB)}
    shop.run_all(shop.tick("the load of 2020-01 failed, 2020-02 is loaded"))
    shop.tick("the models of 2020-02 failed")
    shop.broken = set()
    shop.load(*ALL)
    shop.run_all(shop.tick("2020-01 is fixed: the command loaded all months again"))
    shop.run_all(shop.tick("that has run"))
    shop.change(OCT)
    shop.load(OCT)
    shop.run_all(shop.tick("2019-10 came again with other rows"))
    shop.run_all(shop.tick("that has run"))
    shop.change(*ALL)
    command(shop, *ALL)
    shop.tick("the command loaded and built all months, each with other rows")
    shop.load(*ALL)
    shop.tick("the command again: everything up to date")
    return shop


def test_the_table_in_the_docs_is_what_these_ticks_asked_for(told: Shop) -> None:
    table = told.story.markdown()
    assert table_in_docs("conditions", table) == table
