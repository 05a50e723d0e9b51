"""Known vulnerabilities of what the lock files pin, asked of the package index's advisories.

Belongs here: which locks are asked, and what is said where the advisories cannot be had. Stays out:
judging a finding: one that does not concern the project stands in `IGNORED` with its reason.

    python deploy/audit.py [folder]

Exits with 0 where nothing is known, 1 where something is, and 3 where nobody could be asked: an
audit that did not take place is not one that passed. Needs `pip-audit` beside this Python.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: Every lock; each holds all packages with their versions, so nothing is resolved or installed.
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements/*.txt")
#: Advisories that do not concern this project, each with the reason.
IGNORED: dict[str, str] = {}
FOUND, NOT_ASKED = 1, 3
LONGEST_S = 600
#: What pip-audit says where the index, or the way to it, did not answer.
_UNREACHED = (
    "ConnectionError",
    "Could not connect",
    "Max retries",
    "not found on PyPI",
    "timed out",
)


def locks(root: Path) -> list[Path]:
    """The lock files of a checkout."""
    return [path for pattern in LOCKS for path in sorted(root.glob(pattern))]


def audit(root: Path, program: list[str]) -> int:
    """Ask for each lock, print what was found, and give the exit code.

    Args:
        root: of the checkout.
        program: the command that starts pip-audit.
    """
    code = 0
    for lock in locks(root):
        ignored = [word for each in IGNORED for word in ("--ignore-vuln", each)]
        # Strict: a package of which the index has no advisories is not one without any.
        options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
        command = [*program, *options, *ignored, "--requirement", str(lock)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S)
            said, failed = (done.stdout + done.stderr).strip(), done.returncode != 0
        except (OSError, subprocess.TimeoutExpired) as error:
            said, failed = f"{type(error).__name__}: {error}", True
        name = lock.relative_to(root)
        known = failed and "Found " in said and "vulnerabilit" in said
        if known:
            sys.stdout.write(f"FAIL  {name}\n{said}\n")
            code = FOUND
        elif failed:
            cause = (
                "no network, or a mirror without advisories?"
                if any(word in said for word in _UNREACHED)
                else "see below"
            )
            sys.stdout.write(f"NOT AUDITED  {name}: {cause}\n{said[-2000:]}\n")
            code = code or NOT_ASKED
        else:
            sys.stdout.write(f"ok    {name}\n")
    return code


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    sys.exit(audit(folder, [sys.executable, "-m", "pip_audit"]))
