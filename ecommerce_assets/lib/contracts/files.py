"""Where a table's contract stands, and what names its rules.

Belongs here: the file of a table, the server of it that is meant, the fingerprint. Stays out: what
a contract says (`lib/contracts/contract.py`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

#: How the name of a contract's file ends.
ENDING = ".odcs.yaml"
#: The file beside the contracts that says under which fingerprint of before one goes on.
KNOWN = "fingerprints.yaml"


def file_and_server(folder: Path, table: str) -> tuple[Path, str | None]:
    """The file of a table's contract, and which of its servers is meant where it has several.

    A contract of several servers is that of several tables, `<contract>_<server>`.

    Args:
        folder: where the contracts of the domain lie.
        table: its name.
    """
    own = folder / f"{table}{ENDING}"
    if own.exists():
        return own, None
    for path in sorted(folder.glob(f"*{ENDING}")):
        start = f"{path.name.removesuffix(ENDING)}_"
        if table.startswith(start):
            return path, table.removeprefix(start)
    return own, None


def fingerprint_of(path: Path, text: bytes, server: str | None) -> str:
    """SHA-256 of what a contract says; of one with several servers, without the other servers.

    A contract that is written in another way and says the same goes on under its fingerprint of
    before, so that no month is loaded again for it: `fingerprints.yaml` says which.

    Args:
        path: of the contract.
        text: what stands there.
        server: the server that is meant; None where there is one.
    """
    import yaml

    said = text
    if server:
        document = yaml.safe_load(text)
        document["servers"] = [s for s in document["servers"] if s["server"] == server]
        said = json.dumps(document, sort_keys=True, default=str).encode()
    found = hashlib.sha256(said).hexdigest()
    known = path.with_name(KNOWN)
    before = yaml.safe_load(known.read_bytes()) if known.exists() else {}
    return str(before.get(found, found))
