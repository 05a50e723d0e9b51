"""Which months' models are up to date with the lake and with the SQL.

Belongs here: the fingerprint of what a month's models were built from, kept in the ledger. Stays
out: building them (`assets.py`). A month's models depend on its neighbours' rows too.
"""

import hashlib
from datetime import date
from pathlib import Path

from ecommerce_assets.defs.dbt.project import PROJECT, project_files
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.ingest import read_footer
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger, LedgerRow
from ecommerce_assets.partitions import next_month, previous_month

MONTHLY = "models"
UNPARTITIONED = "history"


def project_fingerprint(project: Path = PROJECT) -> str:
    """SHA-256 over the names and contents of everything that makes the models."""
    digest = hashlib.sha256()
    for path in project_files(project):
        digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_keys(lake: Lake, contract: TableContract) -> dict[date, str]:
    """The key of each published month's load."""
    return {
        month: read_footer(lake, contract, month)[0]["load_key"]
        for month in lake.months(contract.domain, contract.table)
    }


def month_fingerprint(keys: dict[date, str], month: date, project: str) -> str:
    """What a month's models are made from: the SQL, and the loads of it and its neighbours."""
    near = [keys.get(m, "-") for m in (previous_month(month), month, next_month(month))]
    return hashlib.sha256("|".join([project, *near]).encode()).hexdigest()[:16]


def history_fingerprint(keys: dict[date, str], project: str) -> str:
    """What the models over all months are made from."""
    loads = [f"{month}={keys[month]}" for month in sorted(keys)]
    return hashlib.sha256("|".join([project, *loads]).encode()).hexdigest()[:16]


def stale_months(lake: Lake, contract: TableContract) -> list[date]:
    """The published months whose models are missing or were built from something else."""
    project, keys = project_fingerprint(), load_keys(lake, contract)
    built = Ledger(lake).latest(contract.dataset, MONTHLY)
    return [month for month in keys if not _is_built(built.get(month), keys, month, project)]


def built_months(lake: Lake, contract: TableContract) -> list[date]:
    """The months whose models were built and not attempted in vain since, whatever from."""
    latest = Ledger(lake).latest(contract.dataset, MONTHLY)
    return [month for month, row in sorted(latest.items()) if row.status == "loaded"]


def history_is_stale(lake: Lake, contract: TableContract) -> bool:
    """Whether the models over all months are missing or were built from something else."""
    keys = load_keys(lake, contract)
    if not keys:
        return False
    row = Ledger(lake).latest(contract.dataset, UNPARTITIONED).get(max(keys))
    wanted = history_fingerprint(keys, project_fingerprint())
    return row is None or row.status != "loaded" or row.load_key != wanted


def _is_built(row: LedgerRow | None, keys: dict[date, str], month: date, project: str) -> bool:
    wanted = month_fingerprint(keys, month, project)
    return row is not None and row.status == "loaded" and row.load_key == wanted
