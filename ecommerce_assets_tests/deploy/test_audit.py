"""The audit of the locks says what was found, and never that nothing was where it asked nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecommerce_assets_tests.deploy.image import ROOT

CALL = (
    "import sys; from pathlib import Path; sys.path.insert(0, 'deploy'); import audit; "
    "sys.exit(audit.audit(Path(sys.argv[1]), [sys.executable, '-c', sys.argv[2]]))"
)
#: What pip-audit says and how it ends.
CLEAN = "print('No known vulnerabilities found')"
FOUND = "import sys; print('x 1 PYSEC-1 2'); sys.exit('Found 1 known vulnerability in 1 package')"
AWAY = "import sys; sys.exit('ConnectionError: Max retries exceeded')"
SKIPPED = "import sys; sys.exit('agate: Dependency not found on PyPI and could not be audited')"
SECOND = "import sys; sys.argv[-1].endswith('tools.txt') and sys.exit('ServiceError')"


@pytest.mark.parametrize(
    ("program", "code", "told"),
    [
        (CLEAN, 0, "ok "),
        (FOUND, 1, "FAIL  requirements.txt"),
        (AWAY, 3, "NOT AUDITED  requirements.txt: no network"),
        (SKIPPED, 3, "NOT AUDITED  requirements.txt: no network, or a mirror without advisories"),
        (SECOND, 3, "NOT AUDITED  requirements/tools.txt"),
        ("raise SystemExit(9)", 3, "NOT AUDITED"),
    ],
)
def test_an_audit_that_did_not_take_place_is_not_one_that_passed(
    program: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(ROOT), program], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, told in done.stdout) == (code, True), done.stdout + done.stderr


def test_every_lock_is_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(ROOT), CLEAN], cwd=ROOT, capture_output=True, text=True
    )
    hashed = {
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("*.txt"), *Path(ROOT / "requirements").glob("*.txt")]
        if "--hash=" in path.read_text()
    }
    assert hashed
    assert {line.split()[1] for line in done.stdout.splitlines()} == hashed


def test_without_pip_audit_the_command_says_that_nobody_was_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "deploy/audit.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "NOT AUDITED" in done.stdout
