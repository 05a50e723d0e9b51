"""Writing a new source into a checkout of the project: all of it, or nothing.

Belongs here: where it may be written, and the writing. Stays out: the new files' texts
(`render.py`). No file of the project is changed: a domain is found by its folders.
"""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.scaffold.model import NewSource

#: What tells a checkout of this project from any other folder.
REGISTRY = "ecommerce_assets/domains/registry.py"


class ProjectRefused(PermanentFailure):
    """The folder is not one into which this source can be written."""


def write(root: Path, source: NewSource, files: dict[str, str]) -> list[str]:
    """Write the new files; after a failure everything is as it was.

    Args:
        root: of the checkout.
        source: what is added.
        files: the new files by path.

    Returns:
        The paths written.

    Raises:
        ProjectRefused: the folder is not a checkout, or has this domain.
    """
    _refuse_known(root, source, files)
    made: list[Path] = []
    try:
        for path, text in files.items():
            target = root / path
            made += [folder for folder in target.parents if not folder.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            made.append(target)
            target.write_text(text, encoding="utf-8")
    except BaseException:
        _remove(made)
        raise
    return list(files)


def _refuse_known(root: Path, source: NewSource, files: dict[str, str]) -> None:
    if not (root / REGISTRY).is_file():
        raise ProjectRefused(
            f"{root} is not a checkout of this project: it has no {REGISTRY}",
            "run the command in a checkout, or name one with --root",
        )
    folder = root / "ecommerce_assets" / "domains" / source.domain
    known = [path for path in (folder, *(root / path for path in files)) if path.exists()]
    if known:
        raise ProjectRefused(
            f"there is a domain {source.domain} already: {known[0].relative_to(root)}",
            "take another name; a second table of a domain is added by hand, see "
            "docs/add-a-source.md",
        )


def _remove(made: list[Path]) -> None:
    """Remove files and folders that were made, the innermost first."""
    for path in sorted(set(made), key=lambda each: len(each.parts), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
