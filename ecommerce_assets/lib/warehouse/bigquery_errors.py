"""What BigQuery's errors mean for the user, and what to do about each.

Belongs here: errors of BigQuery alone. Stays out: those that all of Google's services share
(`lib/google.py`), and the calls (`bigquery.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.google import google_errors
from ecommerce_assets.lib.warehouse.bigquery_jobs import Limits


@contextmanager
def bigquery_errors(place: str, limits: Limits) -> Iterator[None]:
    """Turn Google's errors into the project's own, which say what to do.

    Args:
        place: what the block asks BigQuery about, and in which project.
        limits: how long a job may take.

    Raises:
        LakehouseError: in the place of Google's errors.
    """
    from google.api_core.exceptions import BadRequest, NotFound

    grant = "grant the account the roles that terraform/modules/identity gives it"
    with google_errors("BigQuery", place, grant):
        try:
            yield
        except TimeoutError as error:
            raise TransientFailure(
                f"{place} took longer than {limits.job_s:g} s",
                "run the step again, or raise ECOMMERCE_BIGQUERY_TIMEOUT",
            ) from error
        except NotFound as error:
            raise PermanentFailure(
                f"not found in BigQuery: {error.message}",
                "materialise what comes before it, or check project and location",
            ) from error
        except BadRequest as error:
            raise PermanentFailure(
                f"BigQuery refuses {place} ({error.message})",
                "see the message; a limit on bytes is ECOMMERCE_BIGQUERY_MAX_BYTES_BILLED",
            ) from error
