"""The command line with the contracts of cosmetics in another folder, as after one was fixed.

Called as `python replay_driver.py <folder> <point of kill_driver.py, or -> <arguments>`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ecommerce_assets.lib.contracts import contract

original = contract.load_contract


def elsewhere(domain: str, table: str) -> contract.TableContract:
    return original(domain, table, folder if domain == "cosmetics" else None)


if __name__ == "__main__":
    folder, point = Path(sys.argv.pop(1)), sys.argv[1]
    # Before any module takes the function: all of them then read the other folder.
    contract.load_contract = elsewhere
    if point == "-":
        sys.argv.pop(1)
        from ecommerce_assets.cli.app import app

        app()
    else:
        import kill_driver

        kill_driver.main()
