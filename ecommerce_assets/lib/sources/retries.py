"""Repeating a call to the outside world: only failures that may pass, and only so often.

Belongs here: how calls of a source are repeated inside one step.
Stays out: an op's or a run's retry policy, which the asset declares.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from ecommerce_assets.lib.failures import GaveUpWaiting, TransientFailure

logger = logging.getLogger(__name__)

T = TypeVar("T")


#: Calls that may use up all their time.
LONG_WAITS = 2
#: Bytes of such a call that are not progress.
A_TRICKLE = 1 << 18


@dataclass(frozen=True)
class Retries:
    """How often and how fast a call is repeated when the other side is at fault.

    Attributes:
        attempts: Calls in all. A download that got further counts from the start again.
        first_wait_s: Seconds before the second call; doubled before each further one.
        longest_wait_s: Bound of one wait in seconds, also of a wait the other side asks for.
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0

    def run(self, call: Callable[[], T], growing: Path | None = None) -> T:
        """Call until it works, fails for good, or has failed too often without getting further.

        Args:
            call: What to repeat while it raises `TransientFailure`.
            growing: A file whose growth counts as getting further.

        Raises:
            TransientFailure: The last one, with the number of tries in its message.
            Exception: Anything else that `call` raises, at once.
        """
        stuck = _Stuck(self.attempts, growing)
        retrying = Retrying(
            retry=retry_if_exception_type(TransientFailure),
            stop=stuck,
            wait=self._wait_s,
            before_sleep=_log_wait,
            reraise=True,
        )
        try:
            return retrying(call)
        except TransientFailure as failure:
            times = "once" if stuck.tries == 1 else f"{stuck.tries} times"
            kept = ". What has arrived is kept for the next try" if stuck.size() else ""
            kind = GaveUpWaiting if isinstance(failure, GaveUpWaiting) else TransientFailure
            last = kind(f"{failure.message}, {times}{kept}", failure.cure)
            last.retry_after_s = failure.retry_after_s
        raise last

    def _wait_s(self, state: RetryCallState) -> float:
        doubled = self.first_wait_s * 2.0 ** min(state.attempt_number - 1, 20)
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.retry_after_s if isinstance(failure, TransientFailure) else None
        return min(max(doubled, asked or 0.0), self.longest_wait_s)


class _Stuck:
    """Stops the retries after so many tries in a row in which the file on disk did not grow."""

    def __init__(self, attempts: int, growing: Path | None) -> None:
        self.tries = 0
        self._waits = 0
        self._attempts = attempts
        self._growing = growing
        self._most = self.size()

    def __call__(self, state: RetryCallState) -> bool:
        size = self.size()
        waited = state.outcome and isinstance(state.outcome.exception(), GaveUpWaiting)
        # A trickle gets a little further with each try, and would never end.
        further = size - self._most > (A_TRICKLE if waited else 0)
        self.tries = 1 if further else self.tries + 1
        self._waits = int(bool(waited)) + (0 if further else self._waits)
        self._most = max(self._most, size)
        return self.tries >= self._attempts or self._waits >= LONG_WAITS

    def size(self) -> int:
        """Return the bytes that have arrived on disk."""
        return self._growing.stat().st_size if self._growing and self._growing.exists() else 0


def _log_wait(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    message = failure.message if isinstance(failure, TransientFailure) else "a call failed"
    wait_s = state.next_action.sleep if state.next_action else 0.0
    logger.warning("%s; next try in %.1f s", message, wait_s)
