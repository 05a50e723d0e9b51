"""The lake as BigQuery sees it: wildcards, hive folders, row counts, external tables.

External tables are views over the files that were there when they were made: BigQuery would list
the files with each query.
"""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from typing import Any

from local_bigquery.catalog import names, tables
from local_bigquery.engine import database
from local_bigquery.errors import BigQueryError, already_exists
from local_bigquery.jobs import load, query, storage
from local_bigquery.models import JobStatistics2, Table

EXTERNAL = re.compile(
    r"^\s*(?:/\*.*?\*/\s*)?CREATE\s+(OR\s+REPLACE\s+)?EXTERNAL\s+TABLE\s+(IF\s+NOT\s+EXISTS\s+)?"
    r"(\S+)(.*?)OPTIONS\s*\((.*)\)\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
#: DuckDB's types of what an external table of JSON declares.
JSON_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "INTEGER": "BIGINT",
    "FLOAT64": "DOUBLE",
    "FLOAT": "DOUBLE",
    "BOOL": "BOOLEAN",
    "BOOLEAN": "BOOLEAN",
    "TIMESTAMP": "TIMESTAMPTZ",
    "DATE": "DATE",
    "NUMERIC": "DECIMAL(38,9)",
    "JSON": "JSON",
}

_paths, _lookup, _hive, _reader = storage.paths, tables._lookup, load._hive, load._reader
_create, _execute = tables.create, query.execute


def paths(cur: Any, uri: str) -> list[str]:
    """The objects that a gs:// address with wildcards means, from the storage server's listing."""
    endpoint = storage._emulator(uri)
    if endpoint is None or "*" not in uri:
        return _paths(cur, uri)
    _paths(cur, uri.split("*")[0])  # makes the secret that reading needs
    bucket, _, pattern = uri.removeprefix("gs://").partition("/")
    wanted = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    found: list[str] = []
    token = None
    while True:
        asked = {"prefix": pattern.split("*")[0], "maxResults": "1000"}
        asked |= {"pageToken": token} if token else {}
        address = f"{endpoint.rstrip('/')}/storage/v1/b/{bucket}/o?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(address) as answer:
            page = json.load(answer)
        listed = [item["name"] for item in page.get("items") or []]
        found += [name for name in listed if wanted.fullmatch(name)]
        token = page.get("nextPageToken")
        if not token:
            break
    if not found:
        raise BigQueryError("notFound", f"Not found: Uris {uri}")
    return [f"gs://{bucket}/{name}" for name in sorted(found)]


def lookup(project_id: str, dataset_id: str, table_id: str) -> Any:
    """A table's kind and its exact rows: the engine's own estimate forgets deleted ones."""
    found = _lookup(project_id, dataset_id, table_id)
    if found and found[0] == "TABLE" and dataset_id != tables.RESULTS:
        name = tables.name(project_id, dataset_id, table_id)
        return found[0], database.fetch(f"SELECT count(*) FROM {name}")[0][0]
    return found


def hive(config: Any) -> Any:
    """A folder `key=value` is a column only where the load says so."""
    return _hive(config) or {"hive_partitioning": "false"}


def reader(cur: Any, files: Any, config: Any, fields: Any) -> Any:
    """The reader of a load; those of text know no hive option unless it is asked for."""
    text = (config.sourceFormat or "CSV") in ("CSV", "NEWLINE_DELIMITED_JSON")
    if not text or config.hivePartitioningOptions:
        return _reader(cur, files, config, fields)
    load._hive = _hive
    try:
        return _reader(cur, files, config, fields)
    finally:
        load._hive = hive


def external_sql(external: Any, fields: list[tuple[str, str]]) -> str:
    """The SELECT behind an external table of Parquet, or of JSON with its declared columns."""
    kind = (external.sourceFormat or "").upper()
    with database.cursor() as cur:
        files: list[str] = []
        for uri in external.sourceUris or []:
            files += storage.paths(cur, uri)
    listed = ", ".join(map(storage.literal, files))
    if kind == "PARQUET":
        by_folder = "true" if external.hivePartitioningOptions else "false"
        options = f"hive_partitioning={by_folder}, union_by_name=true"
        return f"SELECT * FROM read_parquet([{listed}], {options})"
    if kind in ("NEWLINE_DELIMITED_JSON", "JSON"):
        columns = ", ".join(f"{storage.literal(n)}: '{t}'" for n, t in fields)
        options = f"format='newline_delimited', columns={{{columns}}}, hive_partitioning=false"
        return f"SELECT * FROM read_json([{listed}], {options})"
    raise BigQueryError("invalid", f"External format {external.sourceFormat} is not emulated")


def create(project_id: str, dataset_id: str, body: Any, translate: Any) -> Any:
    """Make a table; an external one as a view."""
    external = body.externalDataConfiguration
    if not external:
        return _create(project_id, dataset_id, body, translate)
    table_id = body.tableReference.tableId
    if tables.exists(project_id, dataset_id, table_id):
        raise already_exists("Table", names.label(project_id, dataset_id, table_id))
    declared = (external.schema_ if hasattr(external, "schema_") else None) or body.schema_
    fields = [(field.name, duckdb_type(field)) for field in (declared.fields if declared else [])]
    name = tables.name(project_id, dataset_id, table_id)
    database.execute(f"CREATE VIEW {name} AS {external_sql(external, fields)}")
    stored = tables.defaults(project_id, dataset_id, table_id).merged(body)
    return tables._store(project_id, dataset_id, table_id, stored.replace(type="EXTERNAL"))


def duckdb_type(field: Any) -> str:
    """DuckDB's type of a declared column."""
    kind = JSON_TYPES[field.type.upper()]
    return f"{kind}[]" if field.mode == "REPEATED" else kind


def execute(
    cur: Any, project_id: str, job_id: str, config: Any, dry_run: bool = False, session: Any = None
) -> Any:
    """Run a query, `CREATE EXTERNAL TABLE` among them."""
    match = EXTERNAL.match(config.query or "")
    if not match:
        return _execute(cur, project_id, job_id, config, dry_run, session)
    replace, if_not_exists, name, columns, options = match.groups()
    parts = name.replace("`", "").split(".")
    ref = (
        parts[-3] if len(parts) > 2 else project_id,
        parts[-2] if len(parts) > 1 else config.defaultDataset.datasetId,
        parts[-1],
    )

    def text(key: str) -> str | None:
        found = re.search(rf"{key}\s*=\s*['\"](.*?)['\"]", options, re.IGNORECASE)
        return found[1] if found else None

    uris = re.search(r"uris\s*=\s*\[(.*?)\]", options, re.IGNORECASE | re.DOTALL)
    external: dict[str, Any] = {"sourceFormat": text("format")}
    external["sourceUris"] = re.findall(r"['\"](gs://.*?)['\"]", uris[1] if uris else "")
    if prefix := text("hive_partition_uri_prefix"):
        external["hivePartitioningOptions"] = {"mode": "AUTO", "sourceUriPrefix": prefix}
    fields = [
        {"name": found[1], "type": found[3] or found[2], "mode": "REPEATED" if found[3] else None}
        for found in re.finditer(r"`(\w+)`\s+(?:(\w+)(?!<)\b|ARRAY<(\w+)>)", columns)
    ]
    body = Table.model_validate(
        {
            "tableReference": dict(zip(("projectId", "datasetId", "tableId"), ref, strict=True)),
            "externalDataConfiguration": external,
            "schema": {"fields": fields} if fields else None,
        }
    )
    found = tables.exists(*ref)
    if not dry_run and not (found and if_not_exists):
        if found and replace:
            tables.delete(*ref)
        create(ref[0], ref[1], body, None)
    performed = "REPLACE" if found else "CREATE"
    statistics = JobStatistics2(
        statementType="CREATE_EXTERNAL_TABLE", ddlOperationPerformed=performed
    )
    return statistics, [], None


tables.STORED_TYPES = (*tables.STORED_TYPES, "EXTERNAL")
tables._lookup, tables.create = lookup, create
load._hive, load._reader = hive, reader
storage.paths = load.paths = paths
query.execute = execute
