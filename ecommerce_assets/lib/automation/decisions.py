"""What to load now: decisions on listings, made without Dagster and without a clock.

Belongs here: from what a source offers, what was asked for before and what is under way, to what is
asked for now. Stays out: asking the source, starting runs, and when a decision is made (`defs/`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from ecommerce_assets.lib.months import next_month


@dataclass(frozen=True)
class Cursor:
    """What a sensor remembers between two looks at a source. Months are `2019-10-01`.

    Attributes:
        handled: the version of each month that was asked for, or was found to be loaded.
        asked: how often each month was asked for.
        settling: the version of each month that was seen and not yet asked for.
    """

    handled: dict[str, str] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    settling: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """The cursor that `text` holds; an empty one for no text.

        Raises:
            ValueError: the text is not a cursor; the message says how to start again.
        """
        try:
            return cls(**json.loads(text)) if text else cls()
        except (TypeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"the sensor's cursor cannot be read ({error}) — what to do: reset the cursor on "
                "the sensor's page; months that are loaded are not asked for again"
            ) from error

    def write(self) -> str:
        """The cursor as text, the same for equal cursors."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Request:
    """One month to load. `run_key` is the same whenever the same decision is made again."""

    month: date
    version: str
    run_key: str


@dataclass(frozen=True)
class Decision:
    """What to ask for, what to remember, and why some months wait."""

    requests: list[Request]
    cursor: Cursor
    waiting: dict[date, str]


def changed(offered: Mapping[date, str], cursor: Cursor, months: Collection[date]) -> list[date]:
    """The months of the domain whose version is another than the one that was handled."""
    return [m for m in sorted(offered) if m in months and cursor.handled.get(str(m)) != offered[m]]


def decide(
    offered: Mapping[date, str],
    cursor: Cursor,
    *,
    months: Collection[date],
    loaded: Mapping[date, str],
    in_flight: Collection[date],
    limit: int,
    settles: bool,
) -> Decision:
    """Which months to load now, oldest first.

    A version is asked for once. One that is loaded already is not asked for, nor one that went
    away and came back. What has to wait is looked at again the next time.

    Args:
        offered: the version of each month, as the source says it.
        cursor: what the look before remembered.
        months: the months of the domain; others are left alone until it is widened.
        loaded: the version that each loaded month was loaded from.
        in_flight: months that a run is loading.
        limit: at most so many requests.
        settles: a version counts when two looks in a row have seen it, because a file that is
            being copied changes from look to look.
    """
    handled, asked = dict(cursor.handled), dict(cursor.asked)
    settling: dict[str, str] = {}
    requests: list[Request] = []
    waiting = {m: "outside the domain's months" for m in sorted(offered) if m not in months}
    for month in changed(offered, cursor, months):
        key, version = str(month), offered[month]
        if loaded.get(month) == version:
            handled[key] = version
            continue
        reason = None
        if settles and cursor.settling.get(key) != version:
            reason = "new or still changing"
        elif month in in_flight:
            reason = "a run is loading it"
        elif len(requests) >= limit:
            reason = "after the others"
        if reason:
            settling[key], waiting[month] = version, reason
            continue
        handled[key], asked[key] = version, asked.get(key, 0) + 1
        # The count tells a version that came back after another one from the first time.
        requests.append(Request(month, version, f"{key}|{version}|{asked[key]}"))
    return Decision(requests, Cursor(handled, asked, settling), waiting)


def newest_month_due(
    months: Collection[date],
    today: date,
    *,
    loaded: Collection[date],
    in_flight: Collection[date],
    months_setting: str,
) -> tuple[date | None, str]:
    """The newest month that has ended and is not loaded, and in words why it is that one or none.

    Args:
        months: the months of the domain.
        today: the date in UTC.
        loaded: months that are loaded.
        in_flight: months that a run is loading; they are left to it.
        months_setting: the environment variable that holds the domain's months.
    """
    ended = [month for month in sorted(months) if next_month(month) <= today]
    if not ended:
        return None, f"no month of the domain has ended by {today}"
    missing = [month for month in ended if month not in loaded]
    if not missing:
        return None, (
            f"every month that has ended is loaded, {ended[0]:%Y-%m} to {ended[-1]:%Y-%m}; a shop "
            f"with more months widens {months_setting}"
        )
    free = [month for month in missing if month not in in_flight]
    if not free:
        return None, f"a run is loading {', '.join(f'{month:%Y-%m}' for month in missing)}"
    return free[-1], f"{free[-1]:%Y-%m} has ended and is not loaded"
