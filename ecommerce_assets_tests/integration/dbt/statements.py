"""Reads compiled statements for what an engine may answer in more than one way.

Belongs here: finding functions whose value is not given by the rows, and numbers given to rows in
an order that leaves some of them equal. Stays out: which exceptions there are, running anything.

An engine may evaluate a CTE once or at each reference, and rows come in any order. A statement then
has one answer only where every number that it gives to rows follows from the rows themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one

#: Give another value at each call, or that of any row that comes first.
UNSTABLE = {
    "rand", "random", "uuid", "generate_uuid", "gen_random_uuid", "now", "current_date",
    "current_datetime", "current_time", "current_timestamp", "get_current_timestamp", "today",
    "transaction_timestamp", "any_value", "arbitrary", "first", "last", "array_first", "mode",
    "approx_count_distinct", "approx_quantile", "approx_quantiles", "approx_top_count",
    "reservoir_quantile", "session_user", "current_user", "nextval",
}  # fmt: skip
#: Lists whose order is that of the rows, unless they say one.
LISTS = ("array_agg", "list", "string_agg", "group_concat", "listagg")
#: Depend on which of two rows that the order leaves equal comes first.
NUMBERING = (
    exp.RowNumber, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue,
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A place of a statement that has more than one answer.

    Attributes:
        cte: where it stands; empty in the statement's own select.
        what: the expression.
        readers: how often the statement reads that CTE, over all ways.
    """

    cte: str
    what: str
    readers: int


#: Sets of columns that tell the rows of something apart.
Keys = list[set[str]]


def faults(
    sql: str, dialect: str, row_names: frozenset[str], keys: Mapping[str, Keys]
) -> list[Fault]:
    """What a statement leaves open.

    Args:
        sql: one statement.
        dialect: of sqlglot, e.g. `duckdb`.
        row_names: columns that tell rows of one partition apart, wherever they stand.
        keys: of the tables, by name without schema.
    """
    tree = parse_one(sql, dialect=dialect)
    ctes = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}
    readers = _readers(tree, ctes)
    found = []
    for part in [*_unstable(tree), *_unordered(tree, _Rows(ctes, keys), row_names)]:
        cte = part.find_ancestor(exp.CTE)
        name = cte.alias if cte else ""
        found.append(Fault(name, part.sql(dialect), readers.get(name, 1)))
    return found


def _readers(tree: exp.Expr, ctes: dict[str, exp.Expr]) -> Counter[str]:
    """How often each CTE is evaluated by an engine that does so at each reference."""
    counts: Counter[str] = Counter()

    def walk(part: exp.Expr, times: int) -> None:
        for table in part.find_all(exp.Table):
            inside = table.find_ancestor(exp.CTE)
            if table.name in ctes and not table.db and (inside is None or inside.this is part):
                counts[table.name] += times
                walk(ctes[table.name], times)

    body = tree.copy()
    body.set("with_", None)
    body.set("with", None)
    walk(body, 1)
    return counts


def _unstable(tree: exp.Expr) -> Iterator[exp.Expr]:
    for function in tree.find_all(exp.Func):
        named = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        name = named.lower()
        if name in UNSTABLE or (name in LISTS and not function.find(exp.Order)):
            yield function
    for select in tree.find_all(exp.Select):
        if select.args.get("limit") and not select.args.get("order"):
            yield select.args["limit"]
    yield from tree.find_all(exp.TableSample)


def _unordered(tree: exp.Expr, rows: _Rows, row_names: frozenset[str]) -> Iterator[exp.Expr]:
    for window in tree.find_all(exp.Window):
        inner = window.this
        while isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
            inner = inner.this
        spec = window.args.get("spec")
        by_rows = spec is not None and (spec.args.get("kind") or "").upper() == "ROWS"
        if not isinstance(inner, NUMBERING) and not by_rows:
            continue
        order = window.args.get("order")
        named = {_column(key) for key in window.args.get("partition_by", [])}
        named |= {_column(each.this) for each in order.expressions} if order else set()
        select = window.find_ancestor(exp.Select)
        assert select is not None
        shown = {column.name for each in select.expressions for column in each.find_all(exp.Column)}
        is_total = named & row_names or any(key <= named for key in rows.keys_within(select))
        # Rows that agree in all that the select looks at may change places.
        if not is_total and (select.is_star or not shown <= named):
            yield window


class _Rows:
    """Tells what makes the rows of a statement's parts differ, as far as the text says."""

    def __init__(self, ctes: Mapping[str, exp.Expr], tables: Mapping[str, Keys]) -> None:
        self.ctes = ctes
        self.tables = tables

    def keys_within(self, select: exp.Select) -> Keys:
        """Keys of the rows over which a select's windows run."""
        group = select.args.get("group")
        if group:
            return [{_column(each) for each in group.expressions}]
        source = select.args.get("from_") or select.args.get("from")
        if source is None:
            return []
        for join in select.args.get("joins") or []:
            if not self._finds_one(join):
                return []
        return self.keys_of(source.this)

    def keys_of(self, table: exp.Expr) -> Keys:
        """Keys of what a table or a CTE gives."""
        if not isinstance(table, exp.Table):
            return []
        if table.db or table.name not in self.ctes:
            return self.tables.get(table.name, [])
        inner = self.ctes[table.name]
        if not isinstance(inner, exp.Select):
            return []
        given = {_column(each.unalias()): each.alias_or_name for each in inner.expressions}
        found = self.keys_within(inner)
        if inner.args.get("distinct"):
            found = [*found, set(given)]
        return [
            {given.get(name, name) for name in key}
            for key in found
            if inner.is_star or key <= given.keys()
        ]

    def _finds_one(self, join: exp.Join) -> bool:
        """Whether a join gives a row no more than one partner: it names one of its keys."""
        other, condition = join.this, join.args.get("on")
        if condition is None:
            return False
        named = {
            column.name
            for equal in condition.find_all(exp.EQ)
            for column in equal.find_all(exp.Column)
            if column.table == other.alias_or_name
        }
        return any(key <= named for key in self.keys_of(other))


def _column(node: exp.Expr) -> str:
    """A column's name without its table; the text of any other expression."""
    return node.name if isinstance(node, exp.Column) else node.sql()
