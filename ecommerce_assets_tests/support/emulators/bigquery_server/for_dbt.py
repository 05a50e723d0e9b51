"""What dbt-bigquery does and local-bigquery does not know: three kinds of statement."""

from __future__ import annotations

import re
from typing import Any

import sqlglot
from local_bigquery.api import jobs as api_jobs
from local_bigquery.jobs import query
from local_bigquery.models import JobStatistics2
from local_bigquery.sql import script
from sqlglot import exp

CTAS = "CREATE_TABLE_AS_SELECT"
GRANT = re.compile(
    r"^\s*(?:/\*.*?\*/\s*)?(GRANT|REVOKE)\s+(.+?)\s+ON\s+(TABLE|VIEW|SCHEMA)\s+(\S+)\s+"
    r"(?:TO|FROM)\s+(.+?);?\s*$",
    re.IGNORECASE | re.DOTALL,
)
PRIVILEGES_VIEW = re.compile(
    r"(?:`[^`]*`\.)*(?:[\w-]+\.)*`?INFORMATION_SCHEMA`?\.`?OBJECT_PRIVILEGES`?", re.IGNORECASE
)
PRIVILEGES: set[tuple[str, str, str]] = set()

_execute, _results, _set = query.execute, api_jobs.results, script.Interpreter.set


def execute(
    cur: Any, project_id: str, job_id: str, config: Any, dry_run: bool = False, session: Any = None
) -> Any:
    """Run a query: grants are recorded and shown; a table that is made is the job's destination."""
    text = config.query or ""
    if match := GRANT.match(text):
        return JobStatistics2(statementType=_grant(match, dry_run)), [], None
    if "OBJECT_PRIVILEGES" in text.upper():
        config = config.replace(query=PRIVILEGES_VIEW.sub(f"UNNEST([{_privileges()}])", text))
    statistics, children, destination = _execute(cur, project_id, job_id, config, dry_run, session)
    made = statistics.statementType == CTAS and statistics.ddlTargetTable
    return statistics, children, made if made and not dry_run else destination


def _grant(match: re.Match[str], dry_run: bool) -> str:
    verb, roles, _, target, grantees = match.groups()
    table = target.replace("`", "")
    rows = {
        (table, role.strip(" `"), grantee.strip(" \n\"'"))
        for role in roles.split(",")
        for grantee in grantees.split(",")
    }
    if not dry_run:
        change = PRIVILEGES.update if verb.upper() == "GRANT" else PRIVILEGES.difference_update
        change(rows)
    return verb.upper()


def _privileges() -> str:
    rows = [(*t.split(".")[-2:], role, grantee) for t, role, grantee in sorted(PRIVILEGES)]
    return ", ".join(
        f"STRUCT({schema!r} AS object_schema, {name!r} AS object_name, "
        f"{role!r} AS privilege_type, {grantee!r} AS grantee)"
        for schema, name, role, grantee in rows or [("", "", "", "")]
    )


def results(job: Any, max_results: Any, start: Any, int64_timestamps: Any) -> Any:
    """A job's rows; one that made a table has none, though the table is its destination."""
    statistics = job.statistics and job.statistics.query
    if statistics and statistics.statementType == CTAS and job.configuration.query:
        job = job.model_copy(deep=True)
        job.configuration.query.destinationTable = None
    return _results(job, max_results, start, int64_timestamps)


def set_(self: Any, statement: Any) -> Any:
    """`SET (a, b) = (SELECT AS STRUCT …)` in a script."""
    tree = sqlglot.parse_one(statement.text, dialect=script.BigQueryDialect)
    for item in tree.expressions:
        target, value = item.this.this, item.this.expression
        select = value.this if isinstance(value, (exp.Subquery, exp.Paren)) else value
        if isinstance(target, (exp.Paren, exp.Tuple)) and isinstance(select, exp.Select):
            targets = target.expressions if isinstance(target, exp.Tuple) else [target.this]
            select = select.copy()
            select.set("kind", None)
            values = [exp.alias_(e.unalias(), f"__v{i}") for i, e in enumerate(select.expressions)]
            select.set("expressions", values)
            self.into(select, [each.name for each in targets])
        elif isinstance(target, exp.Paren):
            self.assign(self.variable(target.this.name), value)
        else:
            return _set(self, statement)
    return None


query.execute, api_jobs.results, script.Interpreter.set = execute, results, set_
