"""The sensor that drains a stream when the lake is behind.

Belongs here: asking the broker and the lake, and starting the drain. Stays out: the drain.

There is no cursor and no run key: what is left to read is asked of broker and lake each time, so a
run that failed or was killed blocks nothing, and there is nothing to keep in step.
"""

import dagster as dg

from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.defs.stream.assets import topic_key
from ecommerce_assets.domains.streams import KafkaSettings, StreamDomain, Topic
from ecommerce_assets.lib.failures import PermanentFailure, SettingMissing, TransientFailure
from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import lanes_of
from ecommerce_assets.lib.stream.plan import Lane, next_range

_OPEN = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def _problems(lakehouse: Lakehouse, topic: Topic, lanes: list[Lane]) -> dict[int, str]:
    """Why partitions cannot be read on, by their numbers: a run would fail again in the same way.

    What only a drain can find stands in the ledger; it counts until the partition is read on.
    """
    found = {}
    for lane in lanes:
        try:
            next_range(lane, 1)
        except PermanentFailure as failure:
            found[lane.partition] = str(failure)
    if any(lane.lag for lane in lanes):
        for row in lakehouse.ledger.rows(topic.contract.dataset):
            key = row.key
            if row.status == "failed" and isinstance(key, Offsets):
                stands = {(each.topic, each.partition, each.start) for each in lanes}
                if (key.topic, key.partition, key.start) in stands:
                    found[key.partition] = row.reason or "the last drain failed"
    return found


def drain_job_name(domain: StreamDomain) -> str:
    """The name of the job that drains a domain's topics."""
    return f"drain_{domain.name}"


def drain_job(domain: StreamDomain) -> object:
    """The job that drains a domain's topics."""
    return dg.define_asset_job(
        drain_job_name(domain),
        selection=dg.AssetSelection.assets(*(key_of(t.contract, "lake") for t in domain.topics)),
        description="Bring the messages that the topics have now into the lake.",
    )


def lag_sensor(domain: StreamDomain) -> dg.SensorDefinition:
    """The sensor that starts the drain of a domain while the lake is behind its topics."""
    name = domain.sensor

    @dg.sensor(
        name=name,
        job_name=drain_job_name(domain),
        minimum_interval_seconds=domain.every_s,
        default_status=sensor_status(name),
        description=AUTOMATIONS[name].does,
    )
    def sensor(
        context: dg.SensorEvaluationContext, lakehouse: Lakehouse
    ) -> dg.SensorResult | dg.SkipReason:
        settings = lakehouse.settings
        running = context.instance.get_runs(
            dg.RunsFilter(job_name=drain_job_name(domain), statuses=_OPEN), limit=1
        )
        if running:
            return dg.SkipReason("a drain is queued or runs")
        lags: dict[str, int] = {}
        stuck: list[str] = []
        try:
            with Broker(settings.of(KafkaSettings).client()) as broker:
                for topic in domain.topics:
                    named = domain.named(topic, settings)
                    lanes = lanes_of(broker, lakehouse.lake, topic.contract, named)
                    problems = _problems(lakehouse, topic, lanes)
                    stuck += problems.values()
                    lags[topic.name] = sum(
                        each.lag for each in lanes if each.partition not in problems
                    )
        except (SettingMissing, TransientFailure) as failure:
            return dg.SkipReason(str(failure))
        if not any(lags.values()):
            return dg.SkipReason("; ".join(stuck) or "the lake has all messages")
        seen = [
            dg.AssetObservation(topic_key(topic), metadata={"lag": lags[topic.name]})
            for topic in domain.topics
            if lags[topic.name]
        ]
        return dg.SensorResult(run_requests=[dg.RunRequest()], asset_events=seen)

    return sensor
