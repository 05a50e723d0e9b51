"""How a delivered text is spelled: its encoding, its delimiter, its quotes.

Belongs here: turning another spelling into the one that the loader reads, UTF-8 without quotes,
line by line, and back. Stays out: unpacking (`inflate.py`), counting (`datafile.py`).

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

from ecommerce_assets.lib.inflate import MAX_LINE, refuse

#: What stands between the values once quotes are gone; ASCII's own unit separator.
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Dialect:
    """The declared spelling of a file.

    Attributes:
        encoding: a name that Python knows.
        delimiter: between values.
        quote: around values that hold the delimiter; empty: there are no quotes.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the loader reads the text as it is."""
        return not self.quote and codecs.lookup(self.encoding).name == "utf-8"

    @property
    def separator(self) -> str:
        """What stands between the values when the text is plain."""
        return SEPARATOR if self.quote else self.delimiter

    def plain(
        self, path: Path, chunks: Iterator[tuple[bytes, bool]]
    ) -> Iterator[tuple[bytes, bool]]:
        """The text as UTF-8 without quotes, in pieces of whole lines.

        Args:
            path: names the file in messages.
            chunks: of `inflate.line_feeds`; the flags are handed on.

        Raises:
            NotADataFile: the text is not in the declared encoding, holds the separator itself, or
                a line that never ends.
        """
        rest, was_crlf, line = b"", False, 1
        for chunk, crlf in chunks:
            was_crlf |= crlf
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest += chunk
                if len(rest) > MAX_LINE:
                    raise refuse(
                        path,
                        f"line {line:,} is longer than {MAX_LINE:,} bytes",
                        f"fetch {path.name} again, or end its lines with line feeds",
                    )
                continue
            whole, rest = rest + chunk[:end], chunk[end:]
            yield self._plain_lines(path, whole, line), was_crlf
            line += whole.count(b"\n")
        if rest:
            yield self._plain_lines(path, rest, line), was_crlf

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

    def _plain_lines(self, path: Path, lines: bytes, first: int) -> bytes:
        text = self._decoded(path, lines, first)
        if not self.quote:
            return text.encode()
        if SEPARATOR in text:
            number = first + text[: text.index(SEPARATOR)].count("\n")
            raise refuse(
                path, f"line {number:,} holds a control character (0x1F)", "remove it there"
            )
        if self.quote not in text:
            return text.replace(self.delimiter, SEPARATOR).encode()
        return "\n".join(map(self.plain_line, text.split("\n"))).encode()

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
        # One value is no row. Without its quotes a replay could take it for several.
        return SEPARATOR.join(values) if len(values) > 1 else line

    def _decoded(self, path: Path, lines: bytes, first: int) -> str:
        is_utf8 = codecs.lookup(self.encoding).name == "utf-8"
        if lines.isascii():
            return lines.decode("ascii")
        try:
            text = lines.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(path, lines, error.start, first, self.encoding) from error
        if is_utf8 or not _is_utf8(lines):
            return text.removeprefix("\ufeff") if first == 1 else text
        if first == 1 and lines.startswith(codecs.BOM_UTF8):
            raise refuse(
                path,
                f"line 1 begins with the mark of UTF-8, and the contract says {self.encoding}",
                f"convert it: tail -c +4 {path.name} | iconv -f UTF-8 -t {self.encoding.upper()}",
            )
        start = next(place for place, byte in enumerate(lines) if byte > 127)
        raise refuse(
            path,
            f"line {first + lines[:start].count(10):,} is UTF-8, and the contract says "
            f"{self.encoding}",
            f"convert it: iconv -f UTF-8 -t {self.encoding.upper()} {path.name}",
        )

    @staticmethod
    def _wrong_encoding(path: Path, lines: bytes, start: int, first: int, wanted: str) -> Exception:
        return refuse(
            path,
            f"line {first + lines[:start].count(10):,} is not {wanted}, which the contract says",
            f"fetch {path.name} again, or mend the contract's encoding",
        )


def _is_utf8(lines: bytes) -> bool:
    """Whether bytes above ASCII form UTF-8; text in a one-byte encoding hardly ever does."""
    try:
        lines.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
