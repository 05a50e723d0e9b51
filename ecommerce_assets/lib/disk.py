"""Files and folders that survive a power cut.

Belongs here: writing out what the system still holds in memory. Stays out: the names that files
get (`lib/lake/lake.py`, `lib/sources/work_folder.py`, `lib/warehouse/duckdb_copy.py`).
"""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's bytes, or the entries of a folder, are on the disk.

    Raises:
        OSError: they could not be written, or it is not there.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
