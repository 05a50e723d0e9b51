"""One look at the lines of a text as it comes, chunk by chunk: counts, blank and damaged ones.

Belongs here: what is found by looking at bytes, many lines at a time. Stays out: where the text
comes from and is held (`text.py`), and what its values mean (`lib/contracts/rules.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.ingest.damage import (
    NUL_BYTE,
    STRAY_RETURN,
    TOO_LONG,
    WRONG_ENCODING,
    Damage,
)
from ecommerce_assets.lib.ingest.unpack import MAX_LINE, refuse

if TYPE_CHECKING:
    from ecommerce_assets.lib.ingest.text import TextFile

#: A longer first line is not a header.
MAX_HEADER = 100_000
Array = np.ndarray[Any, Any]


class Scan:
    """Counts lines, finds blank, surplus and damaged ones; line ends are line feeds by now."""

    def __init__(self, text: TextFile, damage: Damage | None = None) -> None:
        """Prepare the look.

        Args:
            text: filled in.
            damage: what was found before the text came here; more is noted in it.
        """
        self._text = text
        self._damage = damage or Damage(text.name)
        self._lines = 0  # that have ended so far
        self._offset = 0  # where the line that has not ended begins
        self._open = b""  # its bytes so far
        self._skipped = 0  # bytes of it that were not kept, since it is too long
        self._separator = text.dialect.separator.encode()
        self._has_header = not text.dialect.json

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk.

        Raises:
            NotADataFile: the header never ends or is damaged, or too many lines are.
        """
        if self._skipped:
            end = chunk.find(b"\n")
            if end < 0:
                self._skipped += len(chunk)
                return
            self._end_long_line(self._skipped + end)
            chunk = chunk[end + 1 :]
        end = chunk.rfind(b"\n") + 1
        if end:
            self._take(b"".join((self._open, memoryview(chunk)[:end])))  # copied once
            self._open = chunk[end:]
        else:
            self._open += chunk
        if self._has_header and not self._lines and len(self._open) > MAX_HEADER:
            raise self._endless_header()
        if len(self._open) > MAX_LINE:
            self._skipped, self._open = len(self._open), b""

    def finish(self) -> None:
        """Close the count.

        Raises:
            NotADataFile: there is no row, or the file is in another encoding.
        """
        text, start = self._text, self._offset
        text.terminated = not (self._open or self._skipped)
        if self._skipped:
            self._end_long_line(self._skipped)
        elif self._open:
            before = self._damage.undecodable
            self._take(self._open)
            self._damage.undecodable = before  # the cut may go through a character
        text.lines, text.last = self._lines, start
        if text.lines - len(text.blank) < 1 + self._has_header:
            what = "it holds a header and no rows" if self._has_header else "it holds no rows"
            raise refuse(Path(text.name), what, f"fetch {text.name} again")
        self._damage.refuse_other_encoding(text.lines)

    def _endless_header(self) -> Exception:
        name = self._text.name
        return refuse(Path(name), "its first line never ends", f"fetch {name} again")

    def _end_long_line(self, length: int) -> None:
        """Close a line of so many bytes that no row has them."""
        self._lines += 1
        self._note({self._lines: (self._offset, self._offset + length)}, TOO_LONG)
        self._offset += length + 1
        self._skipped = 0

    def _take(self, piece: bytes) -> None:
        """Take whole lines; only the text's last one may lack its end."""
        text = self._text
        if self._has_header and not self._lines:
            self._read_header(piece)
        array = np.frombuffer(piece, np.uint8)
        is_end = array == 10
        if (first := piece.find(b"\n")) > MAX_LINE:
            self._end_long_line(first)
            if first + 1 < len(piece):
                self._take(piece[first + 1 :])
            return
        text.index.append((self._offset, self._lines + 1))
        if (is_end[1:] & is_end[:-1]).any() or is_end[0]:
            lengths = np.diff(np.flatnonzero(is_end), prepend=-1) - 1
            text.blank.extend((np.flatnonzero(lengths == 0) + self._lines + 1).tolist())
        self._find_damage(piece, array, is_end)
        if self._has_header:
            self._find_overlong(piece, array, is_end)
        self._lines += int(np.count_nonzero(is_end)) + (not piece.endswith(b"\n"))
        self._offset += len(piece)

    def _read_header(self, piece: bytes) -> None:
        line, _, _ = piece.partition(b"\n")
        if len(line) > MAX_HEADER:
            raise self._endless_header()
        self._damage.refuse_header(line, self._separator)
        try:
            self._text.header = line.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._damage.add(1, WRONG_ENCODING)

    # Damage ---------------------------------------------------------------------------------

    def _find_damage(self, piece: bytes, array: Array, is_end: Array) -> None:
        """Note the lines that hold what no text holds."""
        ends: Array | None = None
        for byte, reason in ((0, NUL_BYTE), (13, STRAY_RETURN)):
            if byte in piece:
                ends = _ends(piece, is_end) if ends is None else ends
                places = np.unique(np.searchsorted(ends, np.flatnonzero(array == byte)))
                spans = self._spans(ends, places)
                if byte == 13:
                    self._refuse_rows_ended_by_returns(piece, spans)
                self._note(spans, reason)
        if self._text.dialect.is_plain and not piece.isascii():
            try:
                piece.decode()
                self._damage.decodable += 1  # at least
            except UnicodeDecodeError:
                ends = _ends(piece, is_end) if ends is None else ends
                self._find_undecodable(piece, array, ends)
        last = self._lines + int(np.count_nonzero(is_end)) + (not piece.endswith(b"\n"))
        if ahead := self._damage.take_ahead(last):
            ends = _ends(piece, is_end) if ends is None else ends
            self._text.damaged |= self._spans(ends, np.array(ahead) - self._lines - 1)

    def _find_undecodable(self, piece: bytes, array: Array, ends: Array) -> None:
        beyond = np.unique(np.searchsorted(ends, np.flatnonzero(array > 127)))
        bad = []
        for place in beyond.tolist():
            start = int(ends[place - 1]) + 1 if place else 0
            try:
                piece[start : int(ends[place])].decode()
            except UnicodeDecodeError:
                bad.append(place)
        self._damage.decodable += len(beyond) - len(bad)
        self._note(self._spans(ends, np.array(bad, np.int64)), WRONG_ENCODING)

    def _spans(self, ends: Array, places: Array) -> dict[int, tuple[int, int]]:
        """Line numbers and where the lines lie in the text, by their places in the piece."""
        found = {}
        for place in places.tolist():
            start = int(ends[place - 1]) + 1 if place else 0
            where = (self._offset + start, self._offset + int(ends[place]))
            found[self._lines + place + 1] = where
        return found

    def _note(self, spans: dict[int, tuple[int, int]], reason: str) -> None:
        for number, span in spans.items():
            self._damage.add(number, reason)
            self._text.damaged[number] = span

    def _refuse_rows_ended_by_returns(
        self, piece: bytes, spans: dict[int, tuple[int, int]]
    ) -> None:
        """Refuse a line that is several rows: as one line in quarantine they would be lost.

        Raises:
            NotADataFile: names the line and a cure that loses nothing.
        """
        dialect, name = self._text.dialect, self._text.name
        wanted = self._text.header.count(dialect.separator)
        for number, (start, end) in spans.items():
            parts = piece[start - self._offset : end - self._offset].split(b"\r")
            rows = [part.decode("utf-8", "replace") for part in parts if part]
            widths = [dialect.plain_line(row).count(dialect.separator) for row in rows]
            if len(rows) > 1 and wanted and set(widths) == {wanted}:
                raise refuse(
                    Path(name),
                    f"line {number:,} holds {len(rows)} rows that end with carriage returns alone",
                    f"end its lines with line feeds: tr '\\r' '\\n' < {name}",
                )

    # Surplus values -------------------------------------------------------------------------

    def _find_overlong(self, piece: bytes, array: Array, is_end: Array) -> None:
        """Count the values of lines that end with an empty one; the reader counts the others'."""
        ends = np.flatnonzero(is_end)
        if not len(ends):
            return
        separator, most = self._separator, self._text.header.count(self._separator.decode())
        ends_empty = array[ends - 1] == separator[-1]
        ends_empty[0] &= ends[0] > 0
        for place in np.flatnonzero(ends_empty).tolist():
            start = int(ends[place - 1]) + 1 if place else 0
            if piece.count(separator, start, int(ends[place])) > most:
                number = self._lines + place + 1
                self._text.overlong[number] = self._offset + int(ends[place])


def _ends(piece: bytes, is_end: Array) -> Array:
    """Where the lines of a piece end, the last one too where it lacks its line feed."""
    ends = np.flatnonzero(is_end)
    return ends if piece.endswith(b"\n") else np.append(ends, len(piece))
