"""`ecommerce stream …`: a broker for the laptop, topics, and what the lake has of them.

Belongs here: the commands on streams. Stays out: reading and publishing (`lib/stream/`), which
topics there are (`domains/`).
"""

from __future__ import annotations

import re
import time
from typing import Annotated

import typer
from rich.text import Text

from ecommerce_assets.cli.answer import AsJson, answering
from ecommerce_assets.cli.frame import require_free_port
from ecommerce_assets.cli.terminal import read_settings
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import STREAMS
from ecommerce_assets.domains.streams import KafkaSettings, StreamDomain, Topic
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import LakehouseError, SourceMissing, WrongCall
from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import Drained, accept_loss, drain_topic, lanes_of
from ecommerce_assets.lib.stream.embedded import EmbeddedBroker
from ecommerce_assets.lib.stream.plan import Lane, next_range
from ecommerce_assets.lib.stream.topics import make_topics
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.lib.text.listing import Column, Listing, show
from ecommerce_assets.settings import Settings

stream_app = typer.Typer(
    help="Topics of a broker, and what the lake has of them.", no_args_is_help=True
)

#: The port of the embedded broker: that of Kafka's own examples.
PORT = 19092
SomeTopic = Annotated[
    str | None, typer.Option("--topic", help="Only this topic, without its prefix.")
]


@stream_app.command()
def broker(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = PORT,
) -> None:
    """Run a small Kafka broker on this machine, for trying things; Ctrl-C ends it.

    It listens on the loopback interface alone and keeps its topics in the home.

    Exit codes: 0 where Ctrl-C or SIGTERM ended it; 1 where it ended by itself.
    """
    require_free_port("127.0.0.1", port, "stream broker")
    folder = read_settings().home / "broker"
    with EmbeddedBroker(folder, port) as running:
        try:
            console.print(f"A Kafka broker runs at {running.address}; its topics are in {folder}.")
            console.print(f"In another terminal: export KAFKA_BOOTSTRAP_SERVERS={running.address}")
            while running.process is not None and running.process.poll() is None:
                time.sleep(0.2)
        except KeyboardInterrupt:
            console.print(f"The broker is ended; its topics stay in {folder}.")
            return
    raise LakehouseError("the broker ended by itself", f"see {folder / 'broker.log'}")


@stream_app.command()
def topics(
    create: Annotated[bool, typer.Option("--create", help="Make those that are missing.")] = False,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of a new topic.")] = 4,
    retention_hours: Annotated[
        int, typer.Option(min=-1, help="How long a new topic keeps messages; -1: for ever.")
    ] = -1,
    as_json: AsJson = False,
) -> None:
    """List the topics of all streams and what the broker has of them.

    Exit codes: 0 where all topics exist; 1 where the broker does not answer; 3 where one is
    missing.
    """
    with answering("stream topics", as_json=as_json) as answer:
        settings = read_settings()
        config = settings.of(KafkaSettings).client()
        wanted = [(domain, topic) for domain in STREAMS.values() for topic in domain.topics]
        if create:
            keep = -1 if retention_hours < 0 else retention_hours * 3_600_000
            names = [domain.named(topic, settings) for domain, topic in wanted]
            made = make_topics(config, names, partitions=partitions, retention_ms=keep)
            answer.data["made"] = made
            if not as_json:
                console.print(f"Made: {', '.join(made) or 'none; all were there'}.")
        with Broker(config) as found:
            offered = {n: found.partitions(n) for n in (d.named(t, settings) for d, t in wanted)}
        answer.data["topics"] = {
            name: {str(p): {"low": m.low, "high": m.high} for p, m in marks.items()}
            for name, marks in offered.items()
        }
        missing = [name for name, marks in offered.items() if not marks]
        if missing:
            answer.note(ExitCode.INCOMPLETE)
        if as_json:
            return
        columns = [
            Column("topic"),
            Column("partitions", number=True),
            Column("messages", number=True),
        ]
        rows = [
            (name, str(len(marks)), f"{sum(m.high - m.low for m in marks.values()):,}")
            for name, marks in offered.items()
            if marks
        ]
        note = "Offsets from the oldest to the newest; markers of transactions count, too."
        show(
            console,
            Listing(f"Topics at {config['bootstrap.servers']}", columns, list(rows), [note]),
        )
        if missing:
            console.print(bad(f"There is no topic {', '.join(missing)}."))
            console.print("What to do: make them: ecommerce stream topics --create")


@stream_app.command()
def lag(as_json: AsJson = False) -> None:
    """How far the lake is behind each topic.

    Exit codes: 0 where it has everything; 1 where the broker does not answer, or messages were
    lost; 3 where the lake is behind, or a topic is missing.
    """
    with answering("stream lag", as_json=as_json) as answer:
        settings = read_settings()
        lake = lake_of(settings)
        rows: list[tuple[str, ...]] = []
        problems: list[str] = []
        answer.data["lanes"], behind = [], 0
        with Broker(settings.of(KafkaSettings).client()) as found:
            for domain, topic in _all_topics():
                name = domain.named(topic, settings)
                lanes = lanes_of(found, lake, topic.contract, name)
                if not lanes:
                    problems.append(f"there is no topic {name}")
                    answer.note(ExitCode.INCOMPLETE)
                for lane in lanes:
                    problem = _problem(lane)
                    if problem:
                        problems.append(problem.message)
                        answer.note(ExitCode.FAILED)
                    behind += lane.lag
                    answer.data["lanes"].append(_document(lane, problem))
                if lanes:
                    rows.append((name, *_figures(lanes)))
        answer.data["lag"] = behind
        if behind:
            answer.note(ExitCode.INCOMPLETE)
        if as_json:
            return
        titles = ("partitions", "offered", "in the lake", "lag")
        columns = [Column("topic"), *(Column(title, number=True) for title in titles)]
        show(console, Listing("Topics and the lake", columns, list(rows)))
        for problem_text in problems:
            console.print(bad(problem_text))
        if behind:
            console.print(f"{behind:,} offsets are not in the lake yet: ecommerce stream drain")


@stream_app.command()
def drain(topic: SomeTopic = None, as_json: AsJson = False) -> None:
    """Bring the messages that are there now into the lake.

    Exit codes: 0 where the lake then has all of them; 1 where a topic failed; 3 where messages came
    meanwhile, or a topic is missing.
    """
    with answering("stream drain", as_json=as_json) as answer:
        settings = read_settings()
        chosen = _chosen(topic)
        drained: dict[str, Drained] = {}
        failures: list[LakehouseError] = []
        answer.data["topics"] = {}
        with Broker(settings.of(KafkaSettings).client()) as found:
            for domain, each in chosen:
                name = domain.named(each, settings)
                try:
                    if not found.partitions(name):
                        raise SourceMissing(
                            f"there is no topic {name}", "make it: ecommerce stream topics --create"
                        )
                    done = drain_one(found, settings, domain, each)
                except LakehouseError as error:
                    failures.append(error)
                    answer.data["topics"][name] = {"error": error.message, "cure": error.cure}
                    continue
                drained[name], answer.data["topics"][name] = done, _summary(done)
                failures += [error for _, error in done.failures]
                if done.lag:
                    answer.note(ExitCode.INCOMPLETE)
        if not as_json:
            _say_drained(drained)
        for failure in failures:
            missing = isinstance(failure, SourceMissing)
            answer.note(ExitCode.INCOMPLETE if missing else ExitCode.FAILED)
            console.print(bad(failure.message))
            console.print(f"What to do: {failure.cure}")


def drain_one(found: Broker, settings: Settings, domain: StreamDomain, topic: Topic) -> Drained:
    """Drain one topic, as the settings say."""
    own, contract = settings.of(domain.settings), topic.contract
    return drain_topic(
        found,
        lake_of(settings),
        contract,
        domain.named(topic, settings),
        batch=own.batch,
        memory_limit=settings.memory_limit,
    )


@stream_app.command("accept-loss")
def stream_accept_loss(
    lane: Annotated[str, typer.Argument(help="Topic and partition, e.g. orders/3.")],
    offsets: Annotated[str, typer.Argument(help="The offsets that are gone, e.g. 100-149.")],
    because: Annotated[str, typer.Option("--because", help="Why they are given up; it is kept.")],
) -> None:
    """Go on without messages that are gone from a topic; the lake says which, and why.

    Exit codes: 0; 1 where other offsets are missing, or none; 2 for an unknown topic.
    """
    with answering("stream accept-loss"):
        settings = read_settings()
        name, _, number = lane.rpartition("/")
        found_range = re.fullmatch(r"(\d+)-(\d+)", offsets)
        known = [(d, t) for d, t in _all_topics() if d.named(t, settings) == name]
        if not known or not number.isdigit() or not found_range:
            raise WrongCall(
                f"{lane} {offsets} is not a topic's partition with a range of offsets",
                "write it as: ecommerce stream accept-loss orders/3 100-149 --because REASON",
            )
        gone = Offsets(name, int(number), int(found_range[1]), int(found_range[2]) + 1)
        ((_, topic),) = known
        with Broker(settings.of(KafkaSettings).client()) as found:
            lanes = lanes_of(found, lake_of(settings), topic.contract, name)
            (mine,) = [each for each in lanes if each.partition == gone.partition]
            accept_loss(lake_of(settings), topic.contract, mine, gone, because)
        console.print(
            f"{gone.end - gone.start:,} messages of {lane} are given up ({because}). The next "
            f"drain goes on from offset {gone.end}."
        )


def _all_topics() -> list[tuple[StreamDomain, Topic]]:
    return [(domain, topic) for domain in STREAMS.values() for topic in domain.topics]


def _chosen(name: str | None) -> list[tuple[StreamDomain, Topic]]:
    """All topics, or the one of a name.

    Raises:
        WrongCall: there is none of that name.
    """
    found = [(d, t) for d, t in _all_topics() if name in (None, t.name)]
    if not found:
        listed = ", ".join(t.name for _, t in _all_topics())
        raise WrongCall(f"unknown topic {name!r}", f"use one of the known: {listed}")
    return found


def _problem(lane: Lane) -> LakehouseError | None:
    try:
        next_range(lane, 1)
    except LakehouseError as failed:
        return failed
    return None


def _document(lane: Lane, problem: LakehouseError | None) -> dict[str, object]:
    return {
        "topic": lane.topic,
        "partition": lane.partition,
        "low": lane.offered.low,
        "high": lane.offered.high,
        "next": lane.start,
        "lag": lane.lag,
        "problem": problem.message if problem else None,
    }


def _figures(lanes: list[Lane]) -> tuple[str, ...]:
    high = sum(lane.offered.high for lane in lanes)
    start = sum(lane.start for lane in lanes)
    return (str(len(lanes)), f"{high:,}", f"{start:,}", f"{sum(lane.lag for lane in lanes):,}")


def _summary(done: Drained) -> dict[str, object]:
    return {
        "segments": [key.text for key in done.segments],
        "received": done.received,
        "accepted": done.accepted,
        "quarantined": done.quarantined,
        "reasons": done.reasons,
        "unknown_fields": sorted(done.unknown_fields),
        "lag": done.lag,
        "failures": [
            {"offsets": left.text, "error": error.message, "cure": error.cure}
            for left, error in done.failures
        ],
    }


def _say_drained(found: dict[str, Drained]) -> None:
    titles = ("segments", "received", "accepted", "quarantined", "lag")
    columns = [Column("topic"), *(Column(title, number=True) for title in titles)]
    rows: list[tuple[str | Text, ...]] = []
    notes = []
    for name, done in found.items():
        numbers = (len(done.segments), done.received, done.accepted, done.quarantined, done.lag)
        rows.append((name, *(f"{number:,}" for number in numbers)))
        if done.reasons:
            said = ", ".join(f"{n:,} {reason}" for reason, n in sorted(done.reasons.items()))
            notes.append(f"{name} has in quarantine: {said}.")
        if done.unknown_fields:
            listed = ", ".join(sorted(done.unknown_fields))
            notes.append(f"{name} has fields that the contract does not know: {listed}.")
    show(console, Listing("Drained into the lake", columns, rows, notes))
