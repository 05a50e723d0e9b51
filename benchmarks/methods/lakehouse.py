"""Ours: zip to published Parquet with contract, quarantine, checks and ledger on."""

import hashlib
import sys
import zipfile
from datetime import date
from pathlib import Path

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery, ingest_slice
from ecommerce_assets.lib.ingest.text import HELD_IN_MEMORY
from ecommerce_assets.lib.lake.completeness import days_with_rows
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice


def main(archive: Path, out: Path) -> None:
    """Load the archive as the month of October 2019."""
    lake = Lake(out.as_uri())
    slice_ = Slice(lake, load_contract("cosmetics", "events"), Month(date(2019, 10, 1)))
    ledger = Ledger(lake)
    row = ledger.begin(slice_.contract.dataset, "lake", slice_.key)
    with archive.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    delivery = Delivery(archive, archive.name, "benchmark", sha256)
    result = ingest_slice(slice_, delivery, force=True)
    _, published = slice_.footer()
    if published + result.rows_quarantined + result.blank_lines != result.rows_received:
        raise SystemExit("rows are not conserved")
    if len(days_with_rows(slice_)) != 31:
        raise SystemExit("the month is not complete")
    ledger.finish(row, "loaded")
    print(published)
    with zipfile.ZipFile(archive) as opened:
        size = opened.infolist()[0].file_size
    # The text is held outside the process's own memory: it is added to the peak that is reported.
    print(f"held_mb={size / 1e6 if size <= HELD_IN_MEMORY else 0:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
