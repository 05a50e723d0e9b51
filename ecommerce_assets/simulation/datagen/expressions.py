"""The text of a field, read into a call and its arguments.

Belongs here: the grammar. Stays out: which calls there are (`calls.py`). The text looks like
JavaScript and is not run: a call of `faker` with literals, or with the one function that the
language knows, `(_, i) => i + 1`, is all that can be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from ecommerce_assets.simulation.datagen.refusal import NotAllowed

#: Texts of fields are short; what is longer is a mistake or an attack.
LONGEST: Final = 10_000
_DEEPEST: Final = 8

_CALL: Final = "write a call such as faker.number.int({min: 1, max: 9}), or iteration.index"
_TOKEN: Final = re.compile(
    r"""(?P<number>\d{1,15}(?:\.\d{1,15})?(?![\w.]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>'(?:[^'\\\n]|\\['"\\])*'|"(?:[^"\\\n]|\\['"\\])*")
    |(?P<mark>=>|[()\[\]{},:.+-])
    |(?P<blank>[ \t\r\n]+)""",
    re.VERBOSE | re.ASCII,
)
_ESCAPED: Final = re.compile(r"\\(.)")
_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False}


@dataclass(frozen=True)
class Place:
    """The function `(_, i) => i + plus`: an element's place in its array, counted from 0."""

    plus: int


@dataclass(frozen=True)
class Call:
    """A call: `faker.number.int(9)` has the name `number.int` and one argument."""

    name: str
    arguments: tuple[Value, ...]


#: What an argument may be; a whole number is an `int`, any other one a `Decimal`.
Value = str | int | Decimal | bool | Place | tuple["Value", ...] | dict[str, "Value"]


def parse(text: str) -> Call:
    """Read the text of a field.

    Raises:
        NotAllowed: it is not a call of the language.
    """
    if len(text) > LONGEST:
        raise NotAllowed(f"it has {len(text):,} characters", f"write at most {LONGEST:,}")
    reader = _Reader(_tokens(text))
    call = reader.call()
    if reader.kind:
        raise NotAllowed(f"{reader.token!r} follows the end of the call", _CALL)
    return call


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token, without blanks; the last one is empty."""
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise NotAllowed(f"{text[place : place + 12]!r} is not part of the language", _CALL)
        if found.lastgroup != "blank":
            tokens.append((str(found.lastgroup), found.group()))
        place = found.end()
    return [*tokens, ("", "")]


Item = TypeVar("Item")


class _Reader:
    """Reads tokens from left to right; each method reads one thing and stands behind it."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def token(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        token = self.token
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _take(self, token: str) -> bool:
        """Step over a mark if it comes next."""
        # A quoted text never equals a mark or a name, since it keeps its quotes.
        if self.kind and self.token == token:
            self._next()
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            found = repr(self.token) if self.kind else "the end"
            raise NotAllowed(f"{found} stands where {token!r} is expected", _CALL)

    def _name(self) -> str:
        if self.kind != "name":
            found = repr(self.token) if self.kind else "the end"
            raise NotAllowed(f"{found} stands where a name is expected", _CALL)
        return self._next()

    def call(self) -> Call:
        self._expect("faker")
        names = []
        while self._take("."):
            names.append(self._name())
        self._expect("(")
        return Call(".".join(names), tuple(self._items(")", self._value)))

    def _items(self, end: str, read: Callable[[], Item]) -> list[Item]:
        """What is listed between commas up to the closing mark."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotAllowed("it is nested too deeply", f"nest at most {_DEEPEST} levels")
        items: list[Item] = []
        while not self._take(end):
            items.append(read())
            if self.token != end or not self.kind:
                self._expect(",")
        self._depth -= 1
        return items

    def _value(self) -> Value:
        if self.kind == "text":
            return _ESCAPED.sub(r"\1", self._next()[1:-1])
        if self.kind == "number" or self.token.startswith("-"):
            return self._number()
        if self._take("["):
            return tuple(self._items("]", self._value))
        if self._take("{"):
            return self._options()
        if self._take("("):
            return self._function()
        if self.kind == "name" and self.token in _WORDS:
            return _WORDS[self._next()]
        found = repr(self.token) if self.kind else "the end"
        raise NotAllowed(
            f"{found} stands where a value is expected",
            "write a number, a text in quotes, true, false, [a, list], {options: 1}, "
            "or (_, i) => i + 1",
        )

    def _number(self) -> int | Decimal:
        sign = -1 if self._take("-") else 1
        if self.kind != "number":
            raise NotAllowed(f"{self.token!r} stands where a number is expected", "write a number")
        text = self._next()
        return sign * (Decimal(text) if "." in text else int(text))

    def _options(self) -> dict[str, Value]:
        options: dict[str, Value] = {}
        for name, value in self._items("}", self._option):
            if name in options:
                raise NotAllowed(f"the option {name} is given twice", "give it once")
            options[name] = value
        return options

    def _option(self) -> tuple[str, Value]:
        name = self._next()[1:-1] if self.kind == "text" else self._name()
        self._expect(":")
        return name, self._value()

    def _function(self) -> Place:
        """The rest of `(_, i) => i + 1`, behind its first bracket."""
        names = self._items(")", self._name)
        self._expect("=>")
        body = self._name()
        if len(names) != 2 or body != names[1] or names[0] == body:
            raise NotAllowed(
                "the function is not the one that the language knows",
                "write (_, i) => i, or with a whole number added: (_, i) => i + 1",
            )
        if self.token not in ("+", "-"):
            return Place(0)
        sign = -1 if self._next() == "-" else 1
        plus = self._number()
        if not isinstance(plus, int):
            raise NotAllowed(f"{plus} is not a whole number", "add a whole number to i")
        return Place(sign * plus)
