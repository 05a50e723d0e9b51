"""What refuses a whole file once its rows are judged: too much of it is not what it should be.

Belongs here: the limits of the contract on a file as a whole, and what a refusal says. Stays out:
judging rows (`lib/contracts/rules.py`), headers (`header.py`), the explanation of values
(`likely_causes.py`), a month that comes again (`redelivery.py`).

One wrong value is a row in quarantine. Many in the same column are another spelling of the file,
and then the values that pass are not to be trusted either: 12 of 31 days read the other way round
are dates, too, and ids that were rounded may still be integers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.likely_causes import in_words, likely_causes
from ecommerce_assets.lib.lake.quarantine import BadRows

if TYPE_CHECKING:
    import duckdb

    from ecommerce_assets.lib.ingest.readers.protocol import Rows

#: So many unreadable rows, or values of a column, never refuse a file: in a file of ten rows a
#: single slip would be a share of a tenth.
FEW = 3
#: From so many rows in so many months on, days that all lie before the 13th are taken for months.
AMBIGUOUS_ROWS, AMBIGUOUS_MONTHS = 12, 3


@dataclass(frozen=True)
class JudgedFile:
    """A file whose rows are judged and not yet published.

    Attributes:
        delivered: the open file.
        accepted: how many of its rows keep every rule.
        target: the Parquet file of those.
        bad: the others.
    """

    delivered: Rows
    accepted: int
    target: Path
    bad: BadRows

    @property
    def contract(self) -> TableContract:
        """What it was judged by."""
        return self.delivered.contract

    @property
    def name(self) -> str:
        """The file's, for messages."""
        return self.delivered.name

    @property
    def rows(self) -> int:
        """Its rows, without blank lines."""
        return self.delivered.received - self.delivered.blank


def refuse_unreadable(db: duckdb.DuckDBPyConnection, file: JudgedFile) -> None:
    """Refuse a file of which more cannot be read than its contract allows.

    Judged are the rows, and of each column the values that are not empty: where four rows of five
    have no buyer, rounded ids of the fifth are all ids that there are.

    Raises:
        NotADataFile: the share is too large; the message shows a value and the wanted form.
    """
    contract, counts = file.contract, Counter(file.bad.reasons.tolist())
    own_limits = {c.name for c in contract.columns if c.max_share_unreadable is not None}
    unreadable, by_column = 0, Counter[str]()
    for joined, number in counts.items():
        codes = [code for code in joined.split("|") if rules.is_unreadable(code)]
        columns = {code.partition(":")[2] for code in codes}
        unreadable += number if columns - own_limits else 0
        by_column.update(dict.fromkeys(columns - {""}, number))
    limit = contract.max_share_unreadable
    if unreadable > max(FEW, limit * file.rows):
        raise _unreadable(file, unreadable, file.rows, "rows", limit, None)
    for column in contract.columns:
        broken = by_column[column.name]
        if broken <= FEW:
            continue
        own = column.max_share_unreadable
        limit = contract.max_share_unreadable if own is None else own
        values = _values(db, file, column.name)
        if broken > limit * values:
            what = f"values of {column.source_name or column.name}"
            raise _unreadable(file, broken, values, what, limit, column.name)


def _values(db: duckdb.DuckDBPyConnection, file: JudgedFile, column: str) -> int:
    """How many values of a column are not empty, in accepted and in bad rows."""
    ((accepted,),) = db.execute(
        f"select count({rules.quote_name(column)}) from "
        f"read_parquet({rules.quote_text(str(file.target))}, hive_partitioning = false)"
    ).fetchall()
    return int(accepted) + file.bad.filled[column]


def _unreadable(
    file: JudgedFile, broken: int, of: int, what: str, limit: float, column: str | None
) -> NotADataFile:
    message, cure = explained(file, column, unreadable=True)
    return NotADataFile(
        f"{file.name}: {broken:,} of its {of:,} {what} ({broken / of:.0%}) cannot be read, and the "
        f"contract allows {limit:.0%}: {message}; nothing of the file is loaded",
        f"{cure}; if the file is right as it is, raise maxShareUnreadable in {file.contract.path}",
    )


def explained(
    file: JudgedFile, column: str | None = None, *, unreadable: bool = False
) -> tuple[str, str]:
    """What is wrong with a file's bad rows, and the cure.

    Args:
        file: the file.
        column: only this column.
        unreadable: only what cannot be read.
    """
    some = BadRows()
    kept, reasons = [], []
    for place, joined in enumerate(file.bad.reasons.tolist()):
        codes = [
            code
            for code in joined.split("|")
            if (not unreadable or rules.is_unreadable(code))
            and (column is None or code.partition(":")[2] == column)
        ]
        if codes:
            kept.append(place)
            reasons.append("|".join(codes))
    some.add(file.bad.lines[kept], np.array(reasons, object))
    return in_words(likely_causes(file.delivered, some))


def refuse_nothing_accepted(file: JudgedFile) -> None:
    """Refuse a file without a row that keeps the contract.

    Raises:
        NotADataFile: there is none; the message shows a value and the wanted form.
    """
    if file.accepted:
        return
    message, cure = explained(file)
    counted = ", ".join(f"{code}: {n:,}" for code, n in file.bad.count_by_reason().items())
    raise NotADataFile(
        f"{file.name} has no row that keeps the contract ({counted}): {message}",
        f"{cure}; and check that it is the right file",
    )


def refuse_ambiguous_dates(db: duckdb.DuckDBPyConnection, file: JudgedFile) -> None:
    """Refuse a file of all months whose dates are most likely day and month the other way round.

    A month that is read as a day never lies after the 12th, and days that are read as months are
    many months. Rows of many months and none after the 12th are a file of a few days, read wrong.

    Raises:
        NotADataFile: that is so, and the contract does not expect it.
    """
    contract = file.contract
    column = next(c for c in contract.columns if c.name == contract.time_of_month)
    if contract.ambiguous_dates == "accept" or not _is_ambiguous(column.source_format or ""):
        return
    at = f"timezone({rules.quote_text(column.source_time_zone)}, {rules.quote_name(column.name)})"
    ((rows, last_day, months, days, first),) = db.execute(
        f"select count(*), max(day({at})), count(distinct date_trunc('month', {at})), "
        f"count(distinct day({at})), min({at}) from "
        f"read_parquet({rules.quote_text(str(file.target))}, hive_partitioning = false)"
    ).fetchall()
    if rows < AMBIGUOUS_ROWS or last_day > 12 or months < AMBIGUOUS_MONTHS or days > months:
        return
    example = first.strftime(column.source_format or "")
    raise NotADataFile(
        f"{file.name} has rows in {months} months and none after the {last_day}. of a month, for "
        f"instance {example!r} as {column.source_name or column.name}: most likely day and month "
        "are the other way round than the contract says; nothing of the file is loaded",
        f"write the dates as {column.source_format!r}, or correct the sourceFormat in "
        f"{contract.path}; if they are right, let it say `ambiguousDates: accept`",
    )


def _is_ambiguous(source_format: str) -> bool:
    """Whether a date is still one with day and month the other way round."""
    day_and_month = [mark for mark in ("d", "m") if f"%{mark}" in source_format.replace("-", "")]
    return len(day_and_month) == 2 and not source_format.replace("-", "").startswith("%Y%m%d")
