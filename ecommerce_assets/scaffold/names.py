"""Names of domains, tables and columns that Python, dbt and both warehouses take as they are.

Belongs here: which names are refused, and what a header's name becomes. Stays out: where the names
are used.
"""

from __future__ import annotations

import keyword
import re
import unicodedata

from ecommerce_assets.lib.failures import PermanentFailure

#: A schema is `<domain>_<layer>`, so a domain has no underscore; the lengths keep code on its line.
_DOMAIN = re.compile(r"[a-z][a-z0-9]{1,15}")
_TABLE = re.compile(r"[a-z][a-z0-9_]{1,23}")
#: Packages and modules beside those of the domains, and assets that belong to no source.
_TAKEN = {"choice", "dbt", "ops", "orders", "plants", "platform", "registry", "sample", "truths"}
#: Words that SQL keeps for itself on one of the engines, and columns that the models add.
_KEPT = frozenset(
    """
    all analyze and any array as asc assert at between both by case cast check collate column
    columns constraint create cross cube current date day decimal default desc describe distinct
    do else end enum escape except exclude exists extract false fetch first following for from
    full group grouping groups hash having if ignore in index inner int integer intersect interval
    into is join key keys lambda last lateral left like limit lookup map merge month name natural
    new no not null nulls number of offset on only or order out outer over partition position
    preceding primary proto qualify range recursive references respect result right rollup row rows
    schema select set show some source struct system table tablesample then time timestamp to
    treat trim true type unbounded union unique unnest user using value values when where window
    with within without year
    all_rows event_month days_with_rows first_at last_at source_row_no
    """.split()
)


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
        spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", _ascii(original))
        name = re.sub(r"[^a-z0-9]+", "_", spelled.lower()).strip("_") or "column"
        if _is_kept(name) or not name[0].isalpha():
            name = f"{table}_{name}"
        unique, number = name, 2
        while unique in names:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return names


def _ascii(text: str) -> str:
    spelled = text.translate(str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue"}))
    spelled = spelled.translate(str.maketrans({"Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}))
    folded = unicodedata.normalize("NFKD", spelled)
    return folded.encode("ascii", "ignore").decode()


def _is_kept(name: str) -> bool:
    return name in _KEPT or keyword.iskeyword(name)
