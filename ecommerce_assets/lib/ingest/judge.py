"""The SQL of one load: a delivery's rows typed and judged, written as Parquet.

Belongs here: the two passes over the rows. Stays out: what the rows are read from (`readers/`), the
rules themselves (`lib/contracts/rules.py`) and the order of the steps (`month_file.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import ROW_NUMBER
from ecommerce_assets.lib.ingest.readers.protocol import REFUSED, Rows
from ecommerce_assets.lib.lake.quarantine import BadRows

if TYPE_CHECKING:
    import duckdb

#: Switched off while rows are read and written. Pushed down to a text, the predicate would
#: compute every typed value a second time. A list of five allowed values or more would become a
#: hash join, which mixes the rows; without joins DuckDB keeps the order of its source.
SWITCHED_OFF = "filter_pushdown,in_clause"
#: Level 1 is faster than the default level 3 on these columns, and smaller.
PARQUET_OPTIONS = "compression zstd, compression_level 1"


class Judge:
    """Judges the rows of one delivery by its contract, whatever form they came in."""

    def __init__(self, rows: Rows, span: rules.Span, db: duckdb.DuckDBPyConnection) -> None:
        """Prepare to judge.

        Args:
            rows: of the delivery.
            span: the months that they must lie in; None: they may be of any time.
            db: reads and judges.
        """
        self._rows, self._span, self._db = rows, span, db
        self._contract = rows.contract
        #: Accepted rows by `column:word`, where a word for "not known" became null.
        self.null_words: Counter[str] = Counter()

    def copy_accepted(
        self,
        target: Path,
        footer: dict[str, str],
        *,
        numbered: bool = False,
        placed: bool = False,
    ) -> int:
        """Type the rows and write those that keep every rule; gives their number.

        Args:
            target: the file to write.
            footer: key-value pairs for its footer.
            numbered: whether each row carries its place among the accepted rows.
            placed: whether each row carries its place among all rows, as `position` from 1.
        """
        accepted = rules.accepted(self._contract, self._span)
        if self._rows.refuses_in_band:
            accepted = f"{REFUSED} is null and {accepted}"
        reader, columns = (
            self._rows.source(self._db),
            rules.typed_columns(self._contract, noting=not placed),
        )
        if placed:
            reader = f"(select row_number() over () as position, * from {reader})"
            columns += f", position, {rules.null_words(self._contract)} as null_words"
        if numbered:  # costs half as much time again
            columns += f", row_number() over () - 1 as {ROW_NUMBER}"
        source = f"from {rules.with_values(self._contract, reader)} where {accepted}"
        pairs = ", ".join(f"{k}: {rules.quote_text(v)}" for k, v in footer.items())
        with self._noting() if not placed else nullcontext():
            self._db.execute(f"set disabled_optimizers = '{SWITCHED_OFF}'")
            ((rows,),) = self._db.execute(
                f"copy (select {columns} {source}) to {rules.quote_text(str(target))} "
                f"(format parquet, {PARQUET_OPTIONS}, kv_metadata {{{pairs}}})"
            ).fetchall()
            self._db.execute("reset disabled_optimizers")
        return int(rows)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Count words for "not known" as they become null, for the block.

        The words are gone from the Parquet, so they are counted where they go. The function is
        called with whole vectors, and only with rows that hold such a word.
        """
        import pyarrow as pa
        from duckdb.func import ARROW, SPECIAL

        if not rules.worded(self._contract):
            yield
            return
        seen: list[tuple[str, Any]] = []  # an append is one step for all threads

        def note(columns: Any, words: Any) -> Any:  # DuckDB evaluates these annotations
            seen.append((columns[0].as_py(), words.value_counts()))
            return pa.nulls(len(words), pa.string())

        self._db.create_function(
            rules.NOTE,
            note,
            ["VARCHAR", "VARCHAR"],
            "VARCHAR",
            type=ARROW,
            null_handling=SPECIAL,
            side_effects=True,
        )
        try:
            yield
        finally:
            self._db.remove_function(rules.NOTE)
        for column, counted in seen:
            for each in counted.to_pylist():
                self.null_words[f"{column}:{each['values']}"] += each["counts"]

    def find_bad(self) -> BadRows:
        """Every row that was not accepted, with its line and reasons.

        A second pass over the rows, made only when some are missing from the first one. Its
        predicate is written apart from the first one's, so that the balance is a real check.
        """
        bad = BadRows()
        bad.add(*self._rows.refused(self._db))
        typed = [c.name for c in self._contract.columns if c.kind != "string"]
        filled = ", ".join(
            f"{rules.quote_name(name)} is not null as filled_{place}"
            for place, name in enumerate(typed)
        )
        refused = REFUSED if self._rows.refuses_in_band else "cast(null as varchar)"
        rows = self._db.execute(
            "select * replace (array_to_string(reasons, '|') as reasons) from "
            f"(select position, {rules.reasons(self._contract, self._span)} as reasons, "
            f"{refused} as refused, {rules.month_number(self._contract)} as month, {filled or 1} "
            f"from (select row_number() over () as position, * from {self._rows.source(self._db)}))"
            " where len(reasons) > 0 or refused is not null order by position"
        ).fetchnumpy()
        positions = np.asarray(rows["position"], np.int64)
        reasons = np.asarray(rows["reasons"], object)
        if self._rows.refuses_in_band:
            pairs = zip(rows["refused"].tolist(), reasons, strict=True)
            reasons = np.array([_together(refused, codes) for refused, codes in pairs], object)
        months = np.asarray(rows["month"], np.int64)
        bad.add(self._rows.lines_of(positions), reasons, months)
        for place, name in enumerate(typed):
            bad.filled[name] += int(np.count_nonzero(rows[f"filled_{place}"]))
        return bad


def _together(refused: str | None, found: str) -> str:
    """The reasons of a reader and of the rules for one row, joined by `|`.

    A value that the reader refused is null to the rules, and a row that it refused holds nothing.
    """
    if refused is None:
        return found
    own = refused.split("|")
    if not all(":" in code for code in own):
        return refused
    columns = {code.partition(":")[2] for code in own}
    beside = [c for c in found.split("|") if c and c.partition(":")[2] not in columns]
    return "|".join([*own, *beside])
