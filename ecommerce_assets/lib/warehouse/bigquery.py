"""BigQuery as the warehouse: raw tables loaded from the lake's Parquet, one partition at a time.

Belongs here: data sets and tables that loads need, load jobs and queries. Stays out: models (dbt
makes them), what jobs cost (`bigquery_jobs.py`), and what BigQuery's errors mean for the user
(`bigquery_errors.py`). A load is free of charge, and nothing of it passes through Python: BigQuery
reads `gs://` itself and replaces `table$201910` in one atomic step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib import truths
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import quote_text
from ecommerce_assets.lib.failures import ConservationBroken
from ecommerce_assets.lib.google import require_google
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import FOLDER, each_attempt_once, ledger_columns
from ecommerce_assets.lib.lake.quarantine import quarantine_columns
from ecommerce_assets.lib.lake.slices import Slice
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.warehouse import bigquery_builds
from ecommerce_assets.lib.warehouse.bigquery_errors import bigquery_errors
from ecommerce_assets.lib.warehouse.bigquery_jobs import (
    JobFigures,
    Limits,
    figures_of,
    label,
    total,
)
from ecommerce_assets.lib.warehouse.bigquery_types import PLAIN_TYPES, kind_of, parameter, schema_of
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud import bigquery

#: Suffix of the table over the lake's own files, beside the loaded one.
EXTERNAL = "external"


class BigQueryWarehouse:
    """A project's data sets as the warehouse.

    Args:
        project: the Google Cloud project.
        location: of the data sets and jobs, for instance `EU`.
        limits: what a job may cost and how long it may take.
        labels: put on every job, for instance asset, partition and run.
        client: makes the client when it is first needed; default: the environment's credentials.

    Attributes:
        jobs: figures of the jobs so far.

    Raises:
        SettingMissing: Google's clients are not installed.
    """

    kind = "bigquery"
    copies_raw = True

    def __init__(
        self,
        project: str,
        location: str,
        limits: Limits | None = None,
        labels: dict[str, str] | None = None,
        client: Callable[[], bigquery.Client] | None = None,
    ) -> None:
        require_google()
        self.project, self.location = project, location
        self.jobs: list[JobFigures] = []
        self._limits = limits or Limits()
        self._labels = {key: label(value) for key, value in (labels or {}).items()}
        self._make_client = client or self._default_client
        self._client: bigquery.Client | None = None

    # The protocol -----------------------------------------------------------------------------

    def load_slice(self, slice_: Slice) -> int:
        """See `Warehouse.load_slice`.

        Raises:
            ConservationBroken: the file holds rows of another month, and BigQuery refused it.
            LakehouseError: as every call to BigQuery.
        """
        from google.api_core.exceptions import BadRequest
        from google.cloud import bigquery

        contract, month, source = slice_.contract, slice_.month, slice_.location
        target = f"{self.project}.{contract.domain}_raw.{contract.table}"
        self._ensure_raw_table(contract, target)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            labels=self._labels,
        )
        with self.errors(target):
            job = self.client.load_table_from_uri(
                source,
                f"{target}${month:%Y%m}",
                job_config=config,
                timeout=self._limits.request_s,
                retry=bigquery.DEFAULT_RETRY.with_timeout(self._limits.retry_s),
            )
            try:
                job.result(timeout=self._limits.job_s)
            except BadRequest as error:
                if "different partitions" not in str(error.message):
                    raise
                raise ConservationBroken(
                    f"{source} holds rows of another month than {month:%Y-%m}",
                    "nothing was replaced; load the month again from its file",
                ) from error
        self.jobs.append(figures_of(job))
        self._show_files(contract, slice_.lake)
        return self._rows_of(contract, target, month)

    def show_raw(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.show_raw`."""
        self._ensure_raw_table(contract, f"{self.project}.{contract.domain}_raw.{contract.table}")

    def shows(self, contract: TableContract, lake: Lake) -> bool:
        """See `Warehouse.shows`."""
        from google.api_core.exceptions import NotFound

        with self.errors("a call"):
            try:
                self.client.get_table(f"{self.project}.{contract.domain}_raw.{contract.table}")
            except NotFound:
                return False
        return True

    def load_operations(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.load_operations`; BigQuery reads the lake's files with every query."""
        quarantine = lake.location(f"quarantine/{contract.domain}/{contract.table}/*")
        name = f"{contract.table}_quarantine"
        self._show(
            f"{contract.domain}_raw", name, quarantine_columns(contract), "PARQUET", quarantine
        )
        self.show_ledger(lake)

    def show_ledger(self, lake: Lake) -> None:
        """Make `ops.load_ledger` visible: each attempt once, over the ledger's objects.

        `reasons` is left out: it is a map, and the quarantine has the reasons by row.
        """
        columns = {n: kind for n, kind in ledger_columns().items() if kind in PLAIN_TYPES}
        self._show("ops", "load_ledger_objects", columns, "JSON", lake.location(f"{FOLDER}/*"))
        rows = each_attempt_once(f"`{self.project}.ops.load_ledger_objects`")
        self._show_view("ops", "load_ledger", rows)

    def show_truths(self, lake: Lake) -> None:
        """See `Warehouse.show_truths`."""
        self._show("ops", "truths", truths.COLUMNS, "JSON", lake.location(f"{truths.FOLDER}/*"))

    def await_turn(self) -> None:
        """See `Warehouse.await_turn`: BigQuery takes several writers at a time."""

    def held_open(self) -> AbstractContextManager[None]:
        """See `Warehouse.held_open`: there is nothing to open."""
        return nullcontext()

    def count_rows(self, table: str) -> int | None:
        """See `Warehouse.count_rows`; BigQuery knows it of tables, and would scan for a view."""
        with self.errors(table):
            found = self.client.get_table(f"{self.project}.{table}")
        return int(found.num_rows) if found.table_type == "TABLE" else None

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """See `Warehouse.query`."""
        return [tuple(row.values()) for row in self.query_named(sql, parameters)]

    def query_named(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """See `Warehouse.query_named`."""
        rows: list[dict[str, Any]] = self.read(sql, parameters).to_pylist()
        return rows

    def builds(self, schemas: Collection[str]) -> Builds:
        """See `Warehouse.builds`."""
        return bigquery_builds.read_builds(self, schemas)

    def forget_builds(
        self, dataset: str, forgotten: Mapping[str, Collection[date] | None]
    ) -> Builds:
        """See `Warehouse.forget_builds`."""
        return bigquery_builds.forget(self, dataset, forgotten)

    def note_builds(
        self, dataset: str, step: str, built: Mapping[date, str], tables: Collection[str]
    ) -> Builds:
        """See `Warehouse.note_builds`; rows of tables are not kept, BigQuery loses none."""
        return bigquery_builds.note(self, dataset, step, built)

    # What only BigQuery offers ----------------------------------------------------------------

    def read(self, sql: str, parameters: list[Any] | None = None) -> pa.Table:
        """A query's result as an Arrow table; values go in as parameters."""
        job = self._run(sql, parameters)
        # Results of more than a page come through the Storage Read API, which is not emulated here.
        emulated = "BIGQUERY_EMULATOR_HOST" in os.environ
        with self.errors("a query"):
            return job.result().to_arrow(create_bqstorage_client=not emulated)

    def dry_run(self, sql: str) -> int:
        """The bytes that a query would process; nothing runs, and nothing is charged.

        Raises:
            LakehouseError: the query would fail, for instance because a table is not there yet.
        """
        job = self._run(sql, None, dry_run=True)
        return int(job.total_bytes_processed or 0)

    def jobs_of_run(self, run_id: str, since: datetime) -> dict[str, JobFigures]:
        """The figures of the jobs that carry the label of a run, by their label `asset`.

        Args:
            run_id: Dagster's.
            since: no job of the run is older.
        """
        found: dict[str, list[JobFigures]] = {}
        with self.errors("a call"):
            for job in self.client.list_jobs(min_creation_time=since):
                labels = job.labels or {}
                if labels.get("run") == label(run_id):
                    found.setdefault(labels.get("asset", ""), []).append(figures_of(job))
        return {asset: total(figures) for asset, figures in found.items()}

    def columns(self, table: str) -> list[str] | None:
        """The columns of `schema.table`, in order; None where the table is not there."""
        from google.api_core.exceptions import NotFound

        with self.errors(table):
            try:
                found = self.client.get_table(f"{self.project}.{table}")
            except NotFound:
                return None
        return [field.name for field in found.schema]

    def columns_of(self, tables: list[str]) -> dict[str, dict[str, str]]:
        """See `Warehouse.columns_of`."""
        from concurrent.futures import ThreadPoolExecutor

        from google.api_core.exceptions import NotFound

        def columns(table: str) -> dict[str, str] | None:
            try:
                return {f.name: kind_of(f) for f in self.client.get_table(table).schema}
            except NotFound:
                return None

        with self.errors("the models' tables"), ThreadPoolExecutor(8) as pool:
            given = list(pool.map(columns, (f"{self.project}.{table}" for table in tables)))
            found = zip(tables, given, strict=True)
            return {table: known for table, known in found if known is not None}

    def ensure_dataset(self, name: str, expire_after_ms: int | None = None) -> None:
        """Make a data set unless it is there.

        Args:
            name: without the project.
            expire_after_ms: milliseconds after which its tables go by themselves.
        """
        from google.api_core.exceptions import NotFound
        from google.cloud import bigquery

        dataset = bigquery.Dataset(f"{self.project}.{name}")
        dataset.location = self.location
        dataset.default_table_expiration_ms = expire_after_ms
        try:  # first: who may not make data sets may still use those that Terraform made
            self.client.get_dataset(dataset.reference)
        except NotFound:
            self.client.create_dataset(dataset, exists_ok=True)

    @property
    def client(self) -> bigquery.Client:
        """The client, made on first use."""
        if self._client is None:
            with self.errors("a call"):
                self._client = self._make_client()
        return self._client

    def _default_client(self) -> bigquery.Client:
        from dagster_gcp import BigQueryResource

        resource = BigQueryResource(project=self.project, location=self.location)
        with resource.get_client() as client:
            made: bigquery.Client = client
        return made

    def _run(
        self, sql: str, parameters: list[Any] | None, *, dry_run: bool = False
    ) -> bigquery.QueryJob:
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            query_parameters=[parameter(value) for value in parameters or []],
            labels=self._labels,
            dry_run=dry_run,
            use_query_cache=not dry_run,
        )
        if self._limits.bytes_billed is not None:
            config.maximum_bytes_billed = self._limits.bytes_billed
        with self.errors("a query"):
            job = self.client.query(
                sql,
                job_config=config,
                timeout=self._limits.request_s,
                retry=bigquery.DEFAULT_RETRY.with_timeout(self._limits.retry_s),
            )
            if not dry_run:
                job.result(timeout=self._limits.job_s)
        if not dry_run:
            self.jobs.append(figures_of(job))
        return job

    def _rows_of(self, contract: TableContract, target: str, month: date) -> int:
        column = f"`{contract.time_of_month}`"
        ((rows,),) = self.query(
            f"select count(*) from `{target}` where {column} >= timestamp(?) "
            f"and {column} < timestamp(?)",
            [f"{month} 00:00:00+00", f"{next_month(month)} 00:00:00+00"],
        )
        return int(rows)

    def _ensure_raw_table(self, contract: TableContract, target: str) -> None:
        """Make the data set and the table unless they are there; follow the contract's texts."""
        from google.cloud import bigquery

        table = bigquery.Table(target, schema=schema_of(contract))
        table.time_partitioning = bigquery.TimePartitioning(
            type_=bigquery.TimePartitioningType.MONTH, field=contract.time_of_month
        )
        table.require_partition_filter = True
        table.clustering_fields = list(contract.cluster_by) or None
        table.description = contract.description
        table.labels = {"domain": label(contract.domain), "layer": "raw"}
        with self.errors(target):
            self.ensure_dataset(f"{contract.domain}_raw")
            found = self.client.create_table(table, exists_ok=True)
            texts = [[(f.name, f.description) for f in t.schema] for t in (found, table)]
            if texts[0] != texts[1] or found.description != table.description:
                found.schema, found.description = table.schema, table.description
                self.client.update_table(found, ["schema", "description"])

    def _show_files(self, contract: TableContract, lake: Lake) -> None:
        """The external table over the lake's own hive folders, beside the loaded one."""
        home = lake.location(f"{contract.domain}/{contract.table}")
        name = f"{self.project}.{contract.domain}_raw.{contract.table}_{EXTERNAL}"
        self._run(
            f"create or replace external table `{name}` "
            f"with partition columns (`event_month` date) "
            f"options (format = 'PARQUET', uris = [{quote_text(home + '/*')}], "
            f"hive_partition_uri_prefix = {quote_text(home)}, "
            "require_hive_partition_filter = true)",
            None,
        )

    def _show(
        self, dataset: str, name: str, columns: dict[str, str], form: str, address: str
    ) -> None:
        """An external table over files of the lake, with declared columns."""
        with self.errors(dataset):
            self.ensure_dataset(dataset)
        declared = ", ".join(f"`{column}` {PLAIN_TYPES[kind]}" for column, kind in columns.items())
        options = ["format = 'PARQUET'"]
        if form == "JSON":
            options = ["format = 'NEWLINE_DELIMITED_JSON'", "ignore_unknown_values = true"]
        options.append(f"uris = [{quote_text(address)}]")
        # A line that is not a row is passed over: of the ledger's, the commands name each.
        options += [f"max_bad_records = {2**31 - 1}"] if form == "JSON" else []
        self._run(
            f"create or replace external table `{self.project}.{dataset}.{name}` ({declared}) "
            f"options ({', '.join(options)})",
            None,
        )

    def _show_view(self, dataset: str, name: str, sql: str) -> None:
        """A view; a table of that name, as an earlier release made it, goes first."""
        from google.api_core.exceptions import NotFound

        full = f"{self.project}.{dataset}.{name}"
        with self.errors(full):
            try:
                if self.client.get_table(full).table_type != "VIEW":
                    self.client.delete_table(full)
            except NotFound:
                pass
        self._run(f"create or replace view `{full}` as {sql}", None)

    @contextmanager
    def errors(self, place: str) -> Iterator[None]:
        """Turn Google's errors into the project's own, which say what to do."""
        with bigquery_errors(f"{place} in the project {self.project}", self._limits):
            yield
