"""What holds for every command: private files, an end by signals, failures in two sentences.

Belongs here: the frame around all commands. Stays out: the commands, and what failures say
(`lib/failures.py`, `lib/machine_faults.py`).
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer._click import ClickException, Context
from typer.core import TyperGroup

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import LakehouseError, WrongCall
from ecommerce_assets.lib.machine_faults import explained
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.runs.home import PRIVATE
from ecommerce_assets.settings import load_settings

#: What a shell says of a process that ended by a signal.
BY_SIGNAL = 128


class Guarded(TyperGroup):
    """The group of all commands, each of which runs in `guarded`."""

    def invoke(self, ctx: Context) -> Any:
        """Run the command that was asked for."""
        with guarded():
            return super().invoke(ctx)


@contextmanager
def guarded() -> Iterator[None]:
    """Run a command: what it writes is its owner's, and it ends with a word and an exit code."""
    os.umask(PRIVATE)
    logging.raiseExceptions = False  # a log that cannot be written is said once, as the failure
    with _noted_signals() as received:
        try:
            yield
        except (typer.Exit, typer.Abort, ClickException):
            raise
        except KeyboardInterrupt:
            signo = received() or signal.SIGINT
            console.print(
                bad("Ended before it was done."),
                "What is done is kept; run the same command again to go on.",
            )
            raise typer.Exit(BY_SIGNAL + signo) from None
        except BaseException as error:
            if isinstance(error, SystemExit | GeneratorExit) or _reader_left(error):
                raise
            say_failure(error)
            wrong = isinstance(error, WrongCall)
            raise typer.Exit(ExitCode.USAGE if wrong else ExitCode.FAILED) from error


def say_failure(error: BaseException) -> None:
    """Print two sentences for a failure; of one that nobody foresaw, where its traceback lies."""
    failure = explained(error, str(_home()))
    if failure is None:
        place = _write_traceback(error)
        failure = LakehouseError(
            f"something failed that nobody foresaw ({type(error).__name__}: "
            f"{str(error).strip().splitlines()[0] if str(error).strip() else 'no message'})",
            f"run the same command again; if it fails again, report it with {place}",
        )
    with suppress(OSError):  # the terminal's own output may be a file on a full disk
        console.print(bad(failure.message))
        console.print(f"What to do: {failure.cure}")
    _let_go_of_full_files()


def _let_go_of_full_files() -> None:
    """Drop output that can no longer be written.

    Python writes what is left once more at its end, and would then end with its own exit code. The
    streams may still lead into a log of Dagster's, which puts them back only after a last write.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def require_free_port(host: str, port: int, command: str) -> None:
    """Refuse a port that is taken, before a server starts that would say so in its own words.

    Raises:
        LakehouseError: something listens there, or this user may not.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise LakehouseError(
            f"{host} is not an address of this machine ({error.strerror or error})",
            f"leave --host away, or name one: ecommerce {command} --host 127.0.0.1",
        ) from error
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
                trial.listen(1)
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                why = "is taken by another program" if taken else f"cannot be used ({error})"
                raise LakehouseError(
                    f"port {port} of {host} {why}",
                    f"end that program, or choose another port: ecommerce {command} --port "
                    f"{port + 1 if port < 65535 else port - 1}",
                ) from error


@contextmanager
def _noted_signals() -> Iterator[Any]:
    """Let SIGTERM end the block as Ctrl-C does; returns what tells the last signal, None for none.

    Dagster puts its own handlers in place while it runs. Which signal it was, the wake-up of
    Python's own loop still tells.
    """
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    def last() -> int | None:
        with suppress(BlockingIOError):
            numbers = [each for each in reading.recv(1024) if each in before]
            return numbers[-1] if numbers else None
        return None

    try:
        for each in before:
            signal.signal(each, interrupt)
        old = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    except ValueError:  # not the main thread, as in tests
        yield lambda: None
        return
    try:
        yield last
    finally:
        signal.set_wakeup_fd(old)
        for each, handler in before.items():
            signal.signal(each, handler or signal.SIG_DFL)
        reading.close()
        writing.close()


def _reader_left(error: BaseException) -> bool:
    """Whether the program that reads the output has ended, as `head` does."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _home() -> Path:
    with suppress(Exception):
        return load_settings().home
    return Path.cwd()


def _write_traceback(error: BaseException) -> str:
    """Write the traceback where it can be written; returns the file, in words."""
    name = f"failure-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    text = "".join(traceback.format_exception(error))
    for folder in (_home() / "logs", Path(tempfile.gettempdir())):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(f"{' '.join(sys.argv)}\n{text}", encoding="utf-8")
            return str(path)
    return "its traceback, which could not be written anywhere"
