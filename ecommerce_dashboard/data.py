"""How the pages read: one function, over the published copy or BigQuery.

Belongs here: queries by name, their results as frames, what is said where nothing is loaded. Stays
out: the queries (`queries.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from ecommerce_assets.connect import lake_of, warehouse_of
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.warehouse import BIGQUERY
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.settings import Settings, load_settings
from ecommerce_dashboard.queries import sql_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Seconds after which a result is asked for again, so that a page is never older than that.
KEEP_S = 600


class NotLoaded(Exception):
    """The tables of a query are not there: nothing was loaded yet."""


def read(domain: str, query: str, *parameters: Any) -> pd.DataFrame:
    """The rows of a query.

    Args:
        domain: whose page it is of; empty for the pages of none.
        query: `<page>.<query>`.
        parameters: the values of its question marks, in their order.

    Returns:
        A frame: dates as `datetime64`, money as `float64` (it is shown, never added to a mart),
        counts as `Int64`.

    Raises:
        NotLoaded: there is no published copy, or it has none of these tables.
        LakehouseError: the warehouse cannot be read.
    """
    settings = load_settings()
    return _kept(_version(settings), sql_of(domain, query), parameters)


def on_bigquery() -> bool:
    """Whether the pages ask BigQuery, and no copy."""
    return load_settings().warehouse_uri.startswith(BIGQUERY)


def _version(settings: Settings) -> str:
    """What a kept result depends on: a copy that was renewed has another one."""
    if settings.warehouse_uri.startswith(BIGQUERY):
        return settings.warehouse_uri
    path = settings.published_path
    if not path.exists():
        raise NotLoaded
    found = path.stat()
    return f"{path} {found.st_ino} {found.st_mtime_ns}"


@st.cache_data(ttl=KEEP_S, max_entries=500, show_spinner=False)
def _kept(version: str, sql: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
    import duckdb

    try:
        found = _warehouse(load_settings()).read(sql, list(parameters))
    except duckdb.CatalogException as error:
        raise NotLoaded from error
    except duckdb.InvalidInputException as error:
        # In place of a missing table DuckDB looks at Python's variables, and may find a module.
        if "Python Object" not in str(error):
            raise
        raise NotLoaded from error
    except duckdb.BinderException as error:
        raise PermanentFailure(
            f"the published copy is not of this version ({str(error).splitlines()[0]})",
            "publish the copy again: ecommerce backfill DOMAIN",
        ) from error
    except duckdb.IOException as error:
        raise PermanentFailure(
            f"the published copy looks at files that are gone ({str(error).splitlines()[0]})",
            "put the lake back where it was, or publish the copy again: ecommerce backfill DOMAIN",
        ) from error
    return frame_of(found)


def _warehouse(settings: Settings) -> Warehouse:
    """BigQuery as it is set; of a DuckDB warehouse only the copy, which nobody writes."""
    if settings.warehouse_uri.startswith(BIGQUERY):
        return warehouse_of(settings, {"component": "dashboard"})
    lake = lake_of(settings).search_path
    return DuckDBWarehouse(settings.published_path, settings.memory_limit, search_path=lake)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """A query's result as `read` gives it."""
    import pandas as pd
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            # DuckDB sums whole numbers to decimals without digits behind the point.
            kind = pa.int64() if field.type.scale == 0 else pa.float64()
            table = table.set_column(place, field.name, table.column(place).cast(kind))
    counts = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}
    frame: pd.DataFrame = table.to_pandas(date_as_object=False, types_mapper=counts.get)
    return frame
