"""The domains that there are: each folder beside this file is one.

Belongs here: finding them, and what is asked of all of them. Stays out: what a domain is
(`domain.py`), and any domain by name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ecommerce_assets.domains.domain import Domain, SourceTable
from ecommerce_assets.domains.streams import KafkaSettings, StreamDomain
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.settings import Setting, Settings, listed

__all__ = [
    "DOMAINS",
    "STREAMS",
    "Domain",
    "SourceTable",
    "StreamDomain",
    "all_settings",
    "contracts_of_all_tables",
]

FOLDER = Path(__file__).parent


def _found() -> dict[str, Domain | StreamDomain]:
    """The domains by name, in the order of their names."""
    package = __name__.rpartition(".")[0]
    names = sorted(found.name for found in iter_modules([str(FOLDER)]) if found.ispkg)
    domains = {name: import_module(f"{package}.{name}").DOMAIN for name in names}
    for name, domain in domains.items():
        if domain.name != name:
            raise ValueError(f"the folder {name} holds the domain {domain.name}; give both a name")
    return domains


_ALL = _found()
#: Those whose data come by month.
DOMAINS: dict[str, Domain] = {n: d for n, d in _ALL.items() if isinstance(d, Domain)}
#: Those whose data come as a stream.
STREAMS: dict[str, StreamDomain] = {n: d for n, d in _ALL.items() if isinstance(d, StreamDomain)}


def contracts_of_all_tables() -> list[TableContract]:
    """The contracts of every source table there is, those apart included."""
    by_month = [table.contract for each in DOMAINS.values() for table in each.all_tables]
    return by_month + [topic.contract for each in STREAMS.values() for topic in each.topics]


def all_settings(settings: Settings) -> list[Setting]:
    """The settings that all domains share, then those of each domain.

    Raises:
        pydantic.ValidationError: a value is not one that its setting takes.
    """
    own = [each for domain in _ALL.values() for each in listed(settings.of(domain.settings))]
    broker = listed(settings.of(KafkaSettings)) if STREAMS else []
    return [*listed(settings), *own, *broker]
