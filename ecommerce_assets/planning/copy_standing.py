"""How the readers' copy stands now: of when it is, and whether the warehouse is newer.

Belongs here: what of it is a shortcoming, and in which words. Stays out: making the copy
(`lib/warehouse/duckdb_copy.py`), how domains stand (`standing.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.duckdb_copy import CopyAge, age_of
from ecommerce_assets.planning.standing import PATIENCE_S, Problem
from ecommerce_assets.settings import Settings


@dataclass(frozen=True)
class CopyStanding:
    """The readers' copy.

    Attributes:
        path: where it lies.
        age: of when it and its domains are; None where there is none that can be read.
        behind: why it is not of the warehouse's present state; None where it is.
    """

    path: str
    age: CopyAge | None
    behind: str | None

    @property
    def made(self) -> datetime | None:
        """When it was copied, UTC; None where that is not known."""
        return self.age.made if self.age else None

    def notes(self, domains: Collection[str] | None = None) -> list[str]:
        """A sentence for each domain that is not of the copy's moment.

        Args:
            domains: only of these; None for all.
        """
        kept = self.age.kept if self.age else []
        return [f"{each.words}." for each in kept if domains is None or each.domain in domains]

    def problems(self, domains: Collection[str] | None = None) -> list[Problem]:
        """What readers do not get that the warehouse has; arguments as of `notes`."""
        found: list[Problem] = []
        if self.behind:
            of = f" of {self.made:%Y-%m-%d %H:%M} UTC" if self.made else ""
            words = f"the readers' copy {self.path}{of}: {self.behind}"
            found.append((ExitCode.INCOMPLETE, f"{words}; any backfill renews it"))
        return found + [(ExitCode.INCOMPLETE, note.rstrip(".")) for note in self.notes(domains)]

    def document(self) -> dict[str, Any]:
        """The copy for `--json`."""
        return {
            "path": self.path,
            "published_at": self.made,
            "behind": self.behind,
            "domains": [vars(each) for each in (self.age.domains if self.age else [])],
        }


def copy_standing(settings: Settings) -> CopyStanding | None:
    """How the readers' copy stands.

    Returns:
        None where there is nothing to copy: the engine serves readers itself, or no model is built
        yet; and while a run holds the warehouse, which makes a copy when it is done.
    """
    warehouse = warehouse_of(settings, patience_s=PATIENCE_S)
    if not isinstance(warehouse, DuckDBWarehouse):
        return None
    path = settings.published_path
    try:
        if not warehouse.builds(()).built and not path.exists():
            return None
        behind = warehouse.why_copy_is_behind(path)
    except TransientFailure:
        return None
    return CopyStanding(str(path), age_of(path), behind)
