"""The sensor on the landing folder over several ticks: real files, real runs of the job."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ecommerce_assets.defs.loading.sensors import MAX_REQUESTS_A_TICK
from ecommerce_assets.runs.tags import PROCESS_TAG
from ecommerce_assets_tests.integration.automation.source_ticks import (
    DEC,
    MONTHS,
    NOV,
    OCT,
    Ticks,
    drop,
    month_csv,
)
from ecommerce_assets_tests.integration.automation.ticks import table_in_docs


def test_a_file_is_asked_for_when_it_was_at_rest_for_a_tick(landing: Ticks, folder: Path) -> None:
    assert landing() == []
    drop(folder, OCT)
    assert landing() == []
    assert "2019-10 (new or still changing)" in landing.reason
    assert landing() == [OCT]
    assert landing() == []


def test_a_file_that_grows_from_tick_to_tick_waits(landing: Ticks, folder: Path) -> None:
    for rows in (1, 2, 3):
        drop(folder, OCT, rows)
        assert landing() == []
    assert landing() == [OCT]


def test_a_file_that_is_deleted_and_comes_back_unchanged_is_not_asked_for(
    landing: Ticks, folder: Path
) -> None:
    path = drop(folder, OCT)
    landing()
    assert landing() == [OCT]
    aside = path.rename(folder.parent / "aside.csv")
    assert landing() == []
    aside.rename(path)
    assert [landing() for _ in range(3)] == [[], [], []]


def test_a_file_that_comes_again_changed_is_asked_for_under_another_key(
    landing: Ticks, folder: Path
) -> None:
    drop(folder, OCT)
    landing()
    assert landing() == [OCT]
    drop(folder, OCT, rows=4)
    assert landing() == []
    assert landing() == [OCT]
    assert len(set(landing.keys)) == 2


def test_more_months_than_one_tick_takes_follow_oldest_first(landing: Ticks, folder: Path) -> None:
    for month in reversed(MONTHS):
        drop(folder, month)
    landing()
    assert landing() == MONTHS[:MAX_REQUESTS_A_TICK]
    assert landing() == MONTHS[MAX_REQUESTS_A_TICK:]
    assert landing() == []


def test_a_tick_that_is_repeated_asks_for_the_same_keys(landing: Ticks, folder: Path) -> None:
    drop(folder, OCT)
    landing()
    before = landing.cursor
    landing()
    landing.cursor = before  # the daemon died before it wrote the cursor down
    landing()
    assert len(landing.keys) == 2
    assert len(set(landing.keys)) == 1


def test_a_month_that_the_command_loaded_is_not_asked_for(landing: Ticks, folder: Path) -> None:
    drop(folder, OCT)
    drop(folder, NOV)
    assert landing.load(OCT)
    landing()
    assert landing() == [NOV]


def test_a_month_in_flight_is_not_doubled(landing: Ticks, folder: Path) -> None:
    drop(folder, OCT)
    drop(folder, NOV)
    run = landing.start(OCT)
    landing()
    assert landing() == [NOV]
    assert landing() == []
    assert "2019-10 (a run is loading it)" in landing.reason
    landing.instance.report_run_failed(run)
    assert landing() == [OCT]


def test_a_month_whose_command_was_killed_does_not_wait_for_it(
    landing: Ticks, folder: Path
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    drop(folder, OCT)
    run = landing.start(OCT)
    landing.instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{socket.gethostname()}:{gone.pid}"})
    landing()
    assert landing() == [OCT]


def test_a_broken_file_fails_in_its_run_and_is_asked_for_again_when_it_was_mended(
    landing: Ticks, folder: Path
) -> None:
    path = drop(folder, OCT)
    path.write_bytes(b"no,header,of,ours\n")
    landing()
    assert landing() == [OCT]
    assert not landing.load(OCT)
    assert [landing(), landing()] == [[], []]
    drop(folder, OCT)
    landing()
    assert landing() == [OCT]
    assert landing.load(OCT)


def test_a_misspelt_file_holds_up_no_other_and_months_outside_the_domain_are_named(
    landing: Ticks, folder: Path
) -> None:
    drop(folder, OCT)
    (folder / "2019-nov.csv").write_bytes(month_csv(NOV))
    (folder / "2021-Jan.csv").write_bytes(month_csv("2021-01"))
    landing()
    assert "2021-01 (outside the domain's months)" in landing.reason
    assert landing() == [OCT]


def test_without_a_folder_there_is_nothing_to_load(landing: Ticks, folder: Path) -> None:
    folder.rmdir()
    assert landing() == []
    assert landing.reason == "months offered: 0, to load: none"


def test_a_folder_that_cannot_be_read_fails_the_tick_and_leaves_the_cursor(
    landing: Ticks, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder, OCT)
    landing()
    before = landing.cursor
    monkeypatch.setenv("ECOMMERCE_LANDING", "nosuchkind://bucket")
    with pytest.raises(Exception, match="nosuchkind"):
        landing()
    assert landing.cursor == before
    monkeypatch.delenv("ECOMMERCE_LANDING")
    assert landing() == [OCT]


def test_another_source_is_a_reason_to_skip(
    landing: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOMMERCE_SOURCE", "sample")
    assert landing() == []
    assert "set ECOMMERCE_COSMETICS_SOURCE=files" in landing.reason


def test_the_table_in_the_docs_is_what_these_ticks_asked_for(landing: Ticks, folder: Path) -> None:
    landing("the sensor is turned on, the folder is empty")
    path = drop(folder, OCT)
    landing("2019-10 is being copied")
    path.write_bytes(month_csv(OCT, rows=4))
    landing("the copy has grown")
    landing("the copy is complete")
    landing("its run is queued")
    assert landing.load(OCT)
    landing("its run is done")
    aside = path.rename(folder.parent / "aside.csv")
    landing("the file is deleted")
    aside.rename(path)
    landing("the file is back, unchanged")
    for month in reversed(MONTHS[1:]):
        drop(folder, month)
    landing("four more months are dropped")
    landing("they are at rest")
    landing("a minute later")
    assert landing.load(NOV)
    drop(folder, NOV, rows=5)
    run = landing.start(NOV)
    landing("2019-11 comes again changed, while somebody loads it")
    landing("that run goes on")
    landing.instance.report_run_failed(run)
    landing("that run has ended")
    drop(folder, DEC, rows=6)
    assert landing.load(DEC)
    landing("2019-12 comes again changed, and the command loads it")
    landing("a minute later")
    table = landing.story.markdown()
    assert table_in_docs("landing", table) == table
