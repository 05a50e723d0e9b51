"""Alerts: what happened as a few short messages, sent to addresses by Apprise.

Belongs here: bounding and wording messages, keeping secrets out, sending, and what each address has
got already. Stays out: finding out what happened (`defs/ops/alerts.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ecommerce_assets.lib.text.plain import harmless

#: Messages that one address gets at one time; more alerts are summed up in a single one.
MAX_MESSAGES = 3
#: Alerts that a summary names, one line each; the rest is a number.
MAX_LINES = 20
#: Characters of an alert's text; the run's page has the rest.
MAX_TEXT = 1500
#: Shorter texts are not secrets worth the name, and hiding them would garble every message.
SHORTEST_SECRET = 4
HIDDEN = "********"


@dataclass(frozen=True)
class Alert:
    """One thing that somebody should know.

    Attributes:
        key: names it; an address gets it once.
        headline: what and where, one line.
        text: what happened and what to do.
    """

    key: str
    headline: str
    text: str


@dataclass(frozen=True)
class Message:
    """A title, a body, and the keys of the alerts that it tells of."""

    title: str
    body: str
    keys: tuple[str, ...]


def messages(alerts: Sequence[Alert], environment: str) -> list[Message]:
    """The messages that tell of these alerts: at most `MAX_MESSAGES`, none where there is none.

    Args:
        alerts: oldest first.
        environment: told in the title.
    """
    where = f"ecommerce {environment}"
    if len(alerts) <= MAX_MESSAGES:
        return [
            Message(
                harmless(f"{where}: {each.headline}"),
                harmless(shortened(each.text, MAX_TEXT)),
                (each.key,),
            )
            for each in alerts
        ]
    lines = [f"- {harmless(shortened(alert.headline, 200))}" for alert in alerts[:MAX_LINES]]
    if len(alerts) > MAX_LINES:
        lines.append(f"- and {len(alerts) - MAX_LINES} more")
    lines.append("What to do: open the runs in the UI, or ask `ecommerce status` for the months.")
    keys = tuple(alert.key for alert in alerts)
    return [Message(f"{where}: {len(alerts)} failures", "\n".join(lines), keys)]


def shortened(text: str, length: int) -> str:
    """The text, cut off where it is longer."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def masked(text: str, secrets: Collection[str]) -> str:
    """The text with every secret hidden, longer ones first."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text


def deliver(
    alerts: Sequence[Alert], environment: str, urls: str, delivered: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[str]], list[str]]:
    """Send every address what it has not got yet.

    Args:
        alerts: oldest first.
        environment: told in the titles.
        urls: addresses of Apprise, separated by blanks or commas.
        delivered: keys of the alerts that each address has got, by the address's name.

    Returns:
        The same after this delivery, and which addresses could not be reached, in words: a number
        and a kind, such as `2 (mailtos)`, which give nothing away.
    """
    got: dict[str, list[str]] = {}
    unreached = []
    with _quiet():
        addresses, understood = _addresses(urls)
        for name, address in addresses:
            got[name] = list(delivered.get(name, ()))
            outstanding = [alert for alert in alerts if alert.key not in got[name]]
            for message in messages(outstanding, environment):
                if not _send(address, message):
                    unreached.append(name)
                    break
                got[name] += message.keys
    if not understood:
        unreached.append("at least one that Apprise does not understand")
    return got, unreached


def _addresses(urls: str) -> tuple[list[tuple[str, Any]], bool]:
    """The addresses by name, and whether Apprise understands all of them; it splits the text."""
    import apprise

    found: Any = apprise.Apprise()
    understood = bool(found.add(urls))
    kinds = [str(each.url(privacy=True)).partition(":")[0] for each in found]
    named = zip(kinds, found, strict=True)
    return [(f"{at} ({kind})", each) for at, (kind, each) in enumerate(named, 1)], understood


def _send(address: Any, message: Message) -> bool:
    try:
        import apprise

        one: Any = apprise.Apprise()
        one.add(address)
        # Declared as text, it is escaped for services that take HTML.
        return bool(one.notify(title=message.title, body=message.body, body_format="text"))
    except Exception:
        # Any kind of service has its own errors, and their text may hold the address.
        return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Apprise's own lines, which may hold an address, out of every log."""
    logger = logging.getLogger("apprise")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
