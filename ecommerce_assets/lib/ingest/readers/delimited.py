"""Delimited text as rows: read as text by DuckDB, each value judged by its spelling.

Belongs here: the reader over an open file, and the lines that it refuses. Stays out: unpacking and
counting (`lib/ingest/text.py`), quotes and encodings (`lib/contracts/dialect.py`), headers
(`lib/ingest/header.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.header import cut_off_last_line, cut_off_reason, match_header
from ecommerce_assets.lib.ingest.readers.protocol import Array
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.lib.lake.quarantine import lines_of_positions

if TYPE_CHECKING:
    import duckdb


class DelimitedRows:
    """The rows of a delimited text; see `Rows`."""

    refuses_in_band = False

    def __init__(self, contract: TableContract, text: TextFile, folder: Path) -> None:
        """Match the header, and take a cut-off last line off the text.

        Args:
            contract: with the quote that the text has.
            text: the open file.
            folder: a staging folder.

        Raises:
            ContractBroken: the header breaks the contract.
        """
        self.contract, self.name = contract, text.name
        self.header, self.unknown = match_header(contract, text)
        self.received, self.blank = text.lines - 1, len(text.blank)
        self.form: Mapping[str, str] = {"quote": contract.dialect.quote}
        self._text = text
        self._skipped = np.union1d([1], text.blank).astype(np.int64)
        self._cut_off = cut_off_last_line(contract, text, self.header, folder)
        self._readable = text.refusable(folder)

    def source(self, db: duckdb.DuckDBPyConnection) -> str:
        """See `Rows.source`."""
        # Unknown columns go by their place: a name may be empty, or differ by its case alone.
        known = set(self.contract.column_names)
        names = [name if name in known else f"#{at}" for at, name in enumerate(self.header)]
        columns = ", ".join(f"{rules.quote_text(name)}: 'VARCHAR'" for name in names)
        # quote='': with quoting on, a few stray quotes swallow a third of a file without a word.
        return (
            f"read_csv({rules.quote_text(str(self._readable))}, auto_detect=false, header=true, "
            f"delim={rules.quote_text(self.contract.delimiter)}, quote='', escape='', nullstr='', "
            f"columns={{{columns}}}, store_rejects=true, rejects_limit=0)"
        )

    def refused(self, db: duckdb.DuckDBPyConnection) -> tuple[Array, Array]:
        """See `Rows.refused`."""
        found = db.execute(
            "select line, string_agg(distinct lower(replace(error_type, ' ', '_')), '|')"
            " from reject_errors group by line order by line"
        ).fetchnumpy()
        lines, kinds = (np.asarray(values) for values in found.values())
        self._skipped = np.union1d(self._skipped, lines).astype(np.int64)
        damaged = self._text.damage.lines
        reasons = [damaged.get(n, k) for n, k in zip(lines.tolist(), kinds.tolist(), strict=True)]
        if self._cut_off is not None:
            lines = np.append(lines, self._text.lines)
            reasons.append(cut_off_reason(self._text))
        return lines, np.array(reasons, object)

    def lines_of(self, positions: Array) -> Array:
        """See `Rows.lines_of`; to be asked when `refused` was."""
        return lines_of_positions(positions, self._skipped)

    def above(self, lines: Array) -> Array:
        """See `Rows.above`."""
        blank = np.asarray(self._text.blank, np.int64)
        return np.asarray(lines - 2 - np.searchsorted(blank, lines))

    def texts(self, lines: Sequence[int]) -> Iterator[str]:
        """See `Rows.texts`: lines as the file spells them."""
        written, last = self._text.dialect.written, self._text.lines
        held = [line for line in lines if line != last or self._cut_off is None]
        for _, content in self._text.read_lines(held):
            yield written(content)
        if len(held) < len(lines):
            yield written(self._cut_off or "")

    def value_in(self, text: str, column: str) -> str | None:
        """See `Rows.value_in`."""
        values = self.contract.dialect.plain_line(text).split(self.contract.delimiter)
        return values[self.header.index(column)] if len(values) == len(self.header) else None
