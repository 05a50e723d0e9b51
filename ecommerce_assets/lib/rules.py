"""A contract's rules as DuckDB SQL: what a text value becomes, and why a row is refused.

Belongs here: pure functions from a contract to SQL expressions over the file's columns read as
text. Stays out: running them (`ingest.py`). Everything is read as text first because DuckDB's own
casts are generous: `1.48758E+18` passes as an integer and `12.345` as a price of 12.35.
"""

from __future__ import annotations

from datetime import date

from ecommerce_assets.lib.contract import Column, TableContract
from ecommerce_assets.lib.months import next_month

#: The months that rows may lie in: one, or the first and the last of several.
Span = date | tuple[date, date]

#: Reason codes of texts that are no faithful spelling of a type.
MALFORMED = {"int64": "not_an_integer", "decimal": "not_a_decimal", "timestamp": "not_a_time"}


def quote_name(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def value(column: Column) -> str:
    """The typed value of a column's text, null where it cannot be read."""
    name = quote_name(column.name)
    if column.kind == "string":
        return name
    if column.kind == "timestamp":
        return column.time_format.value(name, _zone(column))
    return f"try_cast({name} as {column.duckdb_type})"


def month_number(contract: TableContract) -> str:
    """The UTC month of a row's time as 202003, over the columns' texts; 0 where it has none."""
    column = next(c for c in contract.columns if c.name == contract.month_column)
    at = f"make_timestamp(epoch_us({value(column)}))"
    return f"coalesce(year({at}) * 100 + month({at}), 0)"


def with_values(contract: TableContract, source: str) -> str:
    """The rows of `source`, text columns, with each typed value beside its text.

    `accepted` speaks of these values, so that each is computed once for judging and for writing.
    """
    values = ", ".join(f"{value(c)} as {_value_name(c)}" for c in contract.columns)
    return f"(select *, {values} from {source})"


def typed_columns(contract: TableContract) -> str:
    """The SELECT list that takes the typed values of `with_values` under the columns' names."""
    return ", ".join(f"{_value_name(c)} as {quote_name(c.name)}" for c in contract.columns)


def _value_name(column: Column) -> str:
    return quote_name(f"value of {column.name}")


def _well_formed(column: Column, typed: str) -> str:
    """True where the text is a faithful spelling of its typed value, null where it is empty."""
    name = quote_name(column.name)
    if column.kind == "int64":
        return f"cast({typed} as varchar) = {name}"
    if column.kind == "decimal":
        whole = column.precision - column.scale
        pattern = rf"-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{column.scale}}})?"
        return f"regexp_full_match({name}, {quote_text(pattern)})"
    if column.kind == "timestamp":
        return column.time_format.is_faithful(name, typed, _zone(column))
    return "true"


def _zone(column: Column) -> str:
    """Whose clock a time shows, as an SQL literal; empty for UTC."""
    return "" if column.source_time_zone == "UTC" else quote_text(column.source_time_zone)


def bounds(span: Span) -> tuple[str, str]:
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
        if column.allowed:
            rules.append(f"{name} in ({', '.join(map(quote_text, column.allowed))})")
        if column.minimum is not None:
            rules.append(f"{typed} >= {column.minimum}")
        if column.sentinels:
            rules.append(f"{name} not in ({', '.join(map(quote_text, column.sentinels))})")
        if column.name == contract.month_column:
            start, end = bounds(month)
            rules.append(f"{typed} >= {start} and {typed} < {end}")
        if column.required:
            terms.extend(rules or [f"{name} is not null"])
        elif rules:
            terms.append(f"({name} is null or ({' and '.join(rules)}))")
    return " and ".join(terms)


def reasons(contract: TableContract, month: Span) -> str:
    """A list of reason codes `rule:column`, empty where `accepted` is true.

    Written apart from `accepted` on purpose: the load compares the two by count.
    """
    cases = []
    for column in contract.columns:
        name, typed = quote_name(column.name), value(column)
        broken = {}
        if column.required:
            broken["missing"] = f"{name} is null"
        if column.kind != "string":
            code = {
                "int64": "not_an_integer",
                "decimal": "not_a_decimal",
                "timestamp": "not_a_time",
            }
            broken[code[column.kind]] = (
                f"{name} is not null and not coalesce({_well_formed(column, typed)}, false)"
            )
        if column.allowed:
            listed = ", ".join(map(quote_text, column.allowed))
            broken["not_allowed"] = f"{name} is not null and {name} not in ({listed})"
        if column.minimum is not None:
            broken["below_minimum"] = f"{typed} < {column.minimum}"
        if column.name == contract.month_column:
            start, end = bounds(month)
            broken["outside_month"] = f"({typed} < {start} or {typed} >= {end})"
        if column.sentinels:
            sentinel = f"{name} in ({', '.join(map(quote_text, column.sentinels))})"
            broken["sentinel_timestamp"] = sentinel
            if "outside_month" in broken:
                broken["outside_month"] += f" and not {sentinel}"
        cases += [
            f"case when {test} then {quote_text(f'{code}:{column.name}')} end"
            for code, test in broken.items()
        ]
    return f"list_filter([{', '.join(cases)}], lambda code: code is not null)"


def typed_rules(contract: TableContract, month: Span) -> str:
    """The part of the rules that can be asked of rows that are typed already (the lake's)."""
    terms = []
    for column in contract.columns:
        name = quote_name(column.name)
        rules = []
        if column.allowed:
            rules.append(f"{name} in ({', '.join(map(quote_text, column.allowed))})")
        if column.minimum is not None:
            rules.append(f"{name} >= {column.minimum}")
        if column.name == contract.month_column:
            start, end = bounds(month)
            rules.append(f"{name} >= {start} and {name} < {end}")
        if column.required:
            terms.append(f"{name} is not null")
            terms.extend(rules)
        elif rules:
            terms.append(f"({name} is null or ({' and '.join(rules)}))")
    return " and ".join(terms) or "true"
