"""A story of several ticks: what happened between them, and what each asked for.

Belongs here: stand-ins for the assets of the real definitions, with their keys, parents, partitions
and conditions, which write no data; running them; evaluating the conditions; the table of a story.
Stays out: what should have been asked for, which the tests say.
"""

import os
import re
import threading
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.runs.tags import RANGE_END_TAG, RANGE_START_TAG

#: What a tick asked for: the assets' keys by month; None stands for what has no months.
Requested = dict[str | None, list[dg.AssetKey]]
DOCS = Path(__file__).parents[3] / "docs" / "automation.md"
# Read now: tests run without any setting from outside.
WRITE_DOCS = bool(os.environ.get("ECOMMERCE_WRITE_DOCS"))
COPY = dg.AssetKey(["ops", "marts", "published_copy"])
LOADED = [dg.AssetKey(["cosmetics", layer, "events"]) for layer in ("files", "lake", "raw")]


@dataclass
class Story:
    """Rows of the table: what happened, and what was asked for at the tick after it."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    def markdown(self) -> str:
        lines = ["| tick | what happened before it | what it asks for |", "|---|---|---|"]
        lines += [f"| {n} | {what} | {asked} |" for n, (what, asked) in enumerate(self.rows, 1)]
        return "\n".join(lines)


class Shop:
    """The real definitions with stand-ins for their assets, an instance, and the ticks on both.

    Attributes:
        contents: the content of each month's rows in the lake; another one is a changed month.
        broken: names of tables that fail, with the month or None.
        monthly: keys of the models with months, parents first.
        history: keys of what is built over all months and is automated, parents first.
    """

    def __init__(
        self,
        real: dg.Definitions,
        instance: dg.DagsterInstance,
        marts: Collection[str] | None = None,
    ) -> None:
        """Stand in for the assets up to some marts, and for the readers' copy.

        Args:
            real: the real definitions.
            instance: takes the runs.
            marts: names; None for every asset.
        """
        self.instance = instance
        self.contents: dict[str, str] = defaultdict(lambda: "first")
        self.broken: set[tuple[str, str | None]] = set()
        self.story = Story()
        self._gate = threading.Event()
        self._gate.set()
        self._at_the_gate = threading.Event()
        self._gated: dg.AssetKey | None = None
        graph = real.resolve_asset_graph()
        # Of one domain: the others' conditions are the same, and nothing of theirs is loaded.
        kept = {k for k in graph.get_all_asset_keys() if k.path[0] in ("cosmetics", "ops")}
        if marts is not None:
            found_marts = [key for key in kept if key.path[-1] in marts]
            assert len(found_marts) == len(marts), "choose marts that there are"
            chosen = dg.AssetSelection.assets(*found_marts)
            kept = chosen.upstream().resolve(graph) | {COPY}
        levels = graph.toposorted_asset_keys_by_level
        self._order = [key for level in levels for key in sorted(level) if key in kept]
        found = [each for each in real.assets or [] if isinstance(each, dg.AssetsDefinition)]
        self._definitions = dg.Definitions(
            assets=[self._stand_in(each) for each in found if each.keys & kept]
        )
        self._job = self._definitions.resolve_implicit_global_asset_job_def()
        self._cursor: Any = None
        automated = [key for key in self._order if graph.get(key).automation_condition]
        self.monthly = [key for key in automated if graph.get(key).is_partitioned]
        self.history = [key for key in automated if not graph.get(key).is_partitioned]

    # --- what happens ------------------------------------------------------------------------

    def load(self, *months: str) -> list[bool]:
        """Load months, a run each, as sensor, schedule, click and command do."""
        return [self.run(LOADED, month) for month in months]

    def change(self, *months: str) -> None:
        """Give months other rows, which their next load finds."""
        for month in months:
            self.contents[month] += "+"

    def run(self, keys: list[dg.AssetKey], month: str | None = None) -> bool:
        """Make assets in one run; gives whether it went well."""
        return self._execute(keys, {}, month)

    def run_range(self, keys: list[dg.AssetKey], first: str, last: str) -> bool:
        """Make assets of a range of months in one run, as the command does with models."""
        return self._execute(keys, {RANGE_START_TAG: first, RANGE_END_TAG: last}, None)

    def run_all(self, requested: Requested) -> dict[str | None, bool]:
        """Make what a tick asked for, oldest month first; gives what went well."""
        months = sorted(requested, key=lambda month: month or "9999")
        return {month: self.run(requested[month], month) for month in months}

    @contextmanager
    def in_flight(self, requested: Requested) -> Iterator[Future[dict[str | None, bool]]]:
        """Run what a tick asked for, held before its first asset is made until the block ends."""
        first = next(iter(requested.values()))[0]
        self._gated = first
        self._gate.clear()
        self._at_the_gate.clear()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.run_all, requested)
            try:
                assert self._at_the_gate.wait(60)
                yield running
            finally:
                self._gate.set()

    def _execute(self, keys: list[dg.AssetKey], tags: dict[str, str], month: str | None) -> bool:
        return self._job.execute_in_process(
            instance=self.instance,
            asset_selection=keys,
            partition_key=month,
            tags=tags,
            raise_on_error=False,
        ).success

    # --- ticks -------------------------------------------------------------------------------

    def tick(self, what: str) -> Requested:
        """Evaluate the conditions as the sensor does, and note what was asked for."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.BetaWarning)
            result = dg.evaluate_automation_conditions(
                self._definitions, self.instance, cursor=self._cursor
            )
        self._cursor = result.cursor
        requested: Requested = {}
        for key in self._order:
            for month in result.get_requested_partitions(key):
                requested.setdefault(month, []).append(key)
        self.story.rows.append((what, self._in_words(requested)))
        return requested

    def _in_words(self, requested: Requested) -> str:
        parts = []
        months = sorted(month for month in requested if month)
        if months:
            whole = all(requested[month] == self.monthly for month in months)
            named = ", ".join(month[:7] for month in months)
            models = "the monthly models" if whole else "some monthly models"
            parts.append(f"{models} of {named}{', a run each' if len(months) > 1 else ''}")
        if None in requested:
            whole = requested[None] == self.history
            models = "the models over all months" if whole else "some models over all months"
            parts.append(f"{models}, then the readers' copy")
        return "; ".join(parts) or "nothing"

    def _stand_in(self, real: dg.AssetsDefinition) -> dg.AssetsDefinition:
        specs = [
            spec.replace_attributes(
                skippable=True, deps=[dep for dep in spec.deps if dep.asset_key in self._order]
            )
            for spec in real.specs
            if spec.key in self._order
        ]

        @dg.multi_asset(
            name=real.op.name,
            specs=specs,
            can_subset=len(specs) > 1,
            partitions_def=real.partitions_def,
            backfill_policy=real.backfill_policy,
        )
        def made(context: dg.AssetExecutionContext) -> Iterator[Any]:
            month = context.partition_keys[0] if real.partitions_def else None
            for key in self._order:
                if key in context.selected_asset_keys:
                    yield from self._make(key, month)

        return made

    def _make(self, key: dg.AssetKey, month: str | None) -> Iterator[Any]:
        if key == self._gated and not self._gate.is_set():
            self._at_the_gate.set()
            assert self._gate.wait(60)
        if (key.path[-1], month) in self.broken:
            raise RuntimeError("broken")
        version = None
        if key.path[1] == "lake" and month:
            version = dg.DataVersion(self.contents[month])
        yield dg.MaterializeResult(asset_key=key, data_version=version)


def table_in_docs(name: str, found: str) -> str:
    """The docs' table of that name; ECOMMERCE_WRITE_DOCS=1 writes what was found there first."""
    part = re.compile(rf"(<!-- {name} -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)
    text = DOCS.read_text(encoding="utf-8")
    if WRITE_DOCS:
        text = part.sub(lambda place: f"{place[1]}{found}{place[3]}", text)
        DOCS.write_text(text, encoding="utf-8")
    place = part.search(text)
    assert place, f"docs/automation.md has no part named {name}"
    return place[2]
