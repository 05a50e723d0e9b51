"""The domains that there are: each folder beside this file is one.

Belongs here: finding them, and what is asked of all of them. Stays out: what a domain is
(`domain.py`), and any domain by name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ecommerce_assets.domains.domain import Domain, SourceTable
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.settings import Setting, Settings, listed

__all__ = ["DOMAINS", "Domain", "SourceTable", "all_settings", "contracts_of_all_tables"]

FOLDER = Path(__file__).parent


def _found() -> dict[str, Domain]:
    """The domains by name, in the order of their names."""
    package = __name__.rpartition(".")[0]
    names = sorted(found.name for found in iter_modules([str(FOLDER)]) if found.ispkg)
    domains = {name: import_module(f"{package}.{name}").DOMAIN for name in names}
    for name, domain in domains.items():
        if domain.name != name:
            raise ValueError(f"the folder {name} holds the domain {domain.name}; give both a name")
    return domains


DOMAINS: dict[str, Domain] = _found()


def contracts_of_all_tables() -> list[TableContract]:
    """The contracts of every source table there is, those apart included."""
    return [table.contract for each in DOMAINS.values() for table in each.all_tables]


def all_settings(settings: Settings) -> list[Setting]:
    """The settings that all domains share, then those of each domain.

    Raises:
        pydantic.ValidationError: a value is not one that its setting takes.
    """
    own = [each for domain in DOMAINS.values() for each in listed(settings.of(domain.settings))]
    return [*listed(settings), *own]
