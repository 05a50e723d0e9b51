"""A message of a simulated stream.

Belongs here: its form, which simulations and those who send them share. Stays out: what it says.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A message as it is sent.

    Attributes:
        topic: its topic, without a prefix.
        key: its key.
        value: its bytes; None for a message without a value.
        at_ms: its time, in milliseconds since 1970.
    """

    topic: str
    key: str
    value: bytes | None
    at_ms: int
