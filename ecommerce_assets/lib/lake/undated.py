"""The rows of a file of all months that lie in no month: how many, and whether that was expected.

Belongs here: counting them in the lake, and the sentence that says so. Stays out: which exit code
a command ends with (`cli/app.py`), keeping the rows (`quarantine.py`, `lib/ingest/split.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake.quarantine import UNDATED, Quarantine
from ecommerce_assets.lib.lake.slices import Month, Slice

if TYPE_CHECKING:
    from ecommerce_assets.lib.lake.lake import Lake


@dataclass(frozen=True)
class Undated:
    """The rows of a source table's file that have no month of the domain.

    Attributes:
        dataset: `<domain>.<table>`.
        file_name: the file that holds them; empty where there are none.
        known: rows with a time that the contract declares to stand for "not known".
        outside: rows with a time outside the domain's months.
        unreadable: rows whose time, or whose whole line, cannot be read.
    """

    dataset: str
    file_name: str = ""
    known: int = 0
    outside: int = 0
    unreadable: int = 0

    @property
    def unknown(self) -> int:
        """Rows that nobody declared: while there are any, the domain is not complete."""
        return self.outside + self.unreadable

    @property
    def total(self) -> int:
        """All of them."""
        return self.known + self.unknown

    @property
    def words(self) -> str:
        """One sentence for people, with the command that shows the rows; empty without rows."""
        if not self.total:
            return ""
        domain = self.dataset.partition(".")[0]
        parts = []
        if self.unreadable:
            parts.append(f"{self.unreadable:,} cannot be read")
        if self.outside:
            setting = f"ECOMMERCE_{domain.upper()}_MONTHS"
            parts.append(f"{self.outside:,} lie outside the months of {setting}")
        if self.known:
            parts.append(f"{self.known:,} have a time that the contract declares as not known")
        rows = f"{self.total:,} row{'s' * (self.total > 1)} of {self.file_name}"
        verb = "have" if self.total > 1 else "has"
        return (
            f"{rows} {verb} no month ({', '.join(parts)}): "
            f"ecommerce quarantine show {domain} undated"
        )


def undated_rows(lake: Lake, contract: TableContract) -> Undated:
    """Count the rows without a month of a table's file, as it was split last.

    A table with a file for each month has none.
    """
    import pyarrow.parquet as pq

    quarantine = Quarantine(Slice(lake, contract, Month(UNDATED)))
    keys = lake.keys_in(quarantine.folder) if contract.shared_file else []
    counts: Counter[str] = Counter()
    names: set[str] = set()
    for key in keys:
        with lake.open(key) as handle:
            # Not the rows themselves: there may be thousands, and a command asks only how many.
            found = pq.read_table(handle, columns=["reasons", "file_name"], partitioning=None)
        counts.update(_kind(contract, codes) for codes in found["reasons"].to_pylist())
        names.update(found["file_name"].unique().to_pylist())
    return Undated(contract.dataset, ", ".join(sorted(names)), **counts)


def _kind(contract: TableContract, reasons: list[str]) -> str:
    """The attribute of `Undated` that counts a row with these reasons.

    What else is wrong with a row says nothing of its time.
    """
    column = contract.month_column
    if f"sentinel_timestamp:{column}" in reasons:
        return "known"
    return "outside" if f"outside_month:{column}" in reasons else "unreadable"


def undated_of(lake: Lake, contracts: Iterable[TableContract]) -> list[Undated]:
    """`undated_rows` of several tables, without those that have none."""
    found = (undated_rows(lake, contract) for contract in contracts)
    return [each for each in found if each.total]
