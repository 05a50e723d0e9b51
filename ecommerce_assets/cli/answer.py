"""What a command answers besides its text: one JSON document for programs, and its exit code.

Belongs here: the envelope of `--json` and how a failure becomes an answer. Stays out: what a
command says in it (each command), exit codes' meaning (`lib/exit_codes.py`).

Every document has `command`, `version` (of its shape: it grows when a name goes or changes its
meaning, not when one is added), `at` (when it was true, UTC), `exit_code` and `error`: null, or
`message` and `cure`. With `--json` standard output holds that document alone; everything for people
goes to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from ecommerce_assets.cli.frame import say_failure
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import LakehouseError, WrongCall
from ecommerce_assets.lib.text.console import console

AsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON document (docs/commands.md).")
]


@dataclass
class Answer:
    """A command's answer while it is made.

    Attributes:
        command: its name, as it is called.
        version: of the document's shape.
        as_json: whether the document is wanted instead of a text.
        data: the document's own part.
        code: what the command ends with.
    """

    command: str
    version: int
    as_json: bool
    data: dict[str, Any] = field(default_factory=dict)
    code: ExitCode = ExitCode.OK

    def note(self, code: ExitCode) -> None:
        """Let the command end with this code, unless a worse one was noted."""
        self.code = worst([self.code, code])

    def document(self, error: LakehouseError | None) -> str:
        """The answer as JSON."""
        told = {"message": error.message, "cure": error.cure} if error else None
        head = {
            "command": self.command,
            "version": self.version,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "exit_code": int(self.code),
            "error": told,
        }
        return json.dumps(head | self.data, indent=2, default=_plain)


def worst(codes: list[ExitCode]) -> ExitCode:
    """The code that says most: wrong calls, then failures, then what is incomplete."""
    order = (ExitCode.USAGE, ExitCode.FAILED, ExitCode.INCOMPLETE)
    return next((code for code in order if code in codes), ExitCode.OK)


@contextmanager
def answering(command: str, version: int = 1, as_json: bool = False) -> Iterator[Answer]:
    """Answer as a text or as JSON, and end the command with its exit code.

    Args:
        command: its name.
        version: of the document's shape.
        as_json: print the document; texts go to standard error meanwhile.

    Raises:
        typer.Exit: the answer's code is not OK, or the block failed with two sentences.
    """
    answer, error = Answer(command, version, as_json), None
    before = console.file
    if as_json:
        console.file = sys.stderr
    try:
        try:
            yield answer
        except LakehouseError as caught:
            error = caught
            say_failure(caught)
            answer.note(code_of(caught))
    finally:
        console.file = before
    if as_json:
        typer.echo(answer.document(error))
    if answer.code:
        raise typer.Exit(int(answer.code)) from error


def code_of(error: LakehouseError) -> ExitCode:
    """What a command ends with that ends in this failure."""
    return ExitCode.USAGE if isinstance(error, WrongCall) else ExitCode.FAILED


def _plain(value: Any) -> Any:
    """Months and instants as texts; anything else by its own words."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value)
