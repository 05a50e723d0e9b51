"""What BigQuery jobs cost, in bytes, slot time and money.

Belongs here: a job's figures, their sum, the price, the limits on a job. Stays out: running jobs.
The price is the one on demand (https://cloud.google.com/bigquery/pricing): bytes billed of queries,
in TiB; loads, copies and exports are free. With slot reservations slot time counts instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TIB = 1024**4
#: US dollars for each TiB on demand, in the multi-regions US and EU.
USD_PER_TIB = 6.25


@dataclass(frozen=True)
class Limits:
    """What one job may take.

    Attributes:
        bytes_billed: a query that would be charged for more is refused by BigQuery; None: no limit.
        job_s: seconds until a job is given up.
        request_s: seconds until one request is given up.
        retry_s: seconds for which a request is repeated while the service is at fault.
    """

    bytes_billed: int | None = None
    job_s: float = 1800.0
    request_s: float = 60.0
    retry_s: float = 120.0


@dataclass(frozen=True)
class JobFigures:
    """What one job, or several, took.

    Attributes:
        jobs: their number.
        bytes_processed: read by queries.
        bytes_billed: charged for; at least 10 MiB for each table that a query reads.
        slot_ms: slot time in milliseconds.
        job_id: of the last one.
    """

    jobs: int = 0
    bytes_processed: int = 0
    bytes_billed: int = 0
    slot_ms: int = 0
    job_id: str | None = None

    def usd(self, usd_per_tib: float = USD_PER_TIB) -> float:
        """The price on demand in US dollars, before the free TiB of each month."""
        return round(self.bytes_billed / TIB * usd_per_tib, 6)


def figures_of(job: Any) -> JobFigures:
    """The figures of a finished job of the BigQuery client."""
    return JobFigures(
        jobs=1,
        bytes_processed=int(getattr(job, "total_bytes_processed", None) or 0),
        bytes_billed=int(getattr(job, "total_bytes_billed", None) or 0),
        slot_ms=int(getattr(job, "slot_millis", None) or 0),
        job_id=job.job_id,
    )


def total(figures: Iterable[JobFigures]) -> JobFigures:
    """The sum of several jobs' figures."""
    found = JobFigures()
    for each in figures:
        found = JobFigures(
            found.jobs + each.jobs,
            found.bytes_processed + each.bytes_processed,
            found.bytes_billed + each.bytes_billed,
            found.slot_ms + each.slot_ms,
            each.job_id or found.job_id,
        )
    return found


def label(text: str) -> str:
    """A text as the value of a label: lower case, at most 63 letters, digits, `_` and `-`."""
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())[:63]
