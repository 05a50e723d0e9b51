"""The sample loaded by the contract that was made of it, before anything is written.

Belongs here: the trial, through the lake's own loader into a folder that goes again. Stays out: the
loader (`lib/`).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery, connect, ingest_slice
from ecommerce_assets.lib.ingest.split import Months, split_file
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.scaffold.model import NewSource


@dataclass(frozen=True)
class Trial:
    """What a load of the sample gives.

    Attributes:
        accepted: rows that keep the contract.
        quarantined: rows that do not.
        reasons: why, by code; a row may have several.
    """

    accepted: int
    quarantined: int
    reasons: dict[str, int]


def try_load(
    source: NewSource,
    contract_text: str,
    sample: Path,
    fullest: date,
    *,
    memory_limit: str,
    max_bytes: int,
) -> Trial:
    """Load the sample as the project will.

    Args:
        source: what was found.
        contract_text: the contract as it will be written.
        sample: the file.
        fullest: the month that a file of one month is taken for.
        memory_limit: DuckDB's.
        max_bytes: a file that inflates to more is refused.

    Raises:
        LakehouseError: the sample cannot be loaded; the message says why.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contract_file = folder / f"{source.table}.odcs.yaml"
        contract_file.write_text(contract_text, encoding="utf-8")
        contract = load_contract(source.domain, source.table, folder)
        with sample.open("rb") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        delivery, lake = Delivery(sample, sample.name, "trial", sha256), Lake(folder.as_uri())
        if source.shared:
            months = Months(*source.months)
            return _try_shared(contract, months, delivery, lake, memory_limit, max_bytes)
        slice_ = Slice(lake, contract, Month(fullest))
        result = ingest_slice(slice_, delivery, memory_limit=memory_limit, max_bytes=max_bytes)
        return Trial(result.rows_accepted, result.rows_quarantined, result.reasons)


def _try_shared(
    contract: TableContract,
    months: Months,
    delivery: Delivery,
    lake: Lake,
    memory_limit: str,
    max_bytes: int,
) -> Trial:
    """Split the file, which judges the rows of all months at once."""
    import pyarrow.parquet as pq

    with lake.staging() as folder, connect(memory_limit, folder) as db:
        split = split_file(
            contract,
            months,
            delivery.path,
            delivery.name,
            delivery.sha256,
            lake,
            db,
            folder,
            run_id="trial",
            max_bytes=max_bytes,
        )
    with lake.open(split.rows) as rows, lake.open(split.bad) as bad:
        accepted = pq.read_metadata(rows).num_rows
        codes = pq.read_table(bad, columns=["reasons"])["reasons"].to_pylist()
    counted = Counter(code for listed in codes for code in listed)
    return Trial(accepted, len(codes), dict(sorted(counted.items())))
