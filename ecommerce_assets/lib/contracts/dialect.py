"""How a delivered text is spelled: its encoding, its delimiter, its quotes.

Belongs here: turning another spelling into the one that the loader reads, UTF-8 without quotes,
line by line, and back. Stays out: unpacking (`lib/ingest/unpack.py`), counting
(`lib/ingest/text.py`).

A reader that knows quotes lets one stray quote swallow the lines after it. Here each line is read
by itself: one whose quotes do not close stays as it is, has the wrong number of columns and goes to
quarantine alone. A value with a line break inside is refused in the same visible way.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.lib.ingest.damage import CONTROL_CHARACTER, TOO_LONG, WRONG_ENCODING, Damage
from ecommerce_assets.lib.ingest.unpack import MAX_LINE, refuse

#: What stands between the values once quotes are gone; ASCII's own unit separator.
SEPARATOR = "\x1f"
#: Bytes that are kept of a line that is too long for a row.
_KEPT = 10_000


@dataclass(frozen=True)
class Dialect:
    """The declared spelling of a file.

    Attributes:
        encoding: a name that Python knows.
        delimiter: between values.
        quote: around values that hold the delimiter; empty: there are no quotes.
        json: each line is a JSON object: there is neither a header nor a delimiter.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = ""
    json: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the loader reads the text as it is."""
        return not self.quote and self.is_utf8

    @property
    def is_utf8(self) -> bool:
        """Whether the declared encoding is UTF-8, however it is spelled."""
        return codecs.lookup(self.encoding).name == "utf-8"

    @property
    def separator(self) -> str:
        """What stands between the values when the text is plain."""
        return SEPARATOR if self.quote else self.delimiter

    def plain(
        self, path: Path, chunks: Iterator[tuple[bytes, bool]], damage: Damage
    ) -> Iterator[tuple[bytes, bool]]:
        """The text as UTF-8 without quotes, in pieces of whole lines.

        Args:
            path: names the file in messages.
            chunks: of `inflate.line_feeds`; the flags are handed on.
            damage: lines that are not in the declared encoding, hold the separator itself or never
                end are noted in it, and stand for themselves in the text.

        Raises:
            NotADataFile: the text is UTF-8 where another encoding is declared.
        """
        rest, was_crlf, line, skipped = b"", False, 1, False
        for chunk, crlf in chunks:
            was_crlf |= crlf
            if skipped:
                end = chunk.find(b"\n")
                if end < 0:
                    continue
                skipped, chunk = False, chunk[end:]
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest += chunk
                if len(rest) > MAX_LINE:
                    damage.add_ahead(line, TOO_LONG)
                    rest, skipped = rest[:_KEPT], True
                continue
            whole, rest = rest + chunk[:end], chunk[end:]
            yield self._plain_lines(path, whole, line, damage), was_crlf
            line += whole.count(b"\n")
        if rest:
            yield self._plain_lines(path, rest, line, damage), was_crlf

    def written(self, line: str) -> str:
        """A plain line in the file's spelling, with no more quotes than it needs.

        One that was left as it is stays so.
        """
        if not self.quote or SEPARATOR not in line:
            return line
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, quotechar=self.quote, lineterminator="").writerow(
            line.split(SEPARATOR)
        )
        return out.getvalue()

    def _plain_lines(self, path: Path, lines: bytes, first: int, damage: Damage) -> bytes:
        text = self._decoded(path, lines, first, damage)
        if not self.quote:
            return text.encode()
        if SEPARATOR in text:
            found = text.split("\n")
            for place in (n for n, line in enumerate(found) if SEPARATOR in line):
                damage.add_ahead(first + place, CONTROL_CHARACTER)
                found[place] = found[place].replace(SEPARATOR, "\\x1f")
            text = "\n".join(found)
        if self.quote not in text:
            return text.replace(self.delimiter, SEPARATOR).encode()
        plain = self._without_quotes(text)
        if plain is None:
            plain = "\n".join(map(self.plain_line, text.split("\n")))
        return plain.encode()

    def _without_quotes(self, text: str) -> str | None:
        """Lines in which each value has quotes around it and none inside; None for others.

        What a line reader would make of them, twenty times as fast.
        """
        ended, end = text.endswith("\n"), f"{self.quote}\n{self.quote}"
        body = text.removesuffix("\n")
        if len(body) < 2 or body[0] != self.quote or body[-1] != self.quote:
            return None
        plain = body[1:-1].replace(f"{self.quote}{self.delimiter}{self.quote}", SEPARATOR)
        plain = plain.replace(end, "\n")
        if self.quote in plain or body.count("\n") != plain.count("\n"):
            return None
        rows = plain.split("\n")
        if not all(SEPARATOR in row for row in rows):
            return None
        return plain + "\n" * ended

    def plain_line(self, line: str) -> str:
        """A line as the loader reads it; the line itself where its quotes are wrong."""
        if not self.quote:
            return line
        if self.quote not in line:
            return line.replace(self.delimiter, SEPARATOR)
        try:
            (values,) = csv.reader(
                [line], delimiter=self.delimiter, quotechar=self.quote, strict=True
            )
        except (csv.Error, ValueError):
            return line
        # One value is not a row. Without its quotes a replay could take it for several.
        return SEPARATOR.join(values) if len(values) > 1 else line

    def _decoded(self, path: Path, lines: bytes, first: int, damage: Damage) -> str:
        is_utf8 = self.is_utf8
        if lines.isascii():
            return lines.decode("ascii")
        try:
            text = lines.decode(self.encoding)
            damage.decodable += 1  # at least
        except UnicodeDecodeError:
            if not is_utf8 and _is_utf8(lines):
                raise self._is_utf8_instead(path, lines, first) from None
            text = "\n".join(self._decoded_lines(lines, first, damage))
            return text.removeprefix("\ufeff") if is_utf8 and first == 1 else text
        if is_utf8 or not _is_utf8(lines):
            return text.removeprefix("\ufeff") if first == 1 else text
        raise self._is_utf8_instead(path, lines, first)

    def _is_utf8_instead(self, path: Path, lines: bytes, first: int) -> Exception:
        if first == 1 and lines.startswith(codecs.BOM_UTF8):
            return refuse(
                path,
                f"line 1 begins with the mark of UTF-8, and the contract says {self.encoding}",
                f"convert it: tail -c +4 {path.name} | iconv -f UTF-8 -t {self.encoding.upper()}",
            )
        start = next(place for place, byte in enumerate(lines) if byte > 127)
        return refuse(
            path,
            f"line {first + lines[:start].count(10):,} is UTF-8, and the contract says "
            f"{self.encoding}",
            f"convert it: iconv -f UTF-8 -t {self.encoding.upper()} {path.name}",
        )

    def _decoded_lines(self, lines: bytes, first: int, damage: Damage) -> Iterator[str]:
        for number, line in enumerate(lines.split(b"\n"), start=first):
            try:
                yield line.decode(self.encoding)
                damage.decodable += not line.isascii()
            except UnicodeDecodeError:
                damage.add_ahead(number, WRONG_ENCODING)
                yield line.decode("ascii", "backslashreplace")


def _is_utf8(lines: bytes) -> bool:
    """Whether bytes above ASCII form UTF-8; text in a one-byte encoding hardly ever does."""
    try:
        lines.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
