"""A contract's rules as DuckDB SQL: what a delivered value becomes, and why a row is refused.

Belongs here: pure functions from a contract to SQL expressions over a delivery's columns. Stays
out: running them (`lib/ingest/judge.py`). A column is a text unless the delivery has it in a type
that agrees with the contract's (`Column.native`). Texts are not left to DuckDB's own casts, which
are generous: `1.48758E+18` passes as an integer and `12.345` as a price of 12.35.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.contract import Product, TableContract
from ecommerce_assets.lib.months import next_month

#: The months that rows may lie in: one, or the first and the last of several; None: any time.
Span = date | tuple[date, date] | None

#: Reason codes of values that are not a faithful spelling of a type.
MALFORMED = {
    "string": "not_a_text",
    "int64": "not_an_integer",
    "decimal": "not_a_decimal",
    "timestamp": "not_a_time",
}
#: The SQL function that `typed_columns` calls with a column's name and a word for "not known".
NOTE = "note_null_word"


def is_unreadable(code: str) -> bool:
    """Whether a reason says that a value, or a whole line, could not be read at all."""
    return ":" not in code or code.partition(":")[0] in MALFORMED.values()


def quote_name(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def value(column: Column) -> str:
    """The typed value of a column, null where it cannot be read."""
    name = quote_name(column.name)
    if column.native is not None:
        return _native_value(column, name)
    if column.kind == "string":
        optional_word = _words(column) and not column.required  # else no row with one is accepted
        return f"case when {_is_word(column)} then null else {name} end" if optional_word else name
    if column.kind == "timestamp":
        return column.time_format.value(name, _zone(column))
    return f"try_cast({name} as {column.duckdb_type})"


def _native_value(column: Column, name: str) -> str:
    """The value of a column that is delivered in a type that agrees with its own."""
    if column.kind == "timestamp" and column.native != "TIMESTAMPTZ":
        # What a clock showed, as text without an offset is.
        return f"timezone({_zone(column) or quote_text('UTC')}, cast({name} as timestamp))"
    same = column.native == column.duckdb_type
    return name if same else f"try_cast({name} as {column.duckdb_type})"


def month_number(contract: TableContract) -> str:
    """The UTC month of a row's time as 202003; 0 where it has none, or months are not asked for."""
    if contract.month_column is None:
        return "0"
    column = next(c for c in contract.columns if c.name == contract.month_column)
    at = f"make_timestamp(epoch_us({value(column)}))"
    return f"coalesce(year({at}) * 100 + month({at}), 0)"


def with_values(contract: TableContract, source: str) -> str:
    """The rows of `source` with each typed value beside what was delivered.

    `accepted` speaks of these values, so that each is computed once for judging and for writing.
    """
    values = ", ".join(f"{value(c)} as {_value_name(c)}" for c in contract.columns)
    return f"(select *, {values} from {source})"


def typed_columns(contract: TableContract, *, noting: bool = False) -> str:
    """The SELECT list that takes the typed values of `with_values` under the columns' names.

    Args:
        contract: the columns.
        noting: whether each word for "not known" goes through the function `NOTE`, which gives null
            and counts; rows without such a word never reach it.
    """
    taken = {column.name: _value_name(column) for column in contract.columns}
    for column in worded(contract) if noting else ():
        note = f"{NOTE}({quote_text(column.name)}, {quote_name(column.name)})"
        taken[column.name] = (
            f"case when {_was_word(column)} then {note} else {_value_name(column)} end"
        )
    return ", ".join(f"{value} as {quote_name(name)}" for name, value in taken.items())


def null_words(contract: TableContract) -> str:
    """The words for "not known" in a row of `with_values`, as `column:word|…`; empty without."""
    found = [
        f"case when {_was_word(c)} then {quote_text(c.name + ':')} || {quote_name(c.name)} end"
        for c in worded(contract)
    ]
    return f"concat_ws('|', {', '.join(found)})" if found else "''"


def worded(contract: TableContract) -> list[Column]:
    """The columns in which a word may stand for "not known"; in a required one it is missing."""
    return [column for column in contract.columns if _words(column) and not column.required]


def listed(texts: Iterable[str]) -> str:
    """Texts as SQL literals with commas between."""
    return ", ".join(map(quote_text, texts))


def _words(column: Column) -> tuple[str, ...]:
    """The words for "not known"; one that is an allowed value is a value."""
    return tuple(word for word in column.null_words if word not in column.allowed)


def _is_word(column: Column) -> str:
    name, words = quote_name(column.name), _words(column)
    longest = max(len(word.encode()) for word in words)
    # Most values are longer, and are then compared with none of the words.
    return f"(strlen({name}) <= {longest} and {name} in ({listed(words)}))"


def _was_word(column: Column) -> str:
    return f"{_value_name(column)} is null and {quote_name(column.name)} is not null"


def _value_name(column: Column) -> str:
    return quote_name(f"value of {column.name}")


def _well_formed(column: Column, typed: str) -> str:
    """True where the text is a faithful spelling of its typed value, null where it is empty."""
    name = quote_name(column.name)
    if column.native is not None:
        if column.kind != "timestamp":  # nothing was rounded, and nothing was too large
            return f"coalesce(try_cast({typed} as {column.native}) = {name}, false)"
        if column.native == "TIMESTAMPTZ":
            return f"isfinite({typed})"
        # Not a time that the clock skips in spring, and none finer than a microsecond.
        clock = f"timezone({_zone(column) or quote_text('UTC')}, {typed})"
        return f"(isfinite({typed}) and cast({clock} as {column.native}) = {name})"
    if column.kind == "int64":
        return f"cast({typed} as varchar) = {name}"
    if column.kind == "decimal":
        whole = column.precision - column.scale
        decimals = rf"(\.[0-9]{{1,{column.scale}}})?" if column.scale else ""
        pattern = rf"-?[0-9]{{1,{whole}}}{decimals}"
        return f"regexp_full_match({name}, {quote_text(pattern)})"
    if column.kind == "timestamp":
        return column.time_format.is_faithful(name, typed, _zone(column))
    return "true"


def _zone(column: Column) -> str:
    """Whose clock a time shows, as an SQL literal; empty for UTC."""
    return "" if column.source_time_zone == "UTC" else quote_text(column.source_time_zone)


def _is_sentinel(column: Column, typed: str) -> str:
    """True where the value is one that stands for "not known"."""
    if column.native is None:
        return f"{quote_name(column.name)} in ({listed(column.sentinels)})"
    forms = (column.time_format.value(quote_text(s), _zone(column)) for s in column.sentinels)
    return f"{typed} in ({', '.join(forms)})"


def bounds(span: date | tuple[date, date]) -> tuple[str, str]:
    """The first instant of a span of months, and the first one after it, as SQL literals."""
    last = span if isinstance(span, date) else span[1]
    first = span if isinstance(span, date) else span[0]
    return f"timestamptz '{first} 00:00:00+00'", f"timestamptz '{next_month(last)} 00:00:00+00'"


def accepted(contract: TableContract, month: Span) -> str:
    """The predicate over `with_values` of a row that keeps every rule: true, or false or null."""
    terms = []
    for column in contract.columns:
        name, typed = quote_name(column.name), _value_name(column)
        rules = [] if column.kind == "string" else [_well_formed(column, typed)]
        empty = f"{typed if column.kind == 'string' else name} is null"
        if column.allowed:
            rules.append(f"{typed} in ({listed(column.allowed)})")
        elif column.required and _words(column):
            rules.append(f"not {_is_word(column)}")
        if column.minimum is not None:
            rules.append(f"{typed} >= {column.minimum}")
        if column.maximum is not None:
            rules.append(f"{typed} <= {column.maximum}")
        if column.sentinels:
            rules.append(f"not {_is_sentinel(column, typed)}")
        if column.name == contract.month_column and month is not None:
            start, end = bounds(month)
            rules.append(f"{typed} >= {start} and {typed} < {end}")
        if column.required:
            terms.extend(rules or [f"{name} is not null"])
        elif rules:
            terms.append(f"({empty} or ({' and '.join(rules)}))")
    for product in contract.products:
        amount = _amount(product, {c.name: _value_name(c) for c in contract.columns})
        terms.append(f"coalesce({amount} < {product.below}, true)")
    return " and ".join(terms) or "true"


def _amount(product: Product, values: dict[str, str]) -> str:
    """The amount of a product, null where a factor is; floats hold what no decimal could."""
    return f"abs({' * '.join(f'cast({values[name]} as double)' for name in product.factors)})"


def reasons(contract: TableContract, month: Span) -> str:
    """A list of reason codes `rule:column`, empty where `accepted` is true.

    Written apart from `accepted` on purpose: the load compares the two by count.
    """
    cases = []
    for column in contract.columns:
        name, typed = quote_name(column.name), value(column)
        empty = f"({name} is null or {_is_word(column)})" if _words(column) else f"{name} is null"
        broken = {}
        if column.required:
            broken["missing"] = empty
        if column.kind != "string":
            broken[MALFORMED[column.kind]] = (
                f"{name} is not null and not coalesce({_well_formed(column, typed)}, false)"
            )
        if column.allowed:
            broken["not_allowed"] = f"not {empty} and {name} not in ({listed(column.allowed)})"
        if column.minimum is not None:
            broken["below_minimum"] = f"{typed} < {column.minimum}"
        if column.maximum is not None:
            broken["above_maximum"] = f"{typed} > {column.maximum}"
        if column.name == contract.month_column and month is not None:
            start, end = bounds(month)
            broken["outside_month"] = f"({typed} < {start} or {typed} >= {end})"
        if column.sentinels:
            sentinel = _is_sentinel(column, typed)
            broken["sentinel_timestamp"] = sentinel
            if "outside_month" in broken:
                broken["outside_month"] += f" and not {sentinel}"
        cases += [
            f"case when {test} then {quote_text(f'{code}:{column.name}')} end"
            for code, test in broken.items()
        ]
    for product in contract.products:
        amount = _amount(product, {c.name: value(c) for c in contract.columns})
        code = quote_text(f"out_of_range:{product.name}")
        cases.append(f"case when {amount} >= {product.below} then {code} end")
    return f"list_filter([{', '.join(cases)}], lambda code: code is not null)"


def typed_rules(contract: TableContract, month: Span) -> str:
    """The part of the rules that can be asked of rows that are typed already (the lake's)."""
    terms = []
    for column in contract.columns:
        name = quote_name(column.name)
        rules = []
        if column.allowed:
            rules.append(f"{name} in ({listed(column.allowed)})")
        if _words(column):
            rules.append(f"not {_is_word(column)}")
        if column.minimum is not None:
            rules.append(f"{name} >= {column.minimum}")
        if column.maximum is not None:
            rules.append(f"{name} <= {column.maximum}")
        if column.name == contract.month_column and month is not None:
            start, end = bounds(month)
            rules.append(f"{name} >= {start} and {name} < {end}")
        if column.required:
            terms.append(f"{name} is not null")
            terms.extend(rules)
        elif rules:
            terms.append(f"({name} is null or ({' and '.join(rules)}))")
    for product in contract.products:
        amount = _amount(product, {c.name: quote_name(c.name) for c in contract.columns})
        terms.append(f"coalesce({amount} < {product.below}, true)")
    return " and ".join(terms) or "true"
