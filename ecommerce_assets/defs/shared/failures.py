"""How a failure of `lib/` reaches Dagster: its text whole, and its answer to "again?" honoured.

Belongs here: the one translation of failure types into Dagster's. Stays out: the types.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ecommerce_assets.lib.failures import GaveUpWaiting, LakehouseError, PermanentFailure
from ecommerce_assets.lib.text.plain import harmless

#: For failures of the way to a source; permanent ones are never repeated (`allow_retries`).
TRANSIENT_RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def as_dagster_failure() -> Iterator[None]:
    """Raise a `LakehouseError` of the block as the `dagster.Failure` that the UI shows.

    Raises:
        dagster.Failure: with the message and the cure; repeatable only where that can help.
    """
    try:
        yield
    except LakehouseError as error:
        raise dg.Failure(
            description=harmless(str(error)),
            metadata={
                "what happened": harmless(error.message),
                "what to do": harmless(error.cure),
            },
            allow_retries=not isinstance(error, PermanentFailure | GaveUpWaiting),
        ) from error
