"""The failures this project raises on purpose, and which of them are worth a second try.

Belongs here: the exception types that cross a module's border, so that every retry layer
(the download loop, an op's retry policy, a person in the UI) reads the same answer from the type.
Stays out: wording. The place that finds the fault says what was wrong, where, and what to do.
"""

from ecommerce_assets.lib.text.plain import visible

#: Stands between the two sentences of a failure's text.
CURE = " — what to do: "


class LakehouseError(Exception):
    """A failure with two sentences for the person who reads it: what happened, and the cure.

    Attributes:
        message: What was wrong and where, without a final full stop and without any secret.
        cure: What to do next, as an instruction, without a final full stop.
    """

    def __init__(self, message: str, cure: str) -> None:
        # Values of files and answers of servers stand in both, and logs and terminals obey marks.
        message, cure = visible(message, lines=True), visible(cure, lines=True)
        # Both go to Exception, so that the failure survives pickling between processes.
        super().__init__(message, cure)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}{CURE}{self.cure}"


class WrongCall(LakehouseError):
    """A command was called wrongly: an unknown name, an impossible range, a bad setting."""


class PermanentFailure(LakehouseError):
    """The same call would fail in the same way: no retry layer may repeat it."""


class TransientFailure(LakehouseError):
    """The other side, or the way to it, was at fault: a later call may succeed.

    Attributes:
        retry_after_s: Seconds the other side asked to be left alone, if it said so.
    """

    retry_after_s: float | None = None


class GaveUpWaiting(TransientFailure):
    """The other side neither answered nor failed in all the time that a setting gives it.

    Another call would take as long again, so it is repeated once at most, and never by Dagster.
    """


class SourceSilent(PermanentFailure):
    """A source did not answer a moment ago, and is not asked again for another month so soon."""


class SourceMissing(PermanentFailure):
    """The source does not offer what was asked for; the message says what it does offer."""


class SourceAmbiguous(PermanentFailure):
    """The source offers one month more than once, and choosing for the user would be a guess."""


class CredentialsMissing(PermanentFailure):
    """The source needs an account and none, or only half of one, was found."""


class CredentialsRefused(PermanentFailure):
    """The source knows of the account or key that was found and does not accept it."""


class CorruptDownload(PermanentFailure):
    """A file arrived damaged, was fetched again from its first byte, and was damaged again.

    One damaged transfer is healed where it happens and never leaves the source adapter. Twice
    the same damage is the source's, and repeating gigabytes would not fix it: permanent.
    """


class NotADataFile(PermanentFailure):
    """What arrived is whole but is not the kind of file that was expected."""


class WorseDelivery(PermanentFailure):
    """A month came again with fewer rows, or more refused ones, than the published month has."""


class ContractBroken(PermanentFailure):
    """A whole file breaks its contract, for instance by a header with a column missing."""


class ConservationBroken(PermanentFailure):
    """Rows were lost or invented between two steps; nothing of the step was published."""


class SettingMissing(PermanentFailure):
    """A setting that this environment needs is not set; the cure names the variable."""
