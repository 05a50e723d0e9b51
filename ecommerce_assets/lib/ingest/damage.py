"""Lines of a file that hold what no text holds; each goes to quarantine alone, with its reason.

Belongs here: which bytes those are, where they were found, and when they are so many that the file
as a whole is another one. Stays out: finding the lines (`scan.py`, `lib/contracts/dialect.py`).

The reader of a load never sees such a line: it would stop, or read other lines wrongly. A replay
leaves it where it is: no rule brings lost characters back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ecommerce_assets.lib.ingest.unpack import refuse

NUL_BYTE = "nul_byte"
STRAY_RETURN = "stray_carriage_return"
WRONG_ENCODING = "wrong_encoding"
CONTROL_CHARACTER = "control_character"
TOO_LONG = "line_too_long"
#: Reasons of rows that are to be JSON objects.
NOT_JSON = "not_json"
NOT_AN_OBJECT = "not_an_object"
FIELD_TWICE = "field_twice"
UNKNOWN_FIELDS = "unknown_fields"
TOMBSTONE = "tombstone"
#: No rule brings back what these have lost.
DAMAGES = frozenset((NUL_BYTE, STRAY_RETURN, WRONG_ENCODING, CONTROL_CHARACTER, TOO_LONG))

#: More damaged lines than this are not noted one by one.
MOST = 250_000
#: So few lines in a wrong encoding are damage, however few others go beyond ASCII.
FEW = 10
#: A larger share of them among all lines is another encoding, however few they are.
MOST_SHARE = 0.1


@dataclass
class Damage:
    """The damaged lines of a file.

    Attributes:
        encoding: which one the contract declares.
        header: whether the first line is one.
        lines: reason codes by line number, joined by `|`.
        undecodable: lines that are not in the declared encoding.
        decodable: lines beyond ASCII that are, at least so many.
        ahead: lines that were noted before the text came to the one that counts it.
    """

    name: str
    encoding: str = "utf-8"
    header: bool = True
    lines: dict[int, str] = field(default_factory=dict)
    undecodable: int = 0
    decodable: int = 0
    ahead: list[int] = field(default_factory=list)

    def add_ahead(self, line: int, reason: str) -> None:
        """Note a line before the text is counted; lines come in ascending order.

        Raises:
            NotADataFile: as `add`.
        """
        self.add(line, reason)
        self.ahead.append(line)

    def take_ahead(self, last: int) -> list[int]:
        """The lines up to `last` that were noted ahead and not taken yet."""
        found = [line for line in self.ahead if line <= last]
        del self.ahead[: len(found)]
        return sorted(set(found))

    def add(self, line: int, reason: str) -> None:
        """Note a line.

        Raises:
            NotADataFile: it is the header, or there are too many.
        """
        if line == 1 and self.header:
            raise self._bad_header(reason)
        known = self.lines.get(line)
        if known and reason in known.split("|"):
            return
        self.lines[line] = f"{known}|{reason}" if known else reason
        self.undecodable += reason == WRONG_ENCODING
        if len(self.lines) > MOST:
            raise refuse(
                Path(self.name),
                f"more than {MOST:,} of its lines are damaged ({reason} in line {line:,})",
                f"fetch {self.name} again from its source",
            )

    def refuse_other_encoding(self, lines: int) -> None:
        """Refuse a file of which too much is not in its encoding: it has another one.

        Raises:
            NotADataFile: says which line, and how to convert the file.
        """
        if self.undecodable <= self.decodable:
            return
        if self.undecodable > FEW or self.undecodable > MOST_SHARE * lines:
            first = min(n for n, why in self.lines.items() if WRONG_ENCODING in why.split("|"))
            raise self._other_encoding(first)

    def _other_encoding(self, line: int) -> Exception:
        path, rest = Path(self.name), f" and {self.undecodable - 1:,} more"
        if self.encoding == "utf-8":
            cure = f"convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 {self.name}"
        else:
            cure = f"fetch {self.name} again, or correct the contract's encoding"
        name = "UTF-8" if self.encoding == "utf-8" else self.encoding
        lines = f"line {line:,} is not" if self.undecodable < 2 else f"line {line:,}{rest} are not"
        return refuse(path, f"{lines} {name}, which the contract says", cure)

    def refuse_header(self, line: bytes, separator: bytes) -> None:
        """Refuse a first line that holds what no text holds; the cures lose nothing.

        Raises:
            NotADataFile: says what, and how to take it out.
        """
        path, name = Path(self.name), self.name
        if 0 in line:
            wide = {0: "UTF-16BE", 1: "UTF-16LE"}
            form = next((wide[at] for at in wide if line[at::2].count(0) > len(line) // 3), None)
            what = f"it is {form} without a mark" if form else "it is binary or damaged"
            cure = f"convert it to UTF-8: iconv -f {form} -t UTF-8 {name}"
            if not form:
                cure = f"fetch {name} again, or take such bytes out: tr -d '\\000' < {name}"
            raise refuse(path, f"there is a NUL byte in line 1: {what}", cure)
        parts = [part.count(separator) for part in line.split(b"\r") if part]
        if len(parts) > 1 and parts[0] and len(set(parts)) == 1:
            what = "line 1 holds a carriage return at the end of each row, as on an old Mac"
            raise refuse(path, what, f"make each a line feed: tr '\\r' '\\n' < {name}")
        if b"\r" in line:
            what = "line 1 holds a carriage return in its middle"
            raise refuse(path, what, f"take it out: tr -d '\\r' < {name}")

    def _bad_header(self, reason: str) -> Exception:
        if reason == WRONG_ENCODING:
            self.undecodable = 1
            return self._other_encoding(1)
        what = "never ends" if reason == TOO_LONG else f"is damaged ({reason})"
        return refuse(Path(self.name), f"its first line {what}", f"fetch {self.name} again")


def readable(line: bytes, limit: int) -> str:
    r"""A damaged line for people: what is not text stands as `\x00` or `\r`.

    Args:
        line: without its end.
        limit: bytes; of a longer one only the beginning is given.
    """
    text = line[:limit].decode("utf-8", "backslashreplace") + "…" * (len(line) > limit)
    return text.replace("\0", "\\x00").replace("\r", "\\r")
