"""A process is known again by more than its number, which is given to another one after a while."""

from __future__ import annotations

import os
import signal

from ecommerce_assets.lib.processes import Life, life_of, number_of, own_process
from ecommerce_assets_tests.support.builders import start_python

NAME = """
import time
from ecommerce_assets.lib.processes import own_process
print(own_process(), flush=True)
time.sleep(60)
"""


def test_a_process_runs_until_it_is_killed() -> None:
    process = start_python(NAME)
    assert process.stdout
    name = process.stdout.readline().strip()
    assert life_of(name) is Life.RUNS and number_of(name) == process.pid
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert life_of(name) is Life.GONE, "also before its parent has asked for its end"
    process.wait()
    assert life_of(name) is Life.GONE


def test_a_number_that_another_process_has_now_does_not_keep_the_old_one_alive() -> None:
    host, pid, started, space, boot = own_process().split(":")
    assert life_of(":".join([host, pid, started, space, boot])) is Life.RUNS
    assert life_of(":".join([host, pid, str(int(started) - 1), space, boot])) is Life.GONE


def test_a_process_from_before_the_machine_or_its_container_was_started_again_is_gone() -> None:
    host, pid, started, space, _ = own_process().split(":")
    assert life_of(":".join([host, pid, started, space, "another-boot"])) is Life.GONE


def test_what_cannot_be_seen_from_here_is_not_judged() -> None:
    _, pid, started, space, boot = own_process().split(":")
    for name in (
        ":".join(["elsewhere", pid, started, space, "another-boot"]),
        ":".join(["elsewhere", pid, started, "1", boot]),
        "elsewhere:1",
        "",
        "nonsense",
    ):
        assert life_of(name) is Life.ELSEWHERE


def test_a_machine_that_has_another_name_since_is_the_same_machine() -> None:
    """A laptop is called after the network that it is in."""
    _, pid, started, space, boot = own_process().split(":")
    assert life_of(":".join(["as-it-was-called", pid, started, space, boot])) is Life.RUNS
    assert life_of(":".join(["as-it-was-called", pid, "1", space, boot])) is Life.GONE


def test_names_of_earlier_releases_are_judged_by_host_and_number() -> None:
    host, pid, *_ = own_process().split(":")
    assert life_of(f"{host}:{pid}") is Life.RUNS
    assert life_of(f"{host}:4194305") is Life.GONE
