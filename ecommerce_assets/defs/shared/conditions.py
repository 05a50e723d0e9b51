"""When Dagster builds a model by itself: the conditions that follow every updated month.

Belongs here: the conditions and why each part is there. Stays out: which of them is switched on
where (`defs/ops/automations.py`) and which model carries which (`defs/dbt/translator.py`).

A parent's update counts until the asset was requested after it and was not made after it. Dagster's
`eager` looks at the newest month alone, and forgets an update that lands between a request and the
next tick: the request resets its memory. The memory here compares times, which Dagster does for a
bare `newly_updated` against a bare reset and for nothing that is put together of several.
"""

from typing import Any

import dagster as dg

_C = dg.AutomationCondition
#: What is done with raw rows on their way into the raw table: raise it when that changes.
RAW_CODE_VERSION = "1"
_Condition = dg.AutomationCondition[Any]


def monthly_model(*, reads_raw: bool) -> _Condition:
    """The condition of a model that is replaced month by month: each month by itself.

    A month's run builds its neighbours, too (`windows.NEIGHBOURS`), so a month asks for itself
    alone. A month without its raw rows waits and holds up no other.

    Args:
        reads_raw: the parents are raw tables. A month that was loaded again and is the same as
            before then asks for nothing.
    """
    if reads_raw:
        due = _due(_UPDATED_APART & _C.data_version_changed())
    else:
        # A run that makes the parent and fails before the asset needs no second one. Asked of the
        # asset, too, since `executed_with_root_target` knows the newest partition alone.
        due = _due(_UPDATED_APART, _C.execution_failed().newly_true())
    return (
        (due | _newly_missing() | _with_a_parent())
        & ~_C.any_deps_missing()
        & ~_C.any_deps_in_progress()
        & ~_C.in_progress()
    ).with_label("follows every updated month")


def over_all_months() -> _Condition:
    """The condition of what looks at all months at once: models, and the readers' copy.

    It waits while any month is being built, so that many months cost one run. A month that is
    missing or failed does not hold it up.
    """
    some_month_is_there = _C.any_deps_match(~_C.missing())
    return (
        (_due(_UPDATED_APART) | (_newly_missing() & some_month_is_there) | _with_a_parent())
        & ~_C.any_deps_in_progress()
        & ~_C.in_progress()
    ).with_label("follows any updated month")


#: A parent was made, in a run that was not to make the asset as well.
_UPDATED_APART: _Condition = _C.newly_updated() & ~_C.executed_with_root_target()


def _due(counts: _Condition, forgets: _Condition | None = None) -> _Condition:
    """Whether a parent was updated after the newest request and after the newest update.

    Args:
        counts: which updates of a parent matter.
        forgets: what makes the asset forget an update besides.
    """
    any_update = _C.any_deps_match(_C.newly_updated())
    pending = any_update.since(_C.newly_requested()) & any_update.since(_C.newly_updated())
    matters = _C.any_deps_match(counts)
    handled = ~pending | (_C.newly_requested() & ~matters)
    return (pending & matters.since(handled | forgets if forgets else handled)).with_label(
        "a parent was updated and that was not handled since"
    )


def _newly_missing() -> _Condition:
    """Whether it was never made: asked for once, from the first tick on.

    `eager` leaves out what is missing at its first tick; then whoever turns the automation on with
    loaded months would wait for models for ever.
    """
    handled = _C.newly_requested() | _C.newly_updated()
    return _C.missing().newly_true().since(handled).with_label("newly missing")


def _with_a_parent() -> _Condition:
    """Whether a parent is asked for at this tick, and can be made in the same run."""
    return _C.any_deps_match(_C.will_be_requested()).with_label("a parent is requested")


def with_comparable_version(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The spec of an asset whose data version is equal when its rows are.

    Without a code version Dagster gives every run's result a version of its own, so that loading a
    month again would look like a change. A raw table shows what the lake published, nothing else.
    """
    if spec.tags.get("layer") == "raw" and spec.code_version is None:
        return spec.replace_attributes(code_version=RAW_CODE_VERSION)
    return spec
