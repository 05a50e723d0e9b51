"""The topics of a stream, and the drain that brings their messages into the lake.

Belongs here: the assets, their figures and their check. Stays out: reading and publishing
(`lib/stream/`), which topics there are (`domains/`), and when the drain runs (`sensors.py`).

The assets have no partitions: a range of offsets is known only when it is read, and there would be
thousands a day. What a run read stands in its metadata; which offsets the lake has, in the lake.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.loading.metadata import column_schema
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.streams import KafkaSettings, StreamDomain, Topic
from ecommerce_assets.lib.failures import LakehouseError, PermanentFailure, SourceMissing
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import Drained, drain_topic

#: A drain with more than this share of messages in quarantine deserves a look.
QUARANTINE_WARNING = 0.05
CHECK = "share_quarantined"


def topic_key(topic: Topic) -> dg.AssetKey:
    """The key of a topic at the broker."""
    return dg.AssetKey([topic.domain, "topics", topic.name])


def topic_specs(domain: StreamDomain) -> list[dg.AssetSpec]:
    """The topics themselves: what a shop's systems write, and this project only reads."""
    return [
        dg.AssetSpec(
            topic_key(topic),
            group_name=domain.name,
            kinds={"kafka"},
            metadata=_code(),
            owners=[topic.contract.owner],
            tags={"layer": "topics", "domain": domain.name},
            description=f"{topic.contract.description} The topic at the broker; its observations "
            "say how far the lake is behind.",
        )
        for topic in domain.topics
    ]


def _code() -> dict[str, Any]:
    """The link to where a topic is described; Dagster makes links of what has code alone."""
    here = dg.LocalFileCodeReference(file_path=__file__, label="assets.py")
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[here])}


def drain_asset(domain: StreamDomain) -> dg.AssetsDefinition:
    """The drain of a domain's topics into the lake; any of them can be drained alone."""
    by_key = {key_of(topic.contract, "lake"): topic for topic in domain.topics}

    @dg.multi_asset(
        name=f"{domain.name}_drain",
        specs=[_lake_spec(topic) for topic in domain.topics],
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=key,
                description=f"At most {QUARANTINE_WARNING:.0%} of the messages that were read are "
                "in quarantine.",
            )
            for key in by_key
        ],
        can_subset=True,
        retry_policy=TRANSIENT_RETRIES,
    )
    def drain(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
        """Read each topic up to its end, and publish what was read."""
        settings = lakehouse.settings
        chosen = [by_key[key] for key in sorted(context.selected_asset_keys)]
        failed: list[LakehouseError] = []
        with as_dagster_failure():
            with Broker(settings.of(KafkaSettings).client()) as broker:
                for topic in chosen:
                    try:
                        done = _drained(context, lakehouse, broker, domain, topic)
                    except LakehouseError as error:  # the other topics can still be read
                        context.log.error(f"{topic.name}: {error}")
                        failed.append(error)
                        continue
                    yield _result(lakehouse.lake, topic, done)
                    yield _check(topic, done)
                    failed += [error for _, error in done.failures]
            if failed:
                raise _all_of(failed)

    made: dg.AssetsDefinition = drain
    return made


def _lake_spec(topic: Topic) -> dg.AssetSpec:
    contract = topic.contract
    return dg.AssetSpec(
        key_of(contract, "lake"),
        deps=[topic_key(topic)],
        group_name=contract.domain,
        kinds={"parquet", "duckdb"},
        owners=[contract.owner],
        tags={"layer": "lake", "domain": contract.domain},
        description=(
            f"{contract.description} Typed Parquet after the contract {contract.dataset} "
            f"{contract.version}, a segment for each range of offsets that was read; each offset "
            "is there once. Messages that break the contract are in quarantine with their reasons."
        ),
        metadata={"dagster/column_schema": column_schema(contract)},
        code_version=contract.fingerprint[:12],
    )


def _drained(
    context: dg.AssetExecutionContext,
    lakehouse: Lakehouse,
    broker: Broker,
    domain: StreamDomain,
    topic: Topic,
) -> Drained:
    """Drain one topic; a partition that cannot be read on is written into the ledger.

    There is no row for each segment, as there is for each month: its footer says the same, and a
    day has thousands.

    Raises:
        LakehouseError: the topic is missing, or the broker is gone.
    """
    settings, contract = lakehouse.settings, topic.contract
    name = domain.named(topic, settings)
    if not broker.partitions(name):
        raise SourceMissing(
            f"there is no topic {name}", "make it: ecommerce stream topics --create"
        )
    done = drain_topic(
        broker,
        lakehouse.lake,
        contract,
        name,
        batch=settings.of(domain.settings).batch,
        run_id=context.run.run_id,
        memory_limit=settings.memory_limit,
        said=lambda key, result: context.log.info(
            f"{key.words}: {result.rows_accepted:,} accepted, "
            f"{result.rows_quarantined:,} in quarantine"
        ),
    )
    ledger = lakehouse.ledger
    for left, error in done.failures:
        ledger.finish(
            ledger.begin(contract.dataset, "lake", left, context.run.run_id), "failed", str(error)
        )
    return done


def _result(lake: Lake, topic: Topic, done: Drained) -> dg.MaterializeResult[None]:
    metadata: dict[str, Any] = {
        "messages_received": done.received,
        "messages_accepted": done.accepted,
        "messages_quarantined": done.quarantined,
        "segments": len(done.segments),
        "lag": done.lag,
        "path": lake.location(f"{topic.domain}/{topic.name}"),
    }
    if done.segments:
        ranges = [
            dg.TableRecord({"partition": each.partition, "from": each.start, "to": each.end - 1})
            for each in done.segments[-100:]
        ]
        metadata["offsets"] = dg.MetadataValue.table(ranges)
        if len(done.segments) > len(ranges):
            metadata["offsets_left_out"] = f"{len(done.segments) - len(ranges)} earlier segments"
    if done.reasons:
        metadata["quarantine_reasons"] = dg.MetadataValue.table(
            [dg.TableRecord({"reason": r, "messages": n}) for r, n in done.reasons.items()]
        )
    if done.unknown_fields:
        metadata["unknown_fields"] = ", ".join(sorted(done.unknown_fields))
    return dg.MaterializeResult(asset_key=key_of(topic.contract, "lake"), metadata=metadata)


def _check(topic: Topic, done: Drained) -> dg.AssetCheckResult:
    share = done.quarantined / done.received if done.received else 0.0
    return dg.AssetCheckResult(
        asset_key=key_of(topic.contract, "lake"),
        check_name=CHECK,
        passed=share <= QUARANTINE_WARNING,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "share": share,
            "messages_quarantined": done.quarantined,
            "messages_received": done.received,
        },
    )


def _all_of(failed: list[LakehouseError]) -> LakehouseError:
    """One failure for several topics; it may be tried again only where none is permanent."""
    lasting = [each for each in failed if isinstance(each, PermanentFailure)]
    first = (lasting or failed)[0]
    others = [each.message for each in failed if each is not first]
    said = "; ".join([first.message, *others])
    return type(first)(said, first.cure)
