"""`ecommerce stream …` with a real broker: what it says, and what it ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.domains.registry import STREAMS
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets_tests.integration.stream.conftest import Stream
from ecommerce_assets_tests.support.servers.ports import free_port

COMMAND = Path(sys.executable).with_name("ecommerce")
TOPICS = len(STREAMS["orders"].topics)
GOOD = (
    b'{"id":"a%d","product_id":1,"customer_id":2,"quantity":3,"total_price":"12.30",'
    b'"created_at":"2024-12-21T04:16:54.482Z"}'
)


@pytest.fixture
def environment(broker: EmbeddedBroker, tmp_path: Path) -> dict[str, str]:
    """A home of its own, and topics of its own at the broker."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("ECOMMERCE", "KAFKA"))}
    return {
        **outside,
        "COLUMNS": "200",
        "ECOMMERCE_HOME": str(tmp_path / "home"),
        "KAFKA_BOOTSTRAP_SERVERS": broker.address,
        "ECOMMERCE_ORDERS_TOPIC_PREFIX": f"{tmp_path.name}-",
    }


def called(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(COMMAND), "stream", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def answered(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, output = called(environment, *arguments, "--json")
    found: dict[str, Any] = json.loads(output)
    assert found["exit_code"] == code
    return code, found


def test_from_no_topic_to_all_messages_in_the_lake(
    environment: dict[str, str], broker: EmbeddedBroker, tmp_path: Path
) -> None:
    assert called(environment, "lag")[0] == ExitCode.INCOMPLETE
    assert called(environment, "drain")[0] == ExitCode.INCOMPLETE
    code, made = answered(environment, "topics", "--create", "--partitions", "2")
    assert (code, len(made["made"]), len(made["topics"])) == (ExitCode.OK, TOPICS, TOPICS)
    topic = f"{tmp_path.name}-orders"
    stream = Stream(tmp_path, broker.address, topic)
    stream.send([GOOD % number for number in range(40)] + [b"junk"])

    code, behind = answered(environment, "lag")
    assert (code, behind["lag"]) == (ExitCode.INCOMPLETE, 41)
    assert "41 offsets are not in the lake yet" in called(environment, "lag")[1]
    code, drained = answered(environment, "drain", "--topic", "orders")

    assert code == ExitCode.OK
    found = drained["topics"][topic]
    names = ("received", "accepted", "quarantined", "lag")
    assert [found[name] for name in names] == [41, 40, 1, 0]
    assert found["reasons"] == {"not_json": 1}
    assert called(environment, "drain")[0] == ExitCode.OK
    assert answered(environment, "lag")[1]["lag"] == 0


def test_what_cannot_be_is_refused(environment: dict[str, str]) -> None:
    assert called(environment, "drain", "--topic", "invoices")[0] == ExitCode.USAGE
    wrong = ("accept-loss", "orders/3", "100:149", "--because", "x")
    assert called(environment, *wrong)[0] == ExitCode.USAGE
    without = {k: v for k, v in environment.items() if not k.startswith("KAFKA")}
    code, output = called(without, "lag")
    assert code == ExitCode.FAILED and "set KAFKA_BOOTSTRAP_SERVERS" in output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_broker_ends_well_when_it_is_told_to(
    environment: dict[str, str], how: signal.Signals
) -> None:
    port = str(free_port())
    running = subprocess.Popen(
        [str(COMMAND), "stream", "broker", "--port", port],
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert f"127.0.0.1:{port}" in running.stdout.readline()
    running.send_signal(how)
    output, _ = running.communicate(timeout=60)
    assert (running.returncode, "The broker is ended" in output) == (ExitCode.OK, True)
