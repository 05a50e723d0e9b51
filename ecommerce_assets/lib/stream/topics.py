"""The topics at a broker: which there are, and making those that are missing.

Belongs here: what needs the rights of an administrator. Stays out: reading messages (`broker.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.stream.broker import ANSWERS_WITHIN_S


def make_topics(
    config: Mapping[str, Any], names: Iterable[str], *, partitions: int, retention_ms: int
) -> list[str]:
    """Make the topics that are missing; those that are there stay as they are.

    Args:
        config: the client's settings.
        names: of the topics.
        partitions: of each new topic.
        retention_ms: how long a message stays; -1 for no limit.

    Returns:
        The names of those that were made.

    Raises:
        TransientFailure: the broker does not answer, or refuses.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"log_level": 0, **config})
    try:
        there = set(admin.list_topics(timeout=ANSWERS_WITHIN_S).topics)
        missing = [name for name in names if name not in there]
        if missing:
            keep = {"retention.ms": str(retention_ms)}
            new = [NewTopic(n, partitions, replication_factor=1, config=keep) for n in missing]
            for made in admin.create_topics(new, request_timeout=ANSWERS_WITHIN_S).values():
                made.result()
    except KafkaException as failed:
        raise TransientFailure(
            f"the broker {config['bootstrap.servers']} made no topic: {failed.args[0].str()}",
            "start it, or correct KAFKA_BOOTSTRAP_SERVERS and what this account may do",
        ) from failed
    return missing


def delete_topics(config: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Delete the topics that are there, with all their messages.

    Returns:
        The names of those that were there.

    Raises:
        TransientFailure: the broker does not answer, or refuses.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"log_level": 0, **config})
    try:
        there = set(admin.list_topics(timeout=ANSWERS_WITHIN_S).topics)
        gone = [name for name in names if name in there]
        if gone:
            for deleted in admin.delete_topics(gone, request_timeout=ANSWERS_WITHIN_S).values():
                deleted.result()
    except KafkaException as failed:
        raise TransientFailure(
            f"the broker {config['bootstrap.servers']} deleted no topic: {failed.args[0].str()}",
            "start it, or correct KAFKA_BOOTSTRAP_SERVERS and what this account may do",
        ) from failed
    return gone
