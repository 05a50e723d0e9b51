"""The SQL of one load: a file read as text, its rows typed and judged, written as Parquet.

Belongs here: the reader and the two passes over it. Stays out: the rules themselves
(`lib/contracts/rules.py`) and the order of the steps (`month_file.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.lib.lake.quarantine import BadRows, lines_of_positions

if TYPE_CHECKING:
    import duckdb

#: Switched off while a file is read and written. Pushed down to the text, the predicate would
#: compute every typed value a second time. A list of five allowed values or more would become a
#: hash join, which mixes the rows; without joins DuckDB keeps the order of its source.
SWITCHED_OFF = "filter_pushdown,in_clause"
#: Level 1 is faster than the default level 3 on these columns, and smaller.
PARQUET_OPTIONS = "compression zstd, compression_level 1"


class Load:
    """The SQL of one load; the file is read as text and typed by the contract's rules."""

    def __init__(
        self,
        contract: TableContract,
        month: rules.Span,
        text: TextFile,
        header: list[str],
        db: duckdb.DuckDBPyConnection,
        folder: Path,
    ) -> None:
        """Prepare the reader.

        Args:
            contract: columns, types and rules.
            month: what the rows' instants must lie in.
            text: the file.
            header: its columns, by the contract's names.
            db: reads and judges.
            folder: a staging folder.
        """
        self._contract, self._month, self._text, self._db = contract, month, text, db
        self._header = header
        #: Accepted rows by `column:word`, where a word for "not known" became null.
        self.null_words: Counter[str] = Counter()
        # Unknown columns go by their place: a name may be empty, or differ by its case alone.
        known = set(contract.column_names)
        names = [name if name in known else f"#{place}" for place, name in enumerate(header)]
        columns = ", ".join(f"{rules.quote_text(name)}: 'VARCHAR'" for name in names)
        # quote='': with quoting on, a few stray quotes swallow a third of a file without a word.
        path = rules.quote_text(str(text.refusable(folder)))
        self._reader = (
            f"read_csv({path}, auto_detect=false, header=true, "
            f"delim={rules.quote_text(contract.delimiter)}, quote='', escape='', nullstr='', "
            f"columns={{{columns}}}, store_rejects=true, rejects_limit=0)"
        )

    def copy_accepted(
        self,
        target: Path,
        footer: dict[str, str],
        *,
        numbered: bool = False,
        placed: bool = False,
    ) -> int:
        """Type the file and write the rows that keep every rule; gives their number.

        Args:
            target: the file to write.
            footer: key-value pairs for its footer.
            numbered: whether each row carries its place among the accepted rows.
            placed: whether each row carries its place among all rows, as `position` from 1.
        """
        accepted = rules.accepted(self._contract, self._month)
        reader, columns = self._reader, rules.typed_columns(self._contract, noting=not placed)
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

    def find_bad(self, bad: BadRows) -> None:
        """Add every row that was not accepted, with its line and reasons.

        A second pass over the text, made only when rows are missing from the first one. Its
        predicate is written apart from the first one's, so that the balance is a real check.
        """
        structural = self._db.execute(
            "select line, string_agg(distinct lower(replace(error_type, ' ', '_')), '|')"
            " from reject_errors group by line order by line"
        ).fetchnumpy()
        lines, kinds = structural.values()
        skipped = np.union1d(np.union1d([1], self._text.blank), lines).astype(np.int64)
        reasons = rules.reasons(self._contract, self._month)
        typed = [c.name for c in self._contract.columns if c.kind != "string"]
        filled = ", ".join(
            f"{rules.quote_name(name)} is not null as filled_{place}"
            for place, name in enumerate(typed)
        )
        rows = self._db.execute(
            "select * replace (array_to_string(reasons, '|') as reasons) from "
            f"(select position, {reasons} as reasons, "
            f"{rules.month_number(self._contract)} as month, {filled} from "
            f"(select row_number() over () as position, * from {self._reader})) "
            "where len(reasons) > 0 order by position"
        ).fetchnumpy()
        damaged = self._text.damage.lines
        pairs = zip(lines.tolist(), kinds.tolist(), strict=True)
        kinds = np.array([damaged.get(line, kind) for line, kind in pairs], object)
        bad.add(np.asarray(lines), kinds)
        positions = np.asarray(rows["position"], np.int64)
        bad.add(
            lines_of_positions(positions, skipped),
            np.asarray(rows["reasons"], object),
            np.asarray(rows["month"], np.int64),
        )
        for place, name in enumerate(typed):
            bad.filled[name] += int(np.count_nonzero(rows[f"filled_{place}"]))
