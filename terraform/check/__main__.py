"""Check the Terraform code without a network: `make terraform-check`.

Exit code 0 when all is well, 1 when something is to be fixed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

TREE = Path(__file__).parents[1]


def _arguments() -> argparse.Namespace:
    from terraform.check.steps import STEPS

    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(prog="python -m terraform.check", description=__doc__)
    parser.add_argument("--tree", type=Path, default=TREE, help="the folder terraform/ to check")
    parser.add_argument("--folders", nargs="+", metavar="FOLDER", help="only these, e.g. envs/prod")
    parser.add_argument("--steps", nargs="+", choices=names, default=names, help="only these")
    return parser.parse_args()


def main() -> int:
    """Run the steps; the first that finds something ends the check."""
    from terraform.check.steps import STEPS
    from terraform.check.workspace import workspace

    asked = _arguments()
    began = time.monotonic()
    with workspace(asked.tree.resolve()) as work:
        folders = asked.folders or work.folders()
        unknown = sorted(set(folders) - set(work.folders()))
        if unknown:
            print(f"No Terraform code in {', '.join(unknown)}; there is {work.folders()}.")
            return 1
        for step in (s for s in STEPS if s.name in asked.steps):
            started = time.monotonic()
            chosen = [f for f in folders if f.startswith("envs/") or not step.envs_only]
            found = [fault for f in ([""] if step.whole else chosen) for fault in step.run(work, f)]
            where = "the whole tree" if step.whole else f"{len(chosen)} folders"
            outcome = f"{len(found)} faults" if found else "ok"
            print(f"{step.name:<9} {where:<15} {outcome:<9} {time.monotonic() - started:5.1f} s")
            if found:
                print("\n" + "\n".join(found) + f"\n\n{step.advice}")
                return 1
            sys.stdout.flush()
    print(f"Terraform code is well: {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
