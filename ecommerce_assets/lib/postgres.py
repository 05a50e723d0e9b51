"""Connections to PostgreSQL, what a table there looks like, and what the errors mean for the user.

Belongs here: what reading (`lib/sources/postgres.py`) and writing (`lib/outputs/postgres.py`)
share. Stays out: what is read or written. Every message is made here, because those of the client
may quote the address, which may hold a password.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    GaveUpWaiting,
    LakehouseError,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

logger = logging.getLogger(__name__)

_LATER = "see that the server runs and can be reached from here; then start this step again"
_ACCOUNT = "check user name and password in the address, and what the server's pg_hba.conf allows"
#: A server says in words alone why it lets nobody in: the protocol has no code for it by then.
_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "role ",
    "certificate verify failed",
    "does not support ssl",
)


@dataclass(frozen=True)
class Address:
    """Where a database is: `dsn` opens it, `shown` is for people and holds no secret."""

    dsn: SecretStr
    shown: str

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


@dataclass(frozen=True)
class Table:
    """A table or view as it is now.

    Attributes:
        shown: `schema.name`, for people.
        name: the same for statements, quoted.
        columns: type by column, without length or precision, in the table's order.
        exact: the same with them, such as `numeric(12,4)`.
        oid: the server's own number for it.
    """

    shown: str
    name: sql.Identifier
    columns: dict[str, str]
    exact: dict[str, str]
    oid: int

    def column(self, wanted: str) -> str | None:
        """The column of that name; upper and lower case count only where it takes them to tell."""
        if wanted in self.columns:
            return wanted
        alike = [name for name in self.columns if name.lower() == wanted.lower()]
        return alike[0] if len(alike) == 1 else None


def address(dsn: SecretStr | str) -> Address:
    """Read a connection string, `postgresql://…` or `key=value …`.

    Raises:
        PermanentFailure: it is none.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    text = dsn.get_secret_value() if isinstance(dsn, SecretStr) else dsn
    try:
        parts = conninfo_to_dict(text)
    except psycopg.Error:
        parts = {}
    if not parts:
        raise PermanentFailure(
            "the address of the PostgreSQL database cannot be read",
            "write it as postgresql://user:password@host:5432/database",
        ) from None
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    port = f":{parts['port']}" if parts.get("port") else ""
    database = parts.get("dbname") or parts.get("user") or ""
    return Address(SecretStr(text), f"postgresql://{host}{port}/{database}")


@dataclass(frozen=True)
class Patience:
    """How long a database is waited for, in seconds.

    Attributes:
        connect_s: for a connection.
        lock_s: for a lock that another session holds on a table or a row.
        statement_s: for one statement; a server that falls silent is given up then, too.
    """

    connect_s: float = 20.0
    lock_s: float = 60.0
    statement_s: float = 600.0


PATIENCE = Patience()
#: The server is given so much longer to say itself that a statement took too long.
_MARGIN_S = 5.0
#: Seconds after which waiting for an answer is told, again and again.
_TELL_S = 30.0


@functools.cache
def _patient_connection() -> type[psycopg.Connection[Any]]:
    """The client's connection, which waits for an answer no longer than it is told to."""
    import psycopg
    from psycopg.errors import _WaitTimeout

    class PatientConnection(psycopg.Connection[Any]):
        """Gives up a server that neither answers nor hangs up: its own timeouts stand still, too.

        Overrides a method of psycopg's, through which all waiting goes; a test holds it to it.
        """

        patience = PATIENCE
        shown = ""

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            longest = self.patience.statement_s + _MARGIN_S if timeout is None else timeout
            with _told(f"{self.shown} has not answered"):
                try:
                    return super().wait(gen, interval, longest)
                except _WaitTimeout:
                    if timeout is not None:
                        raise
                    self.pgconn.finish()
                    silent = _silent(self.shown, longest)
            raise silent

    return PatientConnection


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say again and again how long the block has been waiting."""
    done = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        while not done.wait(_TELL_S):
            logger.warning("%s for %.0f s", what, time.monotonic() - began)

    threading.Thread(target=tell, name="postgres-wait", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _silent(shown: str, seconds: float) -> GaveUpWaiting:
    return GaveUpWaiting(
        f"{shown} took the statement and has not answered for {seconds:.0f} s",
        "see whether the server is stopped or overloaded; then start this step again. "
        "ECOMMERCE_POSTGRES_TIMEOUT_S is how long a statement may take",
    )


def connect(where: Address, patience: Patience = PATIENCE) -> psycopg.Connection[Any]:
    """Open a connection; it waits for nothing longer than it has to.

    What the address itself sets (`connect_timeout`, `options`) counts more.

    Raises:
        CredentialsRefused, PermanentFailure: the server does not let this user in.
        TransientFailure: the server cannot be reached, or takes nobody in now.
    """
    from psycopg.conninfo import conninfo_to_dict

    usual: dict[str, Any] = {
        "connect_timeout": max(int(patience.connect_s), 2),
        "application_name": "ecommerce-lakehouse",
        "client_encoding": "UTF8",
        # A server that vanished without a word is noticed after two minutes.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 9,
        "tcp_user_timeout": 120_000,
    }
    with postgres_errors(where):
        dsn = where.dsn.get_secret_value()
        given = conninfo_to_dict(dsn)
        connection = _patient_connection().connect(
            dsn, **{k: v for k, v in usual.items() if k not in given}
        )
        connection.patience, connection.shown = patience, where.shown  # type: ignore[attr-defined]
        if "options" not in given:
            # Not as an option of the connection: a pooler in between refuses these.
            limits = {"lock_timeout": patience.lock_s, "statement_timeout": patience.statement_s}
            for name, seconds in limits.items():
                connection.execute(
                    "select set_config(%s, %s, false)", [name, f"{seconds * 1000:.0f}ms"]
                )
            connection.commit()
        return connection


def describe(connection: psycopg.Connection[Any], table: str) -> Table | None:
    """A table or view by its name, `schema.table`, quoted as in SQL where need be; None if missing.

    Raises:
        psycopg.Error: see `postgres_errors`.
    """
    found = connection.execute(
        """
        select c.oid::bigint, n.nspname, c.relname
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = to_regclass(%s)
        """,
        [table],
    ).fetchone()
    if found is None:
        return None
    oid, schema, name = found
    columns = connection.execute(
        """
        select attname, format_type(atttypid, null), format_type(atttypid, atttypmod)
        from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attnum
        """,
        [oid],
    ).fetchall()
    return Table(
        f"{schema}.{name}",
        identifier(schema, name),
        {column: kind for column, kind, _ in columns},
        {column: exact for column, _, exact in columns},
        oid,
    )


def identifier(*names: str) -> sql.Identifier:
    """A quoted name for a statement that takes parameters, in which `%` has a meaning."""
    from psycopg import sql

    return sql.Identifier(*(name.replace("%", "%%") for name in names))


@contextmanager
def postgres_errors(where: Address, what: str = "") -> Iterator[None]:
    """Turn the client's errors in the block into the project's own, without their texts.

    Args:
        where: the database.
        what: the table the block is about, for messages.

    Raises:
        CredentialsRefused: wrong user or password.
        SourceMissing: no such database or table.
        PermanentFailure: no permission, or a statement that cannot work.
        TransientFailure: the server, the way to it, or another transaction is at fault.
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        failure = _explained(error, where, f"{where.shown} {what}".strip())
    else:
        return
    # Outside of the handler: the client's text is not attached as the failure's context.
    raise failure


def _explained(error: Any, where: Address, place: str) -> LakehouseError:
    import psycopg

    code = error.sqlstate or ""
    if not code and isinstance(error, psycopg.OperationalError):
        return _not_connected(str(error).lower(), where)
    if code.startswith("28"):
        return CredentialsRefused(f"{where.shown} does not let this user in", _ACCOUNT)
    if code == "3D000":
        return _no_database(where)
    if code == "42501":
        return PermanentFailure(
            f"this user has no permission for {place}",
            "grant it SELECT on what is read; USAGE and CREATE on the schema of what is written",
        )
    if code in ("42P01", "3F000", "42602"):
        return SourceMissing(f"there is no such table: {place}", "check the setting of its name")
    if code == "55P03":
        return GaveUpWaiting(
            f"another session holds a lock on {place}, and did not let it go in time",
            "see pg_stat_activity for who holds it, end that session or wait for it, then start "
            "this step again. ECOMMERCE_POSTGRES_LOCK_TIMEOUT_S is how long it is waited for",
        )
    if code == "57014":
        return GaveUpWaiting(
            f"{place} did not end a statement in time, or somebody cancelled it",
            "see what slows the server down, for instance a missing index; or set "
            "ECOMMERCE_POSTGRES_TIMEOUT_S higher. Then start this step again",
        )
    # Shutting down, out of connections or locks, two transactions in each other's way.
    if code[:2] in ("08", "40", "53", "55", "57", "58"):
        kind = type(error).__name__
        return TransientFailure(f"{place} does not serve this now ({kind}, {code})", _LATER)
    said = error.diag.message_primary or type(error).__name__
    return PermanentFailure(
        f"{place} refuses the statement: {said} ({code or 'no code'})",
        "compare the table's columns and types with what this step expects",
    )


def _not_connected(text: str, where: Address) -> LakehouseError:
    if "database" in text and "does not exist" in text:
        return _no_database(where)
    if any(words in text for words in _REFUSALS):
        return CredentialsRefused(f"{where.shown} does not let this user in", _ACCOUNT)
    reasons = {
        "refused": "refuses the connection",
        "timeout": "does not answer in time",
        "resolve": "has a host name that cannot be resolved",
        "too many clients": "has no connection left",
        "starting up": "is starting up",
        "shutting down": "is shutting down",
    }
    reason = next(
        (said for words, said in reasons.items() if words in text), "broke the connection"
    )
    return TransientFailure(f"{where.shown} {reason}", _LATER)


def _no_database(where: Address) -> SourceMissing:
    return SourceMissing(
        f"the server has no such database: {where.shown}",
        "check the database's name in the address",
    )
