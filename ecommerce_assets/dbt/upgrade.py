"""Whether a release changed the columns of monthly models, so that their tables are made new.

Belongs here: comparing the monthly tables of the warehouse with the models. Stays out: building
them (`defs/dbt/assets.py`), the comparison of two columns (`lib/warehouse/columns.py`).

A month is replaced inside a table, so a table has one set of columns for all of its months. After
a release that adds, drops or retypes one, a month alone cannot be built: all months of the domain
are, in one call that makes the tables new (docs/adr/0019).
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from ecommerce_assets.dbt.freshness import ModelState, is_of_other_sql
from ecommerce_assets.dbt.project import domain_of, ensure_manifest
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.warehouse.columns import difference
from ecommerce_assets.lib.warehouse.protocol import Warehouse

#: What the ledger's rows of such a call say that it changed.
COLUMNS = "columns"


def monthly_columns(manifest: Mapping[str, Any], domain: str) -> dict[str, dict[str, str | None]]:
    """The columns of a domain's monthly tables as the models declare them, by `schema.table`."""
    return {
        f"{node['schema']}.{node['name']}": {
            name: column.get("data_type") for name, column in node["columns"].items()
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and domain_of(node) == domain
        and "monthly" in node["tags"]
        and node["config"]["materialized"] != "view"
    }


def changed_columns(warehouse: Warehouse, domain: str) -> str | None:
    """Which table a release gave other columns, in words; None where all are as they should be.

    A table that is not there is not compared, unless others of the domain are: then it is new, and
    lacks the months that they have.

    Args:
        warehouse: has the tables.
        domain: its name.

    Raises:
        LakehouseError: the warehouse cannot be read.
    """
    wanted = monthly_columns(json.loads(ensure_manifest().read_text(encoding="utf-8")), domain)
    found = warehouse.columns_of(sorted(wanted))
    if not found:
        return None
    for table, columns in sorted(wanted.items()):
        if table not in found:
            return f"{table} is new"
        said = difference(found[table], columns)
        if said:
            return f"{table} {said}"
    return None


def why_all_months(state: ModelState, warehouse: Warehouse, domain: str) -> str | None:
    """Why all months of a domain have to be built in one call; None where they need not.

    The warehouse is asked only where the models' SQL changed since a month was built, or where its
    build did not end: otherwise its columns are those that the build gave it.

    Raises:
        LakehouseError: the warehouse cannot be read.
    """
    rows = state.built.values()
    if any(row.status != "loaded" and row.change == COLUMNS for row in rows):
        return "tables that a release gave other columns were not finished"
    if any(row.status != "loaded" or is_of_other_sql(state, row) for row in rows):
        return changed_columns(warehouse, domain)
    return None


def all_months(state: ModelState) -> tuple[date, date]:
    """The half-open window of all published months, those outside the domain's included.

    Tables that are made new lose what is not built again.
    """
    return min(state.contents), next_month(max(state.contents))
