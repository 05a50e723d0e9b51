"""What became of a backfill: the months that were loaded and built, and what failed.

Belongs here: the figures of one backfill, and how its failures read together. Stays out: doing it
(`runner.py`), what it set out to do (`planning/plan.py`), and printing it (`cli/app.py`).
"""

from dataclasses import dataclass, field
from datetime import date

from ecommerce_assets.lib.months import said_once
from ecommerce_assets.planning.plan import Plan


@dataclass(frozen=True)
class LoadFailure:
    """A month of a source table that was not loaded, with the reason that the user is shown."""

    dataset: str
    month: date
    reason: str


@dataclass
class Outcome:
    """What a backfill did, and what failed.

    Attributes:
        plan: what it set out to do.
        loaded: months that were taken to the raw table; those that were up to date are not here.
        failures: months of source tables that were not loaded.
        seconds: since the user's command began.
        peak_mb: largest sample of memory, in 10^6 bytes.
        plan_failure: why the asset with the next plan could not be renewed.
    """

    plan: Plan
    loaded: list[date] = field(default_factory=list)
    failures: list[LoadFailure] = field(default_factory=list)
    models_built: list[date] = field(default_factory=list)
    models_failure: str | None = None
    seconds: float = 0.0
    peak_mb: float = 0.0
    plan_failure: str | None = None

    @property
    def failed(self) -> dict[date, str]:
        """The months that failed in any table, with their reasons."""
        reasons: dict[date, str] = {}
        for each in self.failures:
            before = reasons.get(each.month)
            reasons[each.month] = f"{before}; {each.reason}" if before else each.reason
        return reasons

    @property
    def words(self) -> str | None:
        """The failures in one text; None where there are none."""
        failures = [f"{months}: {reason}" for months, reason in said_once(self.failed)]
        failures += [f"models: {self.models_failure}"] if self.models_failure else []
        return "; ".join(failures)[:2000] or None

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for is there."""
        return not self.failed and self.models_failure is None


@dataclass
class Followed:
    """What was built after loading: months of models, and why it broke off, if it did."""

    months: list[date] = field(default_factory=list)
    failure: str | None = None
