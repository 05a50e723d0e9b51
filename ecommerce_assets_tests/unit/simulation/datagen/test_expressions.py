"""The text of a field is a call of the language or is refused; it is never run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_assets.simulation.datagen.calls import CALLS, Luck, compiled
from ecommerce_assets.simulation.datagen.expressions import LONGEST, Call, Place, parse
from ecommerce_assets.simulation.datagen.refusal import NotAllowed

#: Pieces that valid and invalid texts are made of.
PIECES = [
    *("faker", ".", "(", ")", "{", "}", "[", "]", ",", ":", "=>", "+", "-", "'", '"', " ", "\n"),
    *("_", "i", "min", "max", "count", "days", "refDate", "from", "to", "dec", "true", "iteration"),
    *("1", "0", "12.5", "999999999999999", "9" * 30, "'S'", "'2024-01-01'", "'0001-01-01'"),
    *("(_, i) => i+1", "{count: 3}", "{min: 1, max: 9}", "['S', 'M']", "{}", "[]", "\\", "\0", "é"),
    *(f"faker.{name}(" for name in CALLS),
    *("__import__('os').system('false')", "constructor", "__class__", "process.exit(1)", "`${1}`"),
]
texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
TYPES: dict[str, Any] = {"string": str, "long": int, "boolean": bool, "list of long": list}


class Words:
    """Stands for the library of fake data, which is asked for one word at a time."""

    def __getattr__(self, name: str) -> Any:
        return lambda: name


def draw(text: str) -> Any:
    luck = Luck(Random(1), Words(), 6, datetime(2024, 5, 1, tzinfo=UTC))  # type: ignore[arg-type]
    return compiled(text).draw(luck)


@settings(max_examples=500)
@given(texts)
def test_any_text_is_drawn_from_or_refused(text: str) -> None:
    try:
        drawn = compiled(text)
    except NotAllowed as refused:
        assert refused.why and refused.allowed
    else:
        assert isinstance(draw(text), TYPES[drawn.type])


WATCHED: set[str] = set()
seen: list[str] = []


def _watch(event: str, _: Any) -> None:
    if event in WATCHED:
        seen.append(event)


sys.addaudithook(_watch)  # stays, and does nothing unless something is watched


def events_of(text: str) -> list[str]:
    """What Python ran, opened or started while it read a text."""
    seen.clear()
    WATCHED.update(("compile", "exec", "import", "open", "os.system", "subprocess.Popen"))
    try:
        compiled(text)
    except NotAllowed:
        pass
    finally:
        WATCHED.clear()
    return list(seen)


@given(texts)
def test_no_text_is_ever_run(text: str) -> None:
    assert events_of(text) == []


def test_the_watch_would_see_a_text_that_is_run() -> None:
    seen.clear()
    WATCHED.add("compile")
    try:
        eval("1 + 1")
    finally:
        WATCHED.clear()
    assert seen == ["compile"]


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
numbers = st.integers(-(10**15) + 1, 10**15 - 1)
decimals = st.decimals(-1000, 1000, places=2).filter(lambda d: not d.is_zero())
plain = st.text(st.characters(codec="utf-8", exclude_characters="\\\n'\""), max_size=9)
values = st.recursive(
    st.one_of(numbers, decimals, plain, st.booleans(), numbers.map(Place)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=6,
)


def written(value: Any) -> str:
    """A value as it is written in the language."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, Place):
        return f"(_, i) => i {'-' if value.plus < 0 else '+'} {abs(value.plus)}"
    if isinstance(value, tuple):
        return f"[ {', '.join(map(written, value))} ]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}: {written(each)}" for name, each in value.items()) + "}"
    return str(value)


@given(st.lists(names, min_size=1, max_size=3), st.lists(values, max_size=3))
def test_a_call_that_is_written_is_read_as_it_was(path: list[str], arguments: list[Any]) -> None:
    text = f"faker.{'.'.join(path)}({', '.join(map(written, arguments))})"
    assert parse(text) == Call(".".join(path), tuple(arguments))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the end stands where 'faker' is expected"),
        ("x" * (LONGEST + 1), "it has 10,001 characters"),
        ("faker.company.name", "the end stands where '(' is expected"),
        ("faker.company.name() + 1", "'+' follows the end of the call"),
        ("faker.company.name(); process.exit()", "'; process.ex' is not part of the language"),
        ("`${faker.company.name()}`", "'`${faker.com' is not part of the language"),
        ("faker['company'].name()", "'[' stands where '(' is expected"),
        ("faker.company.nmae()", "there is no call faker.company.nmae"),
        ("faker.__class__.__init__()", "there is no call faker.__class__.__init__"),
        ("faker.company.name('A')", "faker.company.name has arguments"),
        ("faker.number.int({min: 5, max: 1})", "faker.number.int goes from 5 to 1"),
        ("faker.number.int({most: 1})", "faker.number.int has no option most"),
        ("faker.number.int({max: 1, max: 2})", "the option max is given twice"),
        ("faker.number.int('9')", "the option max of faker.number.int is '9'"),
        ("faker.number.int(1.5)", "the option max of faker.number.int is Decimal('1.5')"),
        ("faker.number.int(true)", "the option max of faker.number.int is True"),
        ("faker.number.int(1, 2)", "faker.number.int has 2 arguments"),
        ("faker.number.int(1e9)", "'1e9)' is not part of the language"),
        ("faker.helpers.rangeToNumber({min: 1})", "faker.helpers.rangeToNumber lacks a bound"),
        ("faker.helpers.multiple(() => alert(1))", "the function is not the one that the"),
        ("faker.helpers.multiple((_, i) => j)", "the function is not the one that the language"),
        ("faker.helpers.multiple((_, i) => i*2)", "'*2)' is not part of the language"),
        ("faker.helpers.multiple((_, i) => i, {count: 100001})", "the count is 100001"),
        ("faker.helpers.arrayElement([])", "the list is empty"),
        ("faker.helpers.arrayElement(['S', 1])", "the list is empty, or its values are of several"),
        ("faker.commerce.price(5)", "faker.commerce.price takes options by their names"),
        ("faker.commerce.price({min: -1})", "faker.commerce.price has 2 digits and begins at -1"),
        ("faker.commerce.price({min: 0.001, max: 0.002})", "no price of 2 digits lies from"),
        ("faker.date.between({from: '2024-01-01'})", "faker.date.between lacks from or to"),
        ("faker.date.soon({refDate: 'today'})", "the option refDate of faker.date.soon is 'today'"),
        ("faker.date.soon({days: 0})", "the option days is 0"),
        (f"faker.a({'[' * 9}", "it is nested too deeply"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        compiled(text)
    assert why in refused.value.why and refused.value.allowed


def test_a_call_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(NotAllowed) as refused:
        compiled("faker.nothing()")
    assert all(name in refused.value.allowed for name in CALLS)
    assert len(CALLS) == 20


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("iteration.index", 7),
        ("faker.helpers.multiple((_, i) => i+1, {count: 4})", [1, 2, 3, 4]),
        ("faker.helpers.multiple((_, index)=>index - 1)", [-1, 0, 1]),
        ("faker.helpers.rangeToNumber({ min: 2, max: 2 })", 2),
        ("faker.helpers.rangeToNumber(8)", 8),
        ("faker.number.int(0)", 0),
        ("faker.commerce.price({ min: 0, max: 0})", "0.00"),
        ("faker.commerce.price({min: 7, max: 7, dec: 0, symbol: '$'})", "$7"),
        ('faker.helpers.arrayElement(["It\'s", "It\'s",])', "It's"),
        ("faker.helpers.arrayElement([true])", True),
        (
            "faker.date.between({from: '2024-01-31T23:59:59.5+01:00', "
            "to: '2024-01-31T22:59:59.500Z'})",
            "2024-01-31T22:59:59.500Z",
        ),
    ],
)
def test_what_leaves_nothing_to_chance_is_drawn_exactly(text: str, value: Any) -> None:
    assert draw(text) == value


def test_a_price_lies_between_its_bounds_and_keeps_its_digits() -> None:
    luck = Luck(Random(2), Words(), 0, datetime.now(UTC))  # type: ignore[arg-type]
    drawn = compiled("faker.commerce.price({min: 0.5, max: 1.25})")
    found = {str(drawn.draw(luck)) for _ in range(2000)}
    assert {len(each) for each in found} == {4}
    assert {Decimal(each) for each in found} == {Decimal(n) / 100 for n in range(50, 126)}


def test_soon_counts_from_the_clock_of_the_run() -> None:
    assert "2024-05-01T" <= draw("faker.date.soon()") <= "2024-05-02T00:00:00.000Z"
