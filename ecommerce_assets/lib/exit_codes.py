"""What a command's exit code says; scripts and schedulers rely on these four.

Belongs here: the numbers and their meaning. Stays out: deciding which one a command ends with.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of `ecommerce …`."""

    #: Everything that was asked for is there, complete and current.
    OK = 0
    #: Something failed: a month, a model, a check, or a figure that differs from its truth.
    FAILED = 1
    #: The command was called wrongly: an unknown name, an impossible range, a bad setting.
    USAGE = 2
    #: Nothing failed, but something is missing, stale or left out: a month that is not loaded,
    #: models older than their rows, rows without a month, figures that were judged earlier.
    INCOMPLETE = 3
