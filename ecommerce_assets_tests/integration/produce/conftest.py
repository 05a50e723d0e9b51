"""A real broker, and the command that writes to it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecommerce_assets_tests.support.servers.kafka import KafkaServer

LONGEST_S = 120
_PREFIXES = (f"of-test-{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    with KafkaServer(tmp_path_factory.mktemp("broker")) as running:
        yield running


@dataclass
class Command:
    """`ecommerce stream produce`, with topics of its own.

    Attributes:
        server: where it writes to.
        home: of the lakehouse.
        prefix: of its topics.
    """

    server: KafkaServer
    home: Path
    prefix: str

    def start(
        self, *arguments: object, verb: str = "produce", **variables: str
    ) -> subprocess.Popen[str]:
        """Start it, or another command on streams, which gets no prefix."""
        environment = {name: value for name, value in os.environ.items() if name[:5] != "KAFKA"}
        environment |= {
            "ECOMMERCE_HOME": str(self.home),
            "KAFKA_BOOTSTRAP_SERVERS": self.server.address,
            **variables,
        }
        words = ["stream", verb, *map(str, arguments)]
        words += ["-p", self.prefix] if verb == "produce" else []
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("ecommerce")), *words],
            env=environment,
            cwd=self.home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self, *arguments: object, verb: str = "produce", **variables: str
    ) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        process = self.start(*arguments, verb=verb, **variables)
        output, errors = process.communicate(timeout=LONGEST_S)
        assert "Traceback" not in output + errors
        return process.returncode, output, errors

    def topic(self, name: str) -> str:
        return f"{self.prefix}_{name}"


@pytest.fixture
def command(server: KafkaServer, tmp_path: Path) -> Command:
    return Command(server, tmp_path, next(_PREFIXES))
