"""Writing a new source into a checkout of the project: all of it, or nothing.

Belongs here: the edits that register a domain, each at a line that names itself, and the writing.
Stays out: the new files' texts (`render.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.scaffold.model import NewSource

MARK = "`ecommerce new-source` adds"
_KINDS = ("contracts", "domains", "defs")


class ProjectRefused(PermanentFailure):
    """The folder is not one into which this source can be written."""


@dataclass(frozen=True)
class Edit:
    """Lines that go into a file above the one line that holds `above`.

    Attributes:
        path: below the project's root.
        above: a text that occurs in one line alone.
        lines: with their line ends.
    """

    path: str
    above: str
    lines: str


def edits(source: NewSource) -> list[Edit]:
    """What registers a source beside its own files, but for its import in the registry."""
    d, t = source.domain, source.table
    does = f"Every minute: loads months of {d} whose file is new or changed."
    return [
        Edit(
            "ecommerce_assets/domains/registry.py",
            f"{MARK} a domain above",
            f'        Domain(\n            "{d}",\n'
            f'            (SourceTable("{d}", "{t}", {d}_source),),\n'
            "            simulated=False,\n        ),\n",
        ),
        Edit(
            "ecommerce_assets/settings.py",
            f"{MARK} a domain's months above",
            f'    {d}_months: MonthRange = Field(\n        "{source.span}",\n'
            f'        description="First and last month of the {d} domain, YYYY-MM:YYYY-MM.",\n'
            "    )\n",
        ),
        Edit(
            "ecommerce_assets/defs/ops/automations.py",
            f"{MARK} a sensor above",
            f'    "{d}_landing_folder": Automation(\n        "{does}",\n'
            "        local=OFF,\n        dev=OFF,\n        prod=ON,\n    ),\n",
        ),
        Edit(
            "docs/automation.md",
            "| `follow_updated_months` |",
            f"| `{d}_landing_folder` | {does} | off | off | on |\n",
        ),
        *(
            Edit(
                "ecommerce_dbt/dbt_project.yml",
                f"{MARK} a domain's {layer} above",
                f"      {d}:\n        +schema: {d}_{layer}\n        +tags: [{d}]\n",
            )
            for layer in ("staging", "intermediate", "marts")
        ),
    ]


def write(root: Path, source: NewSource, files: dict[str, str]) -> tuple[list[str], list[str]]:
    """Write the new files and the edits; after a failure everything is as it was.

    Args:
        root: of the checkout.
        source: what is added.
        files: the new files by path.

    Returns:
        The paths written and the paths edited.

    Raises:
        ProjectRefused: the folder is no checkout, has this domain, or lacks a line to edit at.
    """
    _refuse_known(root, source, files)
    edited = _edited(root, source)
    before = {path: (root / path).read_bytes() for path in edited}
    made: list[Path] = []
    try:
        # The edits come last: without them the new files are in nobody's way.
        for path, text in (files | edited).items():
            target = root / path
            made += [folder for folder in target.parents if not folder.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            made += [] if path in before else [target]
            target.write_text(text, encoding="utf-8")
    except BaseException:
        for path, content in before.items():
            (root / path).write_bytes(content)
        _remove(made)
        raise
    return list(files), list(edited)


def _refuse_known(root: Path, source: NewSource, files: dict[str, str]) -> None:
    missing = [edit.path for edit in edits(source) if not (root / edit.path).is_file()]
    if missing:
        raise ProjectRefused(
            f"{root} is no checkout of this project: it has no {missing[0]}",
            "run the command in a checkout, or name one with --root",
        )
    folders = [root / "ecommerce_assets" / kind / source.domain for kind in _KINDS]
    known = [path for path in folders if path.exists()]
    known += [root / path for path in files if (root / path).exists()]
    if known or _is_registered(root, source.domain):
        raise ProjectRefused(
            f"there is a domain {source.domain} already"
            + (f": {known[0].relative_to(root)}" if known else ""),
            "take another name; a second table of a domain is added by hand, see "
            "docs/add-a-source.md",
        )


def _is_registered(root: Path, domain: str) -> bool:
    registry = (root / "ecommerce_assets/domains/registry.py").read_text(encoding="utf-8")
    return re.search(rf'Domain\(\s*"{domain}"', registry) is not None


def _edited(root: Path, source: NewSource) -> dict[str, str]:
    """The edited files' texts by path."""
    texts: dict[str, str] = {}
    for edit in edits(source):
        text = texts.get(edit.path) or (root / edit.path).read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        at = [number for number, line in enumerate(lines) if edit.above in line]
        if len(at) != 1:
            raise ProjectRefused(
                f"{edit.path} has {len(at)} lines with {edit.above!r}, and one is needed to add "
                "the domain above it",
                "put the line back as the project has it, then start again; nothing was written",
            )
        texts[edit.path] = "".join([*lines[: at[0]], edit.lines, *lines[at[0] :]])
    registry = "ecommerce_assets/domains/registry.py"
    texts[registry] = _with_import(texts[registry], source.domain)
    return texts


def _with_import(text: str, domain: str) -> str:
    """The registry with the import of the domain's source, in the order of the others."""
    module = f"ecommerce_assets.domains.{domain}.source"
    lines = text.splitlines(keepends=True)
    later = [
        number
        for number, line in enumerate(lines)
        if (found := re.match(r"from (ecommerce_assets\.\S+) import", line)) and found[1] > module
    ]
    if not later:
        raise ProjectRefused(
            "ecommerce_assets/domains/registry.py has no import to put another one above",
            "put its imports back as the project has them; nothing was written",
        )
    new = f"from {module} import {domain}_source\n"
    return "".join([*lines[: later[0]], new, *lines[later[0] :]])


def _remove(made: list[Path]) -> None:
    """Remove files and folders that were made, the innermost first."""
    for path in sorted(set(made), key=lambda each: len(each.parts), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
