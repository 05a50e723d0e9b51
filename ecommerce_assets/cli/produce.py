"""`ecommerce stream produce` and `simulate`: made-up messages into topics.

Belongs here: the commands and what they print. Stays out: making messages (`simulation/`), sending
them (`lib/stream/producer.py`), the other commands on streams (`stream.py`).
"""

from __future__ import annotations

import importlib.util
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from ecommerce_assets.cli.terminal import friendly_errors, read_settings
from ecommerce_assets.domains.registry import STREAMS
from ecommerce_assets.domains.streams import KafkaSettings
from ecommerce_assets.lib.failures import PermanentFailure, WrongCall
from ecommerce_assets.lib.stream.producer import Producer, hosts_elsewhere
from ecommerce_assets.lib.stream.topics import delete_topics, make_topics
from ecommerce_assets.lib.text.console import console
from ecommerce_assets.simulation.datagen.avro import AvroMessages, schemas
from ecommerce_assets.simulation.datagen.records import ENDLESS, Record, Records
from ecommerce_assets.simulation.datagen.refusal import SpecificationRefused
from ecommerce_assets.simulation.datagen.specification import Specification, read_specification

Encode = Callable[[Record], bytes]


class Format(Enum):
    """How a record is written."""

    json = "json"
    avro = "avro"


Target = Annotated[
    Path, typer.Argument(help="A file of record specifications.", show_default=False)
]
Number = Annotated[
    int, typer.Option("-n", "--number", min=-1, help="Iterations of the file; -1: until Ctrl-C.")
]
Wait = Annotated[
    int, typer.Option("-w", "--wait", min=0, help="Milliseconds between two iterations.")
]
Prefix = Annotated[
    str, typer.Option("-p", "--prefix", help="Stands before the topics' names, with a _ between.")
]
Clean = Annotated[
    bool, typer.Option("-c", "--clean", help="Delete the topics of the file, and send nothing.")
]
Debug = Annotated[bool, typer.Option("-d", "--debug", help="Print every record, and the schemas.")]
RecordSize = Annotated[
    int, typer.Option("-rs", "--record-size", min=0, help="Bytes that are added to each record.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", "-dr", help="Print the records, and send nothing.")
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, help="Equal seeds give equal records.", show_default="by chance"),
]
First = Annotated[int, typer.Option(min=0, help="The iteration to begin with.")]
Written = Annotated[Format, typer.Option("-f", "--format", help="How records are written.")]
Partitions = Annotated[int, typer.Option(min=1, help="Partitions of a topic that is not there.")]
Remote = Annotated[
    bool, typer.Option("--remote", help="Write to a broker that is not on this machine.")
]


@dataclass(frozen=True)
class Making:
    """What is made: the records of some iterations.

    Attributes:
        records: all of them.
        encode: writes one.
        schemas: those of Avro by topic; none for JSON.
        first: the first iteration.
        number: how many; `ENDLESS` for all.
    """

    records: Records
    encode: Encode
    schemas: dict[str, Any]
    first: int
    number: int

    def iterations(self) -> Iterable[int]:
        """The numbers of the iterations."""
        number = self.first
        while self.number == ENDLESS or number < self.first + self.number:
            yield number
            number += 1


def produce(
    specification: Target,
    number: Number = 10,
    wait: Wait = 0,
    prefix: Prefix = "",
    clean: Clean = False,
    debug: Debug = False,
    record_size: RecordSize = 0,
    dry_run: DryRun = False,
    seed: Seed = None,
    first: First = 0,
    written: Written = Format.json,
    partitions: Partitions = 4,
    remote: Remote = False,
) -> None:
    """Send made-up records to a broker, from a file in the language of `datagen`.

    Topics that are missing are made. Nothing of a file is executed. Records that are printed are
    one JSON document a line; sentences then go to standard error.

    Exit codes: 0 where the broker took all records, or Ctrl-C ended an endless run; 1 where the
    file is not in the language, or the broker did not take all; 2 where called wrongly.
    """
    with friendly_errors(), _refusals(), _sentences_apart(dry_run or debug):
        found = read_specification(specification)
        if clean:
            _clean(found, prefix, dry_run, remote)
            return
        chosen = secrets.randbelow(2**31) if seed is None else seed
        making = _making(found, chosen, prefix, record_size, first, number, written)
        console.print(f"Seed {chosen}; for the same records again: --seed {chosen}")
        if debug:
            for topic, schema in making.schemas.items():
                _line({"topic": topic, "schema": schema})
        if dry_run:
            _print_all(making, wait)
        else:
            _send_all(making, _config(remote), wait, partitions, debug)


def simulate(
    domain: Annotated[str, typer.Argument(help="A domain whose data come as a stream.")],
    number: Annotated[int, typer.Option("-n", "--number", help="Messages of all topics.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal messages.")] = 42,
    partitions: Partitions = 4,
    remote: Remote = False,
) -> None:
    """Send the simulated stream of a domain, with its planted faults, to the domain's topics.

    The same stream sent twice is a stream of doubles: `ecommerce stream topics` says what is there.

    Exit codes: 0 where the broker took all messages; 1 where it did not; 2 where called wrongly.
    """
    with friendly_errors():
        known = {name for name, each in STREAMS.items() if each.simulated}
        found = STREAMS.get(domain)
        if found is None or found.simulated is None:
            raise WrongCall(
                f"{domain!r} is not a domain with a simulated stream",
                f"use one of the known: {', '.join(sorted(known))}",
            )
        _require("faker", "makes names and addresses")
        settings, config = read_settings(), _config(remote)
        try:
            messages = found.simulated(seed, number)
        except ValueError as error:
            raise WrongCall(str(error), "see ecommerce stream simulate --help") from error
        names = {topic.name: found.named(topic, settings) for topic in found.topics}
        with _sending(config, names.values(), partitions) as producer:
            for each in messages:
                producer.send(names[each.topic], each.key, each.value, at_ms=each.at_ms)


def _making(
    found: Specification,
    seed: int,
    prefix: str,
    record_size: int,
    first: int,
    number: int,
    written: Format,
) -> Making:
    """The records that are asked for.

    Raises:
        PermanentFailure: a library that makes or writes them is not installed.
    """
    _require("faker", "makes names and addresses")
    records = Records(found, seed=seed, prefix=prefix, record_size=record_size)
    if written is Format.json:
        return Making(records, Record.as_json, {}, first, number)
    _require("fastavro", "writes Avro")
    known = schemas(found, prefix=prefix, record_size=record_size)
    return Making(records, AvroMessages(known).encode, known, first, number)


def _require(library: str, does: str) -> None:
    if importlib.util.find_spec(library) is None:
        raise PermanentFailure(
            f"the library {library}, which {does}, is not installed", "run: make install-demo"
        )


def _config(remote: bool) -> dict[str, Any]:
    """The client's settings.

    Raises:
        PermanentFailure: the broker is not on this machine, and `remote` is not given.
    """
    config = read_settings().of(KafkaSettings).client()
    elsewhere = hosts_elsewhere(str(config["bootstrap.servers"]))
    if elsewhere and not remote:
        raise PermanentFailure(
            f"the broker is on another machine ({', '.join(elsewhere)}), where made-up records may "
            "not be wanted",
            "give --remote if they are, or set KAFKA_BOOTSTRAP_SERVERS to a broker on this machine",
        )
    return config


def _clean(found: Specification, prefix: str, dry_run: bool, remote: bool) -> None:
    """Delete the topics of a file."""
    names = [f"{prefix}_{topic.name}" if prefix else topic.name for topic in found.topics]
    if dry_run:
        console.print(f"Nothing was deleted; without --dry-run: {', '.join(names)}")
        return
    gone = delete_topics(_config(remote), names)
    console.print(f"Deleted: {', '.join(gone) or 'nothing; the broker has none of the topics'}.")


def _print_all(making: Making, wait: int) -> None:
    """Print the records, and send nothing."""
    for number in making.iterations():
        for record in making.records.of(number):
            making.encode(record)  # what cannot be written is found here, too
            _line({"topic": record.topic, "key": record.key, "value": record.value})
        time.sleep(wait / 1_000)
    console.print("Nothing was sent.")


def _send_all(
    making: Making, config: dict[str, Any], wait: int, partitions: int, debug: bool
) -> None:
    """Send the records, and say what arrived."""
    goes_on = making.first
    try:
        with _sending(config, making.records.topics, partitions) as producer:
            for number in making.iterations():
                for record in making.records.of(number):
                    producer.send(record.topic, record.key, making.encode(record))
                    if debug:
                        _line({"topic": record.topic, "key": record.key, "value": record.value})
                goes_on = number + 1
                producer.pause(wait / 1_000)
    except KeyboardInterrupt:
        console.print(f"Ended by Ctrl-C; to go on: --first {goes_on}")
        if making.number != ENDLESS:
            raise


@contextmanager
def _sending(config: dict[str, Any], topics: Iterable[str], partitions: int) -> Iterator[Producer]:
    """A producer for topics, which are made where they are missing; says what arrived."""
    began = time.monotonic()
    made = make_topics(config, topics, partitions=partitions, retention_ms=-1)
    if made:
        console.print(f"Made the topics {', '.join(made)}.")
    producer = Producer(config)
    try:
        with producer:
            yield producer
    finally:
        took, total = time.monotonic() - began, producer.delivered.total()
        for topic, count in producer.delivered.items():
            console.print(f"{topic}: {count:,} arrived")
        console.print(
            f"{total:,} messages arrived at {config['bootstrap.servers']} in {took:.1f} s"
        )


def _line(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))


@contextmanager
def _sentences_apart(wanted: bool) -> Iterator[None]:
    """Print sentences to standard error, where standard output holds documents."""
    before = console.file
    if wanted:
        console.file = sys.stderr
    try:
        yield
    finally:
        console.file = before


@contextmanager
def _refusals() -> Iterator[None]:
    """Say of a specification what is wrong, as of any other failure."""
    try:
        yield
    except SpecificationRefused as refused:
        raise PermanentFailure(refused.message, refused.cure) from refused
