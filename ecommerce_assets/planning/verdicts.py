"""Verdicts on truths against what is there now: which hold, which are stale, which are to come.

Belongs here: what a figure is made from at this moment, and telling stored verdicts that speak of
something older. Stays out: measuring (`defs/ops/truths.py`), judging and the store
(`lib/truths.py`), the figures (`domains/<domain>/truths/`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.dbt.freshness import (
    PART,
    ModelState,
    content_of_month,
    model_state,
    month_fingerprint,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.domains.truths import (
    LoadedMonth,
    TruthBook,
    loaded_months,
    months_of,
    reason_against,
)
from ecommerce_assets.lib import truths as store
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.months import next_month, previous_month
from ecommerce_assets.lib.truths import Status, Truth, Verdict, Versions
from ecommerce_assets.settings import Settings

NEVER = "it was not compared yet"
STATUSES: tuple[Status, ...] = ("matches", "differs", "stale", "not judged", "not applicable")


@dataclass(frozen=True)
class Scene:
    """Everything that the figures of a domain depend on, as it is now.

    Attributes:
        book: the truths.
        loaded: the published months of the first table.
        state: of the models.
    """

    book: TruthBook
    loaded: Mapping[date, LoadedMonth]
    state: ModelState

    @cached_property
    def history(self) -> str | None:
        """Why the models over all months are out of date; None where they are not."""
        return why_history_is_stale(self.state)

    @cached_property
    def _contents(self) -> dict[date, str]:
        return {month: _short(content) for month, content in self.state.contents.items()}

    def reason_against(self, truth: Truth) -> str | None:
        """Why a truth does not apply to what is loaded; None where it does."""
        return reason_against(truth, self.loaded, self.book.speaks_of)

    def why_not_now(self, truth: Truth) -> str | None:
        """Why our figure would be measured on models that are out of date; None where not."""
        behind = [f"{m:%Y-%m} ({why})" for m in months_of(truth) if (why := self._behind(m))]
        if behind:
            return f"models out of date: {', '.join(behind)}"
        return f"models over all months out of date: {self.history}" if self.history else None

    def _behind(self, month: date) -> str | None:
        return why_stale(self.state, month) if month in self.state.contents else None

    def versions_of(self, truth: Truth) -> Versions:
        """What our figure is made from: rows, models, and the query that finds it."""
        months = months_of(truth)
        parts = [month_fingerprint(self.state, month) for month in months]
        parts += [self.book.measure_sql(truth.measure), truth.column]
        parts += [str(value) for value in truth.arguments]
        near = {n for m in months for n in (previous_month(m), m, next_month(m))}
        judged = [f"{m:%Y-%m}={self._contents[m]}" for m in sorted(near & self._contents.keys())]
        return Versions(_short("|".join(parts)), " ".join(judged), self.state.project[:PART])

    def difference(self, verdict: Verdict) -> str | None:
        """What differs between what a verdict judged and what is there; None where nothing does."""
        before = dict(part.split("=", 1) for part in verdict.judged.split())
        now = {f"{month:%Y-%m}": content for month, content in self._contents.items()}
        changed = sorted(month for month in before if now.get(month) != before[month])
        if changed:
            return f"changed since: {', '.join(changed)}"
        if verdict.project != self.state.project[:PART]:
            return "the models' SQL changed since"
        return None


def scene_of(
    settings: Settings,
    lake: Lake,
    domain: Domain,
    rows: list[LedgerRow],
    state: ModelState | None = None,
) -> Scene:
    """What the figures of a domain depend on.

    Args:
        settings: the environment.
        lake: with the published months.
        domain: whose figures they are.
        rows: the ledger's, oldest first.
        state: of the models, where it was read already.

    Raises:
        TransientFailure: another process holds the warehouse, which says what was built.
    """
    loaded = loaded_months(lake, domain.tables[0].contract)
    state = state or model_state(lake, warehouse_of(settings), domain, rows)
    return Scene(domain.truths(settings), loaded, state)


def verdicts_now(scene: Scene, stored: Collection[Verdict]) -> list[Verdict]:
    """The stored verdicts as they stand now; nothing is measured.

    A verdict on other rows, models or figures than are there is `stale`; a figure that applies and
    was never compared is `not judged`.
    """
    truths = {store.key_of(truth): truth for truth in scene.book.truths}
    found = []
    for verdict in stored:
        truth = truths.pop(store.key_of(verdict), None)
        found.append(_as_it_stands(scene, verdict, truth))
    for truth in truths.values():
        if scene.reason_against(truth) is None:
            found.append(store.not_judged(truth, scene.why_not_now(truth) or NEVER))
    return found


def _as_it_stands(scene: Scene, verdict: Verdict, truth: Truth | None) -> Verdict:
    changed = scene.difference(verdict)
    if truth is None:  # of another version of this software
        return store.as_stale(verdict, changed) if changed else verdict
    if reason := scene.reason_against(truth):
        return store.not_applicable(truth, reason)
    hindrance = scene.why_not_now(truth)
    if verdict.status in ("not applicable", "not judged"):
        return store.not_judged(truth, hindrance or NEVER)
    if hindrance:
        return store.as_stale(verdict, hindrance)
    if store.still_holds(verdict, truth, scene.versions_of(truth)):
        return verdict
    return store.as_stale(verdict, changed or "the figure or its query changed since")


def mark_changed(lake: Lake, domain: Domain, month: date) -> int:
    """Call the stored verdicts stale that judged other rows of a month; returns their number.

    So `ops.truths` never shows a verdict on rows that are gone for one on the rows that came.
    """
    name, content = f"{month:%Y-%m}=", content_of_month(lake, domain, month)
    now = name + _short(content) if content else None
    stored = store.read_verdicts(lake, domain.dataset)
    marked = [
        store.as_stale(verdict, f"changed since: {month:%Y-%m}")
        if verdict.status in store.MEASURED
        and any(part.startswith(name) and part != now for part in verdict.judged.split())
        else verdict
        for verdict in stored
    ]
    changed = sum(a is not b for a, b in zip(stored, marked, strict=True))
    if changed:
        store.publish_verdicts(lake, domain.dataset, marked)
    return changed


@dataclass(frozen=True)
class Tally:
    """The verdicts on a domain's figures, counted.

    Attributes:
        domain: whose figures they are.
        verdicts: as they stand now.
    """

    domain: str
    verdicts: list[Verdict]

    @cached_property
    def counts(self) -> Counter[Status]:
        """How many have each status."""
        return Counter(verdict.status for verdict in self.verdicts)

    @property
    def applicable(self) -> int:
        """Figures that speak of what is loaded."""
        return len(self.verdicts) - self.counts["not applicable"]

    @property
    def open(self) -> int:
        """Figures that speak of what is loaded and have no verdict that holds."""
        return self.counts["stale"] + self.counts["not judged"]

    def open_in(self, asked: Collection[date] | None) -> int:
        """The same of figures that speak of these months alone; None: of all."""
        names = None if asked is None else {f"{month:%Y-%m}" for month in asked}
        return sum(
            v.status in ("stale", "not judged")
            and (names is None or names.issuperset(v.scope.split(":")))
            for v in self.verdicts
        )

    @property
    def code(self) -> ExitCode:
        """What a command ends with that shows them."""
        if self.counts["differs"]:
            return ExitCode.FAILED
        return ExitCode.INCOMPLETE if self.open else ExitCode.OK

    @property
    def judged_from(self) -> str | None:
        """When the oldest of the verdicts that hold was made; None where none does."""
        held = [v.checked_at for v in self.verdicts if v.status in store.MEASURED]
        return min(held, default=None)

    @property
    def words(self) -> str:
        """All of it in a sentence: nothing stale is counted as met."""
        counts, name = self.counts, self.domain
        if not self.verdicts:
            return f"{name}: nobody published or planted a figure of it."
        rest = counts["not applicable"]
        beside = f" {rest} more speak of rows that are not loaded." if rest else ""
        if not self.applicable:
            return f"{name}: none of {rest} figures speaks of the rows that are loaded."
        asked = f"{self.applicable} published or planted figures"
        if counts["matches"] == self.applicable:
            return f"{name}: all {asked} that speak of these rows are met{self._when}.{beside}"
        parts = [f"{counts['matches']} met{self._when}"]
        parts += [f"{counts[s]} {s}" for s in STATUSES[1:4] if counts[s]]
        return f"{name}: of {asked} {', '.join(parts)}.{beside}"

    @property
    def _when(self) -> str:
        first = self.judged_from
        return f", judged {first[:16].replace('T', ' ')} UTC or later" if first else ""

    def document(self) -> dict[str, Any]:
        """The counts for `--json`."""
        counts: dict[str, Any] = {s.replace(" ", "_"): self.counts[s] for s in STATUSES}
        return counts | {"figures": len(self.verdicts), "judged_from": self.judged_from}


def verdicts_due(settings: Settings, lake: Lake, domain: Domain, rows: list[LedgerRow]) -> bool:
    """Whether judging now would give other verdicts than the stored ones."""
    scene = scene_of(settings, lake, domain, rows)
    stored = store.read_verdicts(lake, domain.dataset)
    truths = {store.key_of(truth): truth for truth in scene.book.truths}
    before = {store.key_of(verdict): verdict.status for verdict in stored}
    for verdict in verdicts_now(scene, stored):
        key = store.key_of(verdict)
        if key not in truths or verdict.status in store.MEASURED:
            continue
        if verdict.status == "not applicable":
            if before.get(key, verdict.status) != verdict.status:
                return True
        elif scene.why_not_now(truths[key]) is None:
            return True
    return False


def tally_of(
    settings: Settings,
    lake: Lake,
    domain: Domain,
    rows: list[LedgerRow],
    state: ModelState | None = None,
) -> Tally:
    """The verdicts on a domain's figures as they stand now; arguments as of `scene_of`."""
    stored = store.read_verdicts(lake, domain.dataset)
    scene = scene_of(settings, lake, domain, rows, state)
    return Tally(domain.name, verdicts_now(scene, stored))


def tally_meanwhile(lake: Lake, domain: Domain, why: str) -> Tally:
    """The stored verdicts while a run holds the warehouse: which of them hold is not known."""
    stored = store.read_verdicts(lake, domain.dataset)
    return Tally(domain.name, [store.as_stale(verdict, why) for verdict in stored])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:PART]
