"""Which pages there are: each file `views/<domain>/<page>.py` is one of its domain.

Belongs here: finding them, and what each says of itself. Stays out: what a page shows, and any
domain by name.

A page says in constants at its top what it is called (`TITLE`), which place it has among the pages
of its domain (`PLACE`) and, where other pages link to one thing on it, the query parameter that
names the thing (`SUBJECT`). They are read without running the page.
The folder is not called `pages`: such a folder beside its script makes Streamlit list pages itself.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_dashboard.queries import VIEWS

CONSTANTS = ("TITLE", "PLACE", "SUBJECT")


@dataclass(frozen=True)
class DomainPage:
    """A page of a domain.

    Attributes:
        domain: its name.
        path: of its file, below the dashboard's folder.
        title: what it is called.
        place: among the pages of its domain.
        subject: the query parameter that names what it shows; None: it shows the domain.
    """

    domain: str
    path: str
    title: str
    place: int
    subject: str | None

    @property
    def name(self) -> str:
        """Its name among all pages: domain and file."""
        return f"{self.domain}_{Path(self.path).stem}"

    @property
    def address(self) -> str:
        """Its address below the dashboard's."""
        return f"/{self.name}"


@cache
def domain_pages() -> tuple[DomainPage, ...]:
    """The pages of all domains, in the order of the domains and of their own places."""
    found = [
        _read(domain, path) for domain in DOMAINS for path in (VIEWS / domain).glob("[a-z]*.py")
    ]
    order = list(DOMAINS)
    return tuple(sorted(found, key=lambda page: (order.index(page.domain), page.place)))


def pages_of(domain: str) -> list[DomainPage]:
    """The pages of a domain, in their order."""
    return [page for page in domain_pages() if page.domain == domain]


def page_of(subject: str) -> DomainPage:
    """The page that shows one thing of a kind.

    Args:
        subject: the query parameter that names the thing.
    """
    return next(page for page in domain_pages() if page.subject == subject)


def _read(domain: str, path: Path) -> DomainPage:
    said: dict[str, Any] = {}
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
            if name in CONSTANTS:
                said[name] = ast.literal_eval(line.value)
    below = path.relative_to(VIEWS.parent).as_posix()
    return DomainPage(domain, below, said["TITLE"], said["PLACE"], said.get("SUBJECT"))
