"""Names of domains, tables and columns that Python, dbt and both warehouses take as they are.

Belongs here: which names are refused, and what a header's name becomes. Stays out: where the names
are used.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import cache
from pathlib import Path

from ecommerce_assets import domains
from ecommerce_assets.lib.failures import PermanentFailure

TEMPLATES = Path(__file__).with_name("templates")
_SPELLED = {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
#: A schema is `<domain>_<layer>`, so a domain has no underscore; the lengths keep code on its line.
_DOMAIN = re.compile(r"[a-z][a-z0-9]{1,15}")
_TABLE = re.compile(r"[a-z][a-z0-9_]{1,23}")
#: Modules beside the folders of the domains, folders beside theirs in the dbt project, and assets
#: that belong to no source.
_TAKEN = {path.stem for path in Path(domains.__file__).parent.glob("*.py")} | {
    *("dbt", "generic", "ops", "platform")
}
#: Columns that the loader and the models add.
_MODELS_OWN = frozenset(
    {"all_rows", "days_with_rows", "event_month", "first_at", "last_at", "source_row_no"}
    | {"counted", "final", "months", "position", "staged"}
)
#: What YAML takes for something else than a text.
_YAML_WORDS = frozenset(["false", "n", "no", "null", "off", "on", "true", "y", "yes", "nan", "inf"])
#: A longer name would not fit into the names of files that dbt makes of it.
_LONGEST = 40


class UnfitName(PermanentFailure):
    """A name that cannot be a domain's or a table's."""


def check_domain(name: str) -> str:
    """The name, if it can be a domain's.

    Raises:
        UnfitName: it cannot.
    """
    if not _DOMAIN.fullmatch(name) or _is_kept(name) or name in _TAKEN:
        raise UnfitName(
            f"{name!r} cannot be the name of a domain",
            "take one lower-case word of 2 to 16 letters and digits, such as returns",
        )
    return name


def check_table(name: str) -> str:
    """The name, if it can be a source table's.

    Raises:
        UnfitName: it cannot.
    """
    if not _TABLE.fullmatch(name) or _is_kept(name) or name.endswith(("_", "_quarantine")):
        raise UnfitName(
            f"{name!r} cannot be the name of a table",
            "take 2 to 24 lower-case letters, digits and underscores, such as claims",
        )
    return name


def column_names(header: list[str], table: str) -> list[str]:
    """A name for each column of a header: snake_case, ASCII, no keyword, each once.

    A keyword gets the table's name in front: `date` of `claims` becomes `claims_date`.
    """
    names: list[str] = []
    for original in header:
        spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", _ascii(original.replace("%", " percent ")))
        name = re.sub(r"[^a-z0-9]+", "_", spelled.lower()).strip("_")
        name = name[:_LONGEST].rstrip("_") or "column"
        if _is_kept(name) or not name[0].isalpha():
            name = f"{table}_{name}"
        unique, number = name, 2
        while unique in names:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return names


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", "".join(_SPELLED.get(mark, mark) for mark in text))
    return folded.encode("ascii", "ignore").decode()


@cache
def _sql_words() -> frozenset[str]:
    """Words that SQL keeps for itself on one of the engines."""
    return frozenset((TEMPLATES / "sql_words.txt").read_text(encoding="utf-8").split())


def _is_kept(name: str) -> bool:
    return (
        name in _MODELS_OWN
        or name in _YAML_WORDS
        or name in _sql_words()
        or keyword.iskeyword(name)
    )
