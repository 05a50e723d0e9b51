"""The calls that are allowed, and what each draws.

Belongs here: the calls of `faker` that a field may name, their arguments and their results. Stays
out: the grammar (`expressions.py`), the words (`words.py` and the library Faker).

Results are of the types that `datagen` gives: a price is a text such as "12.30", an instant a text
with milliseconds and a Z.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from ecommerce_assets.simulation.datagen.expressions import Call, Place, Value, parse
from ecommerce_assets.simulation.datagen.refusal import NotAllowed
from ecommerce_assets.simulation.datagen.words import (
    ADJECTIVES,
    COLOURS,
    DESCRIPTIONS,
    MATERIALS,
    PRODUCTS,
)

if TYPE_CHECKING:
    from faker import Generator

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

#: The text of the field that counts records; the first one has 1.
ITERATION: Final = "iteration.index"

_MOST: Final = 2**53 - 1
_LONGEST_LIST: Final = 100_000


@dataclass
class Luck:
    """What a draw may depend on.

    Attributes:
        random: the record's own random numbers.
        words: the library of fake data, which draws from the same.
        number: of the record, from 0.
        now: what the clock showed when the run began.
    """

    random: Random
    words: Generator
    number: int
    now: datetime


Draw = Callable[[Luck], Json]


@dataclass(frozen=True)
class Drawn:
    """A field's value: how it is drawn, and its type in Avro's words."""

    draw: Draw
    type: str

    @property
    def is_list(self) -> bool:
        """Whether the value is a list, whose elements are of the type."""
        return self.type.startswith("list of ")


def compiled(text: str) -> Drawn:
    """What a field's text draws.

    Raises:
        NotAllowed: it is not in the language, or names a call or an argument that is not allowed.
    """
    if text.strip() == ITERATION:
        return Drawn(lambda luck: luck.number + 1, "long")
    call = parse(text)
    make = _CALLS.get(call.name)
    if make is None:
        raise NotAllowed(f"there is no call faker.{call.name}", f"use one of {', '.join(CALLS)}")
    return make(call)


def instant(moment: datetime) -> str:
    """An instant as `datagen` writes it: `2024-01-01T00:00:00.000Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


# --- arguments ----------------------------------------------------------------------------------


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotAllowed("", "a whole number")
    return value


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise NotAllowed("", "a number")
    return Decimal(value)


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise NotAllowed("", "a text in quotes")
    return value


def _moment(value: Value) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
        # Far from the calendar's ends, so that an offset or some days lead to no other exception.
        if not 1900 <= moment.year <= 2200:
            raise ValueError(moment)
    except ValueError as error:
        raise NotAllowed(
            "", "an instant from 1900 to 2200 as '2024-01-31T00:00:00.000Z'"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Option = Callable[[Value], Any]


def _options(call: Call, known: Mapping[str, Option], bare: str | None = None) -> dict[str, Any]:
    """The options of a call.

    Args:
        call: with one argument or none: a map of options, or the value of one.
        known: what each option takes.
        bare: the option that a value without a name stands for; None if there is none.
    """
    shown = f"faker.{call.name}({{{', '.join(f'{name}: …' for name in known)}}})"
    if not call.arguments:
        return {}
    if len(call.arguments) > 1:
        raise NotAllowed(f"faker.{call.name} has {len(call.arguments)} arguments", f"write {shown}")
    given = call.arguments[0]
    if not isinstance(given, dict):
        if bare is None:
            raise NotAllowed(f"faker.{call.name} takes options by their names", f"write {shown}")
        given = {bare: given}
    return {name: _option(call, known, name, value, shown) for name, value in given.items()}


def _option(call: Call, known: Mapping[str, Option], name: str, value: Value, shown: str) -> Any:
    if name not in known:
        raise NotAllowed(f"faker.{call.name} has no option {name}", f"write {shown}")
    try:
        return known[name](value)
    except NotAllowed as error:
        raise NotAllowed(
            f"the option {name} of faker.{call.name} is {value!r}", f"give it {error.allowed}"
        ) from error


def _rising(call: Call, low: Any, high: Any) -> None:
    if high < low:
        raise NotAllowed(f"faker.{call.name} goes from {low} to {high}", "give the lower one first")


def _plain(draw: Draw) -> Callable[[Call], Drawn]:
    """A call without arguments that draws a text."""

    def make(call: Call) -> Drawn:
        if call.arguments:
            raise NotAllowed(f"faker.{call.name} has arguments", f"write faker.{call.name}()")
        return Drawn(draw, "string")

    return make


# --- calls --------------------------------------------------------------------------------------


def _int(call: Call) -> Drawn:
    options = _options(call, {"min": _whole, "max": _whole}, bare="max")
    low, high = options.get("min", 0), options.get("max", _MOST)
    _rising(call, low, high)
    return Drawn(lambda luck: luck.random.randint(low, high), "long")


def _range_to_number(call: Call) -> Drawn:
    options = _options(call, {"min": _whole, "max": _whole}, bare="min")
    if "min" not in options or ("max" not in options and isinstance(call.arguments[0], dict)):
        raise NotAllowed(
            f"faker.{call.name} lacks a bound", f"write faker.{call.name}({{min: 1, max: 9}})"
        )
    low, high = options["min"], options.get("max", options["min"])
    _rising(call, low, high)
    return Drawn(lambda luck: luck.random.randint(low, high), "long")


def _price(call: Call) -> Drawn:
    kinds = {"min": _number, "max": _number, "dec": _whole, "symbol": _text}
    options = _options(call, kinds)
    low, high = options.get("min", Decimal(1)), options.get("max", Decimal(1000))
    digits, symbol = options.get("dec", 2), options.get("symbol", "")
    if not 0 <= digits <= 9 or low < 0:
        raise NotAllowed(
            f"faker.{call.name} has {digits} digits and begins at {low}",
            "let it begin at 0 or more and have 0 to 9 digits",
        )
    _rising(call, low, high)
    least, most = math.ceil(low.scaleb(digits)), math.floor(high.scaleb(digits))
    if most < least:
        raise NotAllowed(
            f"no price of {digits} digits lies from {low} to {high}", "give bounds further apart"
        )

    def draw(luck: Luck) -> Json:
        units = luck.random.randint(least, most)
        if not digits:
            return f"{symbol}{units}"
        whole, part = divmod(units, 10**digits)
        return f"{symbol}{whole}.{part:0{digits}}"

    return Drawn(draw, "string")


def _multiple(call: Call) -> Drawn:
    shown = f"write faker.{call.name}((_, i) => i + 1, {{count: 10}})"
    if not call.arguments or not isinstance(call.arguments[0], Place) or len(call.arguments) > 2:
        raise NotAllowed(f"faker.{call.name} has other arguments than it takes", shown)
    rest = Call(call.name, call.arguments[1:])
    count, plus = _options(rest, {"count": _whole}).get("count", 3), call.arguments[0].plus
    if not 0 <= count <= _LONGEST_LIST:
        raise NotAllowed(f"the count is {count}", f"give 0 to {_LONGEST_LIST:,}")
    return Drawn(lambda _: [place + plus for place in range(count)], "list of long")


def _element(call: Call) -> Drawn:
    shown = f"write faker.{call.name}(['S', 'M', 'L'])"
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], tuple):
        raise NotAllowed(f"faker.{call.name} takes a list", shown)
    values = call.arguments[0]
    if not values or len({type(value) for value in values}) > 1:
        raise NotAllowed("the list is empty, or its values are of several types", shown)
    texts = [value for value in values if isinstance(value, str)]
    if texts:
        return Drawn(lambda luck: luck.random.choice(texts), "string")
    numbers = [value for value in values if isinstance(value, int)]
    if not numbers:
        raise NotAllowed("the list holds neither texts nor whole numbers", shown)
    kind = "boolean" if isinstance(numbers[0], bool) else "long"
    return Drawn(lambda luck: luck.random.choice(numbers), kind)


def _between(call: Call) -> Drawn:
    options = _options(call, {"from": _moment, "to": _moment})
    if len(options) < 2:
        raise NotAllowed(
            f"faker.{call.name} lacks from or to",
            f"write faker.{call.name}({{from: '2024-01-01T00:00:00.000Z', "
            "to: '2024-01-31T00:00:00.000Z'})",
        )
    first, last = options["from"], options["to"]
    _rising(call, first, last)
    return _within(lambda _: first, last - first)


def _soon(call: Call) -> Drawn:
    options = _options(call, {"days": _whole, "refDate": _moment})
    days, start = options.get("days", 1), options.get("refDate")
    if not 1 <= days <= 36_525:
        raise NotAllowed(f"the option days is {days}", "give it 1 to 36,525 days")
    return _within(lambda luck: start or luck.now, timedelta(days=days))


def _within(start: Callable[[Luck], datetime], span: timedelta) -> Drawn:
    """An instant in a span, to the millisecond."""
    most = span // timedelta(milliseconds=1)

    def draw(luck: Luck) -> Json:
        return instant(start(luck) + timedelta(milliseconds=luck.random.randint(0, most)))

    return Drawn(draw, "string")


def _uuid(luck: Luck) -> Json:
    return str(UUID(int=luck.random.getrandbits(128), version=4))


def _product_name(luck: Luck) -> Json:
    choice = luck.random.choice
    return f"{choice(ADJECTIVES)} {choice(MATERIALS)} {choice(PRODUCTS)}"


def _description(luck: Luck) -> Json:
    choice = luck.random.choice
    return choice(DESCRIPTIONS).format(
        adjective=choice(ADJECTIVES).lower(),
        material=choice(MATERIALS).lower(),
        product=choice(PRODUCTS).lower(),
    )


_CALLS: Final[Mapping[str, Callable[[Call], Drawn]]] = {
    "color.human": _plain(lambda luck: luck.random.choice(COLOURS)),
    "commerce.price": _price,
    "commerce.product": _plain(lambda luck: luck.random.choice(PRODUCTS)),
    "commerce.productDescription": _plain(_description),
    "commerce.productMaterial": _plain(lambda luck: luck.random.choice(MATERIALS)),
    "commerce.productName": _plain(_product_name),
    "company.name": _plain(lambda luck: str(luck.words.company())),
    "date.between": _between,
    "date.soon": _soon,
    "helpers.arrayElement": _element,
    "helpers.multiple": _multiple,
    "helpers.rangeToNumber": _range_to_number,
    "internet.exampleEmail": _plain(lambda luck: str(luck.words.safe_email())),
    "location.city": _plain(lambda luck: str(luck.words.city())),
    "location.state": _plain(lambda luck: str(luck.words.state())),
    "location.streetAddress": _plain(lambda luck: str(luck.words.street_address())),
    "location.zipCode": _plain(lambda luck: str(luck.words.zipcode())),
    "number.int": _int,
    "person.fullName": _plain(lambda luck: str(luck.words.name())),
    "string.uuid": _plain(_uuid),
}

#: The calls that a field may name.
CALLS: Final = tuple(sorted(_CALLS))
