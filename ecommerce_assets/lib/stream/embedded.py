"""A small broker for laptops, the demo and tests.

Belongs here: starting and stopping one, in a folder of its own, on the loopback interface. Stays
out: who writes to it and reads from it. It has one node, no TLS, no accounts and no schema
registry; a real shop runs Apache Kafka (`docs/deploy.md`).
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from importlib.resources import files
from pathlib import Path

from ecommerce_assets.lib.failures import PermanentFailure, SettingMissing

HOST = "127.0.0.1"
_STARTS_WITHIN_S = 20.0
#: It writes what it holds to its folder about a second after a change, and when it is told to end.
_ENDS_WITHIN_S = 20.0


class EmbeddedBroker:
    """A broker in a process of its own; a context manager."""

    def __init__(self, folder: Path, port: int) -> None:
        """Describe it.

        Args:
            folder: where it keeps its topics.
            port: on the loopback interface.

        Raises:
            SettingMissing: the package that brings it is not installed.
        """
        try:
            self._program = Path(str(files("noida_db") / "noida-db"))
        except ModuleNotFoundError as error:
            raise SettingMissing(
                "the embedded broker is not installed",
                "install the project with its extra `demo`, or set KAFKA_BOOTSTRAP_SERVERS to a "
                "broker that runs",
            ) from error
        self.folder, self.port = folder, port
        self.address = f"{HOST}:{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> EmbeddedBroker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            PermanentFailure: it does not come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        # The program itself: the package's own command does not pass a signal on.
        self._program.chmod(self._program.stat().st_mode | 0o100)
        ports = ("--only", "kafka", "--kafka-port", str(self.port))
        with (self.folder / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._program), "start", "--data-dir", str(self.folder), *ports],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _STARTS_WITHIN_S
        while self.process.poll() is None and time.monotonic() < until:
            try:
                with socket.create_connection((HOST, self.port), 0.2):
                    return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise PermanentFailure(
            f"the embedded broker does not come up on port {self.port}",
            f"see {self.folder / 'broker.log'}, or choose another port",
        )

    def stop(self) -> None:
        """End it; what it holds is in its folder then."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
