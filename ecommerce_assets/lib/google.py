"""What the errors of Google's clients mean for the user, for storage and warehouse alike.

Belongs here: the errors that both services share. Stays out: those of one service alone, such as a
missing object or a refused query, which its own module turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecommerce_assets.lib.failures import (
    CredentialsMissing,
    CredentialsRefused,
    PermanentFailure,
    SettingMissing,
    TransientFailure,
)

#: Reasons of a refusal that passes by itself.
PASSING = {"rateLimitExceeded", "quotaExceeded", "backendError", "jobRateLimitExceeded"}
LOGIN = "run: gcloud auth application-default login, or "


def require_google() -> None:
    """Say what is missing where Google's clients are not installed.

    Raises:
        SettingMissing: they are not.
    """
    try:
        import google.cloud.bigquery
        import google.cloud.storage  # noqa: F401
    except ImportError as error:
        raise SettingMissing(
            f"Google's clients are not installed ({error})",
            "run: make install-gcp, or install the package with its extra gcp",
        ) from error


@contextmanager
def google_errors(service: str, place: str, grant: str) -> Iterator[None]:
    """Turn Google's errors in the block into the project's own, which say what to do.

    Args:
        service: its name in messages.
        place: what the call is about, for instance an object's address.
        grant: the cure where permission lacks.

    Raises:
        CredentialsMissing: none were found.
        CredentialsRefused: Google does not accept them.
        PermanentFailure: the account may not do it.
        TransientFailure: the service, a quota or the network is at fault.
    """
    from google.api_core import exceptions as google
    from google.auth import exceptions as auth

    try:
        yield
    except auth.DefaultCredentialsError as error:
        raise CredentialsMissing(
            f"no Google credentials were found for {place}", f"{LOGIN}set GCP_CREDENTIALS_PATH"
        ) from error
    except (google.Unauthorized, auth.RefreshError) as error:
        raise CredentialsRefused(
            f"Google does not accept the credentials for {place}",
            f"{LOGIN}check the service account",
        ) from error
    except google.Forbidden as error:
        if {str(each.get("reason")) for each in error.errors} & PASSING:
            raise TransientFailure(
                f"{service} refuses for now ({error.message})", "run the step again later"
            ) from error
        raise PermanentFailure(f"no permission for {place} ({error.message})", grant) from error
    except (google.ServerError, google.TooManyRequests, auth.TransportError) as error:
        raise TransientFailure(
            f"{service} did not serve {place} ({type(error).__name__})", "run the step again later"
        ) from error
