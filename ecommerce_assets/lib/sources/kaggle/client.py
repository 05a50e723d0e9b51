"""The one door to Kaggle's own client: how it is loaded, logged in, aimed, and what it says.

Belongs here: all that works around the client's habits. It prints at import, ends the process
where it finds no credentials, waits for ever on a silent server, and puts signed addresses into
the texts of its errors.
Stays out: what is listed or downloaded, and how often a call is repeated.
"""

import contextlib
import errno
import functools
import io
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from ecommerce_assets.lib.failures import (
    CredentialsMissing,
    CredentialsRefused,
    LakehouseError,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.web.addresses import Policy, PrivateAddress
from ecommerce_assets.lib.sources.web.certificates import certificate_failure

KEY_PAGE = "https://www.kaggle.com/settings/api"

_CURE_KEY = (
    f'make a key on {KEY_PAGE} ("Generate New Token"), then do one of three things: '
    "set KAGGLE_API_TOKEN to the token; "
    "or set both KAGGLE_USERNAME and KAGGLE_KEY; "
    "or save the file kaggle.json in {folder} (or in the folder that KAGGLE_CONFIG_DIR names)"
)
_TRY_LATER = "try again later; if it stays so, look at the network and at https://status.kaggle.com"
# A table shared by the whole process is set for a moment where an endpoint is given.
_LOCK = threading.RLock()


@dataclass(frozen=True)
class KaggleLogin:
    """Who asks Kaggle, and where Kaggle is. What is None comes from the environment.

    Attributes:
        endpoint: Address to use instead of https://api.kaggle.com, such as a mirror's.
        username: Account name; goes with `key`.
        key: The account's key.
        token: A token, which Kaggle offers instead of name and key.
        config_dir: Folder of kaggle.json.
        connect_timeout_s: Seconds to wait for a connection.
        read_timeout_s: Seconds a connection may stay silent.
        private_hosts: Hosts that redirects may lead to though their address is private.
    """

    endpoint: str | None = None
    username: str | None = None
    key: SecretStr | None = None
    token: SecretStr | None = None
    config_dir: Path | None = None
    connect_timeout_s: float = 20.0
    read_timeout_s: float = 120.0
    private_hosts: tuple[str, ...] = ()

    def folder(self) -> Path:
        """Return the folder where kaggle.json is looked for, by the client's own rule.

        The client applies this rule once, at import; here it is applied at each login, so that
        a changed environment counts.
        """
        named = os.environ.get("KAGGLE_CONFIG_DIR")
        if self.config_dir or named:
            return self.config_dir or Path(str(named))
        usual = Path.home() / ".kaggle"
        if usual.exists() or not sys.platform.startswith("linux"):
            return usual
        return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"


def log_in(login: KaggleLogin) -> Any:
    """Return the client (`KaggleApi`) with credentials that it found or was given.

    Raises:
        CredentialsMissing: There are none, or only a name without a key or the reverse.
        CredentialsRefused: A token was found in the environment and Kaggle does not know it.
        Exception: What the client raises for the call that checks such a token; see `explain`.
    """
    cure = _CURE_KEY.format(folder=login.folder())
    api = _client_type(login.endpoint)(login)
    if login.token is not None:
        api.config_values = {api.CONFIG_NAME_TOKEN: login.token.get_secret_value()}
        return api
    if login.username is not None and login.key is not None:
        api.config_values = {
            api.CONFIG_NAME_USER: login.username,
            api.CONFIG_NAME_KEY: login.key.get_secret_value(),
        }
        return api
    if login.username is not None or login.key is not None:
        raise _half("user name" if login.username else "key", cure)
    from kagglesdk import get_access_token_from_env

    with _silence(), contextlib.suppress(SystemExit):
        api.authenticate()
    token, place = get_access_token_from_env()
    if token and api.CONFIG_NAME_TOKEN not in api.config_values:
        raise CredentialsRefused(f"Kaggle does not accept the token found in {place}", cure)
    if api.CONFIG_NAME_TOKEN in api.config_values:
        return api
    has_user = bool(api.config_values.get(api.CONFIG_NAME_USER))
    has_key = bool(api.config_values.get(api.CONFIG_NAME_KEY))
    if has_user != has_key:
        raise _half("user name" if has_user else "key", cure)
    if not has_user:
        raise CredentialsMissing("Kaggle needs an account and no credentials were found", cure)
    return api


def explain(error: Exception, dataset: str, wanted: str) -> LakehouseError | None:
    """Return the client's error as one of ours, None if it is a fault of the program.

    Args:
        error: What the client raised.
        dataset: `owner/name`, for addresses.
        wanted: What was asked for, in words.

    Raise the result `from None`: the texts of the client's errors hold signed addresses, which
    are as good as a key for as long as they last.
    """
    import requests
    import urllib3

    if isinstance(error, LakehouseError):
        return error
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _explain_status(error.response, dataset, wanted)
    if refused := certificate_failure(error, "Kaggle or its storage", "REQUESTS_CA_BUNDLE"):
        return refused
    kind = type(error).__name__
    if isinstance(error, requests.JSONDecodeError):
        text = (
            "what came back is not Kaggle's answer (is there a proxy or a log-in page in between?)"
        )
        return TransientFailure(f"asked for the {wanted}, {text}", _TRY_LATER)
    broken = (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        ConnectionError,
        TimeoutError,
    )
    if isinstance(error, broken):
        return TransientFailure(f"the connection to Kaggle broke ({kind})", _TRY_LATER)
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else kind
        place = f": {error.filename}" if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        cure = "free some space on that disk" if full else "make that folder writable"
        return PermanentFailure(f"could not write what Kaggle sent ({reason}){place}", cure)
    return None


def _explain_status(response: Any, dataset: str, wanted: str) -> LakehouseError:
    status = response.status_code
    if status == 401:
        return CredentialsRefused(
            "Kaggle does not accept the user name and key, or the token, it was given (HTTP 401)",
            f"compare them with {KEY_PAGE}, or make new ones there: old ones may have expired",
        )
    if status in (403, 404):
        return SourceMissing(
            f"Kaggle does not offer the {wanted} to this account (HTTP {status})",
            f"look for a typing error in the name; open https://www.kaggle.com/datasets/{dataset} "
            "signed in with the same account, and accept its terms if it asks for that",
        )
    if status in (408, 425, 429) or status >= 500:
        busy = "asks for fewer calls" if status == 429 else "has trouble of its own"
        failure = TransientFailure(f"Kaggle {busy} (HTTP {status})", _TRY_LATER)
        # Seconds; the other form, a date, is rare enough to be read as "soon".
        asked = re.fullmatch(r"\d{1,5}", response.headers.get("Retry-After", ""))
        failure.retry_after_s = float(asked[0]) if asked else None
        return failure
    return PermanentFailure(
        f"Kaggle refused the request for the {wanted} (HTTP {status})",
        "check the name of the data set, and whether the installed kaggle package is too old",
    )


def _half(found: str, cure: str) -> CredentialsMissing:
    other = "key" if found == "user name" else "user name"
    return CredentialsMissing(f"a Kaggle {found} was found, but no {other} to go with it", cure)


@contextlib.contextmanager
def _aimed(endpoint: str | None) -> Iterator[None]:
    """Point the client at `endpoint` while it is loaded or built, and back again.

    The client has no setting for this; its addresses are one table, read when a client object
    is built. Nothing that the rest of the process builds later is affected.
    """
    if endpoint is None:
        yield
        return
    from kagglesdk import kaggle_env

    table = kaggle_env._env_to_endpoint
    with _LOCK:
        before = dict(table)
        table.update(dict.fromkeys(table, endpoint.rstrip("/")))
        try:
            yield
        finally:
            table.update(before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what the client prints, and keep its `exit()` from closing the real stdin."""
    with _LOCK, contextlib.redirect_stdout(io.StringIO()):
        stdin, sys.stdin = sys.stdin, io.StringIO()
        try:
            yield
        finally:
            sys.stdin = stdin


def _client_type(endpoint: str | None) -> Any:
    # Importing it logs in with what the environment has, so the address has to be right already.
    with _silence(), _aimed(endpoint):
        try:
            return _load_client_type()
        except OSError as error:
            raise PermanentFailure(
                f"the Kaggle client could not make its configuration folder: {error.filename}",
                "set KAGGLE_CONFIG_DIR to a folder that can be written to",
            ) from error


def _without_signature(record: logging.LogRecord) -> bool:
    """Cut the signature off addresses that the HTTP library logs at level DEBUG."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.split("?")[0] if isinstance(arg, str) and "Signature=" in arg else arg
            for arg in record.args
        )
    return True


def _require_safe(policy: Policy, first: str, url: str) -> None:
    """Refuse a redirect of Kaggle's that leads to a private address, or away from encryption.

    Args:
        policy: where the client may go.
        first: the first address that it asked, which is the one that was set.
        url: the next one.

    Raises:
        PermanentFailure: it may not be asked.
    """
    began, parts = urlsplit(first), urlsplit(url)
    policy.trust(began.hostname or "")
    cure = "try again later; if it stays so, look at the network: a proxy may answer for Kaggle"
    if began.scheme == "https" and parts.scheme != "https":
        raise PermanentFailure(
            f"Kaggle leads to an address without encryption on {parts.hostname}, which is not "
            "followed",
            cure,
        )
    try:
        policy.allowed(parts.hostname or "", parts.port or 443)
    except PrivateAddress as private:
        raise PermanentFailure(
            f"Kaggle leads to {private.host}, which is a private address ({private.address}), and "
            "is not followed",
            f"{cure}; name that host in ECOMMERCE_PRIVATE_REDIRECTS if you trust it",
        ) from None
    except OSError:
        return  # a proxy may know the name; else connecting says that there is no such host


@functools.cache
def _load_client_type() -> Any:
    logging.getLogger("urllib3.connectionpool").addFilter(_without_signature)
    from kaggle.api.kaggle_api_extended import KaggleApi
    from requests.adapters import HTTPAdapter

    class Patient(HTTPAdapter):
        """Gives every request a time limit, which the client does not, and follows safely."""

        def __init__(self, timeout: tuple[float, float], policy: Policy) -> None:
            super().__init__()
            self._timeout, self._policy = timeout, policy
            self._first = ""

        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            self._first = self._first or request.url
            _require_safe(self._policy, self._first, request.url)
            kwargs["timeout"] = kwargs.get("timeout") or self._timeout
            return super().send(request, *args, **kwargs)

    class Client(KaggleApi):  # type: ignore[misc]
        # With VERBOSE set in the environment the client prints its headers, and so the key.
        args: ClassVar[list[str]] = [
            argument for argument in KaggleApi.args if argument != "--verbose"
        ]

        def __init__(self, login: KaggleLogin) -> None:
            super().__init__()
            self._login = login
            self.config_dir = str(login.folder())
            self.config = str(login.folder() / self.config_file)
            self.config_values: dict[str, str] = {}

        def build_kaggle_client(self) -> Any:
            with _aimed(self._login.endpoint):
                client = super().build_kaggle_client()
            http = client.http_client()
            http.__enter__()
            timeouts = (self._login.connect_timeout_s, self._login.read_timeout_s)
            patient = Patient(timeouts, Policy(self._login.private_hosts))
            for scheme in ("https://", "http://"):
                http._session.mount(scheme, patient)
            user = self.config_values.get(self.CONFIG_NAME_USER)
            key = self.config_values.get(self.CONFIG_NAME_KEY)
            if user and key and not self.config_values.get(self.CONFIG_NAME_TOKEN):
                # Otherwise a token that lies in ~/.kaggle would win over the pair we were given.
                http._session.auth = (user, key)
            return client

        def get_response_processor(self) -> None:
            """No processor: the client's own prints that a newer version exists."""

    return Client
