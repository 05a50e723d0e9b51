"""The command `ecommerce-dbt`: dbt, whose parsed project fits every database of the same name.

Belongs here: that one change, and that dbt ends with the run that called it. Stays out: which
arguments dbt gets (`defs/dbt/`).

dbt parses a project again when anything about the connection is another than at the last parse, the
path of the database and its memory limit included: 6.3 s a call instead of 2.5 s wherever the
project was parsed for another home, as in an image or in tests. The models depend on the names of
database and schema alone, and a test holds them to it. Overrides a method of dbt's adapters, whose
version is pinned.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from ecommerce_assets.lib.processes import end_with_owner

#: What of a connection a parsed project depends on; the target's name and type dbt keeps apart.
PARSED = ("database", "schema")


def main() -> None:
    """Run dbt with the arguments of this process."""
    end_with_owner()
    from dbt.adapters.contracts.connection import Credentials
    from dbt.cli.main import cli

    everything = Credentials.connection_info

    def connection_info(
        self: Credentials, *, with_aliases: bool = False
    ) -> Iterable[tuple[str, Any]]:
        pairs = everything(self, with_aliases=with_aliases)
        if with_aliases:  # what templates see as `target`
            return pairs
        return ((key, value) for key, value in pairs if key in PARSED)

    Credentials.connection_info = connection_info  # type: ignore[method-assign]
    sys.exit(cli())


if __name__ == "__main__":
    main()
