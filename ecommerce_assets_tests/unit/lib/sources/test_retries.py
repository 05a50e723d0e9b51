"""What is repeated, how often, and how long is waited."""

import pickle
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.sources.retries import Retries

QUICK = Retries(attempts=3, first_wait_s=0.0, longest_wait_s=0.0)


def test_a_permanent_failure_is_not_repeated() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise PermanentFailure("no", "stop")

    with pytest.raises(PermanentFailure):
        QUICK.run(call)
    assert len(calls) == 1


def test_a_transient_failure_is_repeated_and_the_last_one_tells_the_number_of_tries() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise TransientFailure("no answer", "wait")

    with pytest.raises(TransientFailure, match="no answer, 3 times — what to do: wait"):
        QUICK.run(call)
    assert len(calls) == 3


def test_tries_that_get_further_do_not_count(tmp_path: Path) -> None:
    growing = tmp_path / "file"

    def call() -> str:
        size = growing.stat().st_size if growing.exists() else 0
        if size == 10:
            return "whole"
        growing.write_bytes(b"x" * (size + 1))
        raise TransientFailure("cut", "wait")

    assert QUICK.run(call, growing) == "whole"


@pytest.mark.parametrize(
    ("asked", "bound", "waits"), [(None, 60.0, [1.0, 2.0, 4.0]), (30.0, 8.0, [8.0, 8.0, 8.0])]
)
def test_waits_double_and_keep_to_their_bound(
    monkeypatch: pytest.MonkeyPatch, asked: float | None, bound: float, waits: list[float]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)

    def call() -> None:
        failure = TransientFailure("busy", "wait")
        failure.retry_after_s = asked
        raise failure

    with pytest.raises(TransientFailure):
        Retries(attempts=4, first_wait_s=1.0, longest_wait_s=bound).run(call)
    assert slept == waits


def test_a_failure_survives_the_way_between_processes() -> None:
    failure = pickle.loads(pickle.dumps(PermanentFailure("what", "cure")))
    assert (failure.message, failure.cure) == ("what", "cure")
