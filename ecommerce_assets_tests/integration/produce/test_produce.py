"""`ecommerce stream produce` sends the records of its seed, each once, and says what arrived."""

from __future__ import annotations

import io
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.simulation.datagen.avro import AvroMessages, schemas
from ecommerce_assets.simulation.datagen.records import Record, Records
from ecommerce_assets.simulation.datagen.specification import read_specification
from ecommerce_assets_tests.integration.produce.conftest import LONGEST_S, Command

DOCUMENT: list[dict[str, Any]] = [
    {
        "_meta": {
            "topic": "baskets",
            "key": "id",
            "relationships": [
                {"topic": "lines", "parent_field": "ids", "child_field": "id", "records_per": 1}
            ],
        },
        "id": "iteration.index",
        "by": "faker.person.fullName()",
        "ids": "faker.helpers.multiple((_, i) => i + 1, {count: 3})",
    },
    {"_meta": {"topic": "lines", "key": "id"}, "id": "-", "price": "faker.commerce.price()"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "baskets.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def expected(file: Path, command: Command, number: int, **options: Any) -> list[Record]:
    made = Records(read_specification(file), seed=5, prefix=command.prefix, **options)
    return [*made.upto(number)]


def arrived(command: Command) -> list[tuple[str, bytes | None, bytes | None]]:
    """What the topics have, in the order of their partitions and offsets."""
    names = [command.topic(name) for name in ("baskets", "lines")]
    return [(n, each.key, each.value) for n in names for each in command.server.messages(n)]


def test_every_record_of_the_seed_arrives_once(file: Path, command: Command) -> None:
    code, output, _ = command.run(file, "-n", 250, "--seed", 5)
    sent = [(r.topic, (r.key or "").encode(), r.as_json()) for r in expected(file, command, 250)]
    assert code == 0
    assert sorted(arrived(command)) == sorted(sent)  # type: ignore[type-var]
    assert "1,000 messages arrived" in output and "Made the topics" in output


def test_records_of_a_key_arrive_in_their_order(file: Path, command: Command) -> None:
    command.run(file, "-n", 100, "--seed", 5)
    topic = command.topic("lines")
    for key in (b"1", b"2", b"3"):
        found = [(m.partition, m.value) for m in command.server.messages(topic) if m.key == key]
        records = [r for r in expected(file, command, 100) if r.topic == topic]
        assert [v for _, v in found] == [r.as_json() for r in records if r.key == key.decode()]
        assert len({partition for partition, _ in found}) == 1


def test_a_run_goes_on_where_another_ended(file: Path, command: Command) -> None:
    command.run(file, "-n", 3, "--seed", 5)
    code, output, _ = command.run(file, "-n", 4, "--seed", 5, "--first", 3)
    sent = sorted(r.as_json() for r in expected(file, command, 7))
    assert (code, sorted(value or b"" for _, _, value in arrived(command))) == (0, sent)
    assert "Made the topics" not in output


def test_a_dry_run_prints_the_records_and_sends_nothing(file: Path, command: Command) -> None:
    code, output, errors = command.run(
        file, "-n", 2, "--seed", 5, "--dry-run", KAFKA_BOOTSTRAP_SERVERS=""
    )
    printed = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert printed == [vars(record) for record in expected(file, command, 2)]
    assert "Nothing was sent." in errors and "--seed 5" in errors
    assert arrived(command) == []


def test_a_seed_by_chance_is_said_and_makes_the_same_records(file: Path, command: Command) -> None:
    _, first, said = command.run(file, "-n", 2, "--dry-run")
    seed = said.split("--seed ")[1].split()[0]
    assert command.run(file, "-n", 2, "--dry-run", "--seed", seed)[1] == first
    assert command.run(file, "-n", 2, "--dry-run")[1] != first


def test_avro_messages_can_be_read_with_the_schema_that_is_printed(
    file: Path, command: Command
) -> None:
    fastavro = pytest.importorskip("fastavro")
    options = ("-n", 2, "--seed", 5, "--format", "avro", "-rs", 10)
    code, output, _ = command.run(file, *options, "-d")
    documents = [json.loads(line) for line in output.splitlines()]
    printed = {each["topic"]: each["schema"] for each in documents if "schema" in each}
    records = expected(file, command, 2, record_size=10)
    known = schemas(read_specification(file), prefix=command.prefix, record_size=10)
    assert (code, printed) == (0, known)
    assert [each["value"] for each in documents if "value" in each] == [r.value for r in records]
    encode = AvroMessages(known).encode
    assert sorted(value or b"" for *_, value in arrived(command)) == sorted(map(encode, records))
    for topic, _, value in arrived(command):
        body = io.BytesIO((value or b"")[10:])
        assert fastavro.schemaless_reader(body, printed[topic])["recordSizePayload"]


@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGTERM])
def test_an_endless_run_ends_with_a_word_and_keeps_what_it_sent(
    signo: signal.Signals, file: Path, command: Command
) -> None:
    process = command.start(file, "-n", -1, "-w", 20, "--seed", 5)
    until = time.monotonic() + LONGEST_S
    while len(arrived(command)) < 40 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signo)
    output, errors = process.communicate(timeout=LONGEST_S)

    assert process.returncode == 0, output + errors
    assert "Traceback" not in output + errors
    first = int(output.split("--first ")[1].split()[0])
    found = arrived(command)
    assert first >= 10 and f"{len(found):,} messages arrived" in output
    whole = {(r.key, r.as_json()) for r in expected(file, command, first)}
    assert whole <= {((key or b"").decode(), value) for _, key, value in found}


def test_a_run_with_an_end_that_is_interrupted_is_not_done(file: Path, command: Command) -> None:
    process = command.start(file, "-n", 100_000, "-w", 20)
    while not arrived(command) and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 128 + signal.SIGINT
    assert "Ended before it was done" in output and "Traceback" not in output + errors


def test_topics_are_deleted_on_demand_alone(file: Path, command: Command) -> None:
    command.run(file, "-n", 1)
    code, output, errors = command.run(file, "-c", "--dry-run")
    assert (code, "Nothing was deleted" in output + errors) == (0, True)
    assert len(arrived(command)) == 4
    code, output, _ = command.run(file, "-c")
    assert (code, arrived(command)) == (0, [])
    assert f"Deleted: {command.topic('baskets')}, {command.topic('lines')}" in output
    assert "nothing" in command.run(file, "-c")[1]


def test_a_record_that_is_too_large_is_said(file: Path, command: Command) -> None:
    code, output, _ = command.run(file, "-n", 1, "-rs", 3_000_000)
    assert code == 1
    assert "a message is larger than the broker" in output and "What to do: send smaller" in output


@pytest.mark.parametrize("options", [[], ["-c"]])
def test_a_broker_elsewhere_is_not_written_to_without_a_word(
    options: list[str], file: Path, command: Command
) -> None:
    servers = f"{command.server.address},PLAINTEXT://kafka.example.org:9092"
    code, output, _ = command.run(file, *options, KAFKA_BOOTSTRAP_SERVERS=servers)
    assert code == 1
    assert "another machine (kafka.example.org)" in output and "--remote" in output


def test_a_broker_that_is_not_there_is_named(file: Path, command: Command) -> None:
    code, output, _ = command.run(file, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert code == 1
    assert "127.0.0.1:1" in output and "What to do: start it" in output


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("faker.person.fullNam()", "the field by is 'faker.person.fullNam()', and there is no"),
        ("require('fs')", "the field by is \"require('fs')\", and no relation sets it"),
    ],
)
def test_a_file_that_is_not_in_the_language_is_refused(
    field: str, said: str, file: Path, command: Command
) -> None:
    document = [DOCUMENT[0] | {"by": field}, DOCUMENT[1]]
    file.write_text(json.dumps(document))
    code, output, _ = command.run(file)
    assert code == 1
    assert said in output and "What to do:" in output
    assert arrived(command) == []
