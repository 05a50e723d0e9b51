"""What is said of a specification that is not in the language.

Belongs here: the exceptions. Stays out: finding the faults.
"""

from __future__ import annotations


class NotAllowed(ValueError):
    """The text of one field is not in the language.

    Attributes:
        why: what is wrong with it.
        allowed: what may stand there, as an instruction.
    """

    def __init__(self, why: str, allowed: str) -> None:
        super().__init__(why, allowed)
        self.why = why
        self.allowed = allowed


class SpecificationRefused(ValueError):
    """A specification cannot be used.

    Attributes:
        message: what is wrong and where.
        cure: what to do, as an instruction.
    """

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message, cure)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}; {self.cure}"
