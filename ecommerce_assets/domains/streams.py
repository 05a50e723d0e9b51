"""What a domain is whose data come as a stream: its topics, and how they are read.

Belongs here: the form, so that draining, commands and Dagster know no domain by name, and the
settings of the broker. Stays out: the domains themselves (`<domain>/__init__.py`), and the broker's
client (`lib/stream/broker.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from ecommerce_assets.domains.settings import DomainSettings
from ecommerce_assets.domains.truths import TruthBook, no_truths
from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.settings import Settings
from ecommerce_assets.simulation.messages import Message


class KafkaSettings(DomainSettings, env_prefix="KAFKA_"):
    """Where the broker is, and who asks it; the names are those that Kafka's own tools use."""

    bootstrap_servers: str | None = Field(
        None, description="Address of the Kafka broker, host:port; several by comma."
    )
    security_protocol: str = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
    )
    sasl_mechanism: str = Field("PLAIN", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
    sasl_username: str | None = Field(None, description="The account at the broker.")
    sasl_password: SecretStr | None = Field(None, description="Its password.")
    ssl_ca_location: Path | None = Field(
        None, description="File of the certificates that the broker's is checked against."
    )

    def client(self) -> dict[str, Any]:
        """The settings of a client.

        Raises:
            SettingMissing: no broker is set.
        """
        if self.bootstrap_servers is None:
            raise SettingMissing(
                "no broker is set",
                "set KAFKA_BOOTSTRAP_SERVERS; a small one for a laptop: ecommerce stream broker",
            )
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            if self.sasl_username is None or self.sasl_password is None:
                raise SettingMissing(
                    f"{self.security_protocol} needs an account",
                    "set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
                )
            config["sasl.mechanism"] = self.sasl_mechanism
            config["sasl.username"] = self.sasl_username
            config["sasl.password"] = self.sasl_password.get_secret_value()
        if self.ssl_ca_location:
            config["ssl.ca.location"] = str(self.ssl_ca_location)
        return config


class StreamSettings(DomainSettings):
    """The settings of a domain whose data come as a stream."""

    topic_prefix: str = Field("", description="Stands in front of each topic's name at the broker.")
    batch: int = Field(200_000, ge=1, description="Messages of a segment at most.")


@dataclass(frozen=True)
class Topic:
    """One topic of a domain, which is a source table.

    Attributes:
        domain: its domain's name.
        name: of the table, of its contract, and of the topic without the prefix.
    """

    domain: str
    name: str

    @property
    def contract(self) -> TableContract:
        """The contract of its messages."""
        return load_contract(self.domain, self.name)


@dataclass(frozen=True)
class StreamDomain:
    """One domain.

    Attributes:
        name: that of its folder.
        settings: the class of its own settings.
        topics: its topics.
        truths: the figures that ours must meet; default: there are none.
        every_s: seconds between two looks at how far the lake is behind.
        simulated: its simulated messages in the order in which they are sent, for a seed and a
            number of messages; None if there is no simulation.
    """

    name: str
    settings: type[StreamSettings]
    topics: tuple[Topic, ...]
    truths: Callable[[Settings], TruthBook] = no_truths
    every_s: int = 15
    simulated: Callable[[int, int], Sequence[Message]] | None = None

    @property
    def sensor(self) -> str:
        """The name of the sensor that asks how far the lake is behind."""
        return f"{self.name}_lag"

    @property
    def does(self) -> str:
        """What that sensor does, for people."""
        return (
            f"Every {self.every_s} seconds, asks the broker and the lake how far the lake is "
            f"behind the topics of {self.name}, and starts a drain where it is."
        )

    def named(self, topic: Topic, settings: Settings) -> str:
        """The name of a topic at the broker."""
        return f"{settings.of(self.settings).topic_prefix}{topic.name}"

    def topic(self, name: str) -> Topic | None:
        """The topic of a name; None where there is none."""
        return next((each for each in self.topics if each.name == name), None)
