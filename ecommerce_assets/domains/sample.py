"""A simulated shop whose one file holds all months, behind the protocol of the other sources.

Belongs here: when the file is written, and by which name. Stays out: what is in it
(`<domain>/simulator/`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from ecommerce_assets.lib.failures import SourceMissing
from ecommerce_assets.lib.sources.protocol import Progress, SharedName, SourceFile


class SimulatedFile:
    """The one file of a simulated shop as a source.

    Args:
        domain: named in messages.
        names: the file's name, and its months.
        rows: of the file.
        version: changes whenever the file would hold other bytes.
        write: writes the file, and publishes what is true of it.
    """

    kind = "sample"

    def __init__(
        self,
        domain: str,
        names: SharedName,
        *,
        rows: int,
        version: str,
        write: Callable[[Path], None],
    ) -> None:
        self._domain, self._names, self._rows = domain, names, rows
        self._version, self._write = version, write

    def find(self, month: date) -> SourceFile:
        """The file that the shop would write, the same for every month.

        Raises:
            SourceMissing: the month is not one of the domain's.
        """
        months = self._names.months
        if month not in months:
            raise SourceMissing(
                f"the simulated shop has no {month:%Y-%m}",
                f"widen ECOMMERCE_{self._domain.upper()}_MONTHS, or choose a month inside it",
            )
        return SourceFile(
            name=f"{self._names.name_of(month)}.zip",
            version=f"{self._version}:{months[0]:%Y-%m}:{months[-1]:%Y-%m}",
            size=None,
            location=f"simulated shop, {self._version}",
            rows=self._rows // len(months),
            shared_by=len(months),
        )

    def available(self) -> dict[date, SourceFile]:
        """All months of the domain, each with the same file."""
        return {month: self.find(month) for month in self._names.months}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Write the file and publish what is true of it."""
        target = folder / file.name
        self._write(target)
        if progress:
            size = target.stat().st_size
            progress(size, size)
        return target
