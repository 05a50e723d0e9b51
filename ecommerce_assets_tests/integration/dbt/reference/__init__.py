"""The marts computed again from the list of events, in plain Python, without months or batches.

Belongs here: the definitions, written a second time and as simply as they read, a module for each
part of the business. A module's `EXPECTED` maps a relation to the function that gives its rows; a
test holds every mart to have one. Keep out SQL.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from ecommerce_assets_tests.integration.dbt.reference.base import Row
from ecommerce_assets_tests.integration.dbt.reference.world import World

#: Every relation that is computed a second time, with the function that does it.
EXPECTED: dict[str, Callable[[World], list[Row]]] = {}
for _module in pkgutil.iter_modules(__path__):
    EXPECTED |= getattr(importlib.import_module(f"{__name__}.{_module.name}"), "EXPECTED", {})

__all__ = ["EXPECTED", "Row", "World"]
