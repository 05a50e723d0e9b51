"""The image's recipe and build context as data, without a container engine.

Belongs here: reading `Dockerfile` and `.dockerignore` as the builder does. Stays out: asserting.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def instructions(dockerfile: Path = ROOT / "Dockerfile") -> list[tuple[str, str]]:
    """Name and arguments of every instruction, comments left out and continued lines joined."""
    kept = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(kept).replace("\\\n", "")
    return [
        (name, " ".join(rest.split()))
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


def command(name: str) -> list[str]:
    """The last CMD or ENTRYPOINT."""
    listed: list[str] = json.loads([rest for each, rest in instructions() if each == name][-1])
    return listed


def run_step(holding: str) -> str:
    """The one RUN step that holds a text."""
    (found,) = (rest for name, rest in instructions() if name == "RUN" and holding in rest)
    return found


def copied() -> list[str]:
    """The sources of all COPY steps that read the build context."""
    steps = [rest.split() for name, rest in instructions() if name == "COPY"]
    return [
        source
        for words in steps
        if not words[0].startswith("--from")
        for source in [word for word in words if not word.startswith("--")][:-1]
    ]


def in_context(path: str, ignore: Path = ROOT / ".dockerignore") -> bool:
    """Whether the builder sees a file: the last pattern that meets it or a folder above decides."""
    kept = True
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for line in ignore.read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        if any(re.fullmatch(_expression(pattern.lstrip("!")), each) for each in above):
            kept = pattern.startswith("!")
    return kept


def _expression(pattern: str) -> str:
    escaped = re.escape(pattern.strip("/"))
    return escaped.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")


def lay_out(app: Path) -> None:
    """Make the folder /app of the image, up to the steps that run something.

    The sources are the checkout's files that the build context lets through; dates are kept.
    """
    for source in ("ecommerce_assets", "ecommerce_dbt", *copied()):
        for path in [ROOT / source, *sorted((ROOT / source).rglob("*"))]:
            name = str(path.relative_to(ROOT))
            if path.is_file() and in_context(name):
                (app / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, app / name)
    (app / "deploy/local").mkdir(parents=True)
    (app / "dagster.yaml").rename(app / "deploy/local/dagster.yaml")
