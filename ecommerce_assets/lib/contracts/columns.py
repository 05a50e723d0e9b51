"""A column of a contract: its type in the lake and the rules on its values.

Belongs here: reading one column of an ODCS schema. Stays out: the table (`contract.py`), applying
the rules (`rules.py`).
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ecommerce_assets.lib.contracts.times import TimeFormat, time_format

LakeType = Literal["string", "int64", "decimal", "timestamp"]

_DUCKDB = {"string": "VARCHAR", "int64": "BIGINT", "timestamp": "TIMESTAMPTZ"}
_BIGQUERY = {"string": "STRING", "int64": "INT64", "timestamp": "TIMESTAMP"}


@dataclass(frozen=True)
class Column:
    """One declared column: its type in the lake and the rules on its values.

    Attributes:
        source_name: what the file's header calls it.
        source_format: of a timestamp's text, as `strptime` spells it; more in `times.py`.
        source_time_zone: whose wall-clock time the text is.
        sentinels: texts of a timestamp that stand for "not known".
        null_words: texts of a text column that stand for "not known", such as `NaN`; exact.
        max_share_unreadable: the column's own limit; None: the table's holds.
        native: the DuckDB type in which one delivery hands the values over, where it agrees with
            the column's own; None: as texts, as contracts say of all.
    """

    name: str
    kind: LakeType
    description: str
    required: bool
    precision: int = 0
    scale: int = 0
    source_format: str | None = None
    allowed: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    complete_pattern: str | None = None
    source_name: str = ""
    source_time_zone: str = "UTC"
    sentinels: tuple[str, ...] = ()
    null_words: tuple[str, ...] = ()
    max_share_unreadable: float | None = None
    native: str | None = None

    @property
    def time_format(self) -> TimeFormat:
        """How a timestamp's text is spelled."""
        return time_format(self.source_format or "%c")

    @property
    def duckdb_type(self) -> str:
        """The column's type in DuckDB, e.g. `DECIMAL(9,2)`."""
        if self.kind == "decimal":
            return f"DECIMAL({self.precision},{self.scale})"
        return _DUCKDB[self.kind]

    @property
    def bigquery_type(self) -> str:
        """The column's type in BigQuery, e.g. `NUMERIC(9,2)`."""
        if self.kind == "decimal":
            return f"NUMERIC({self.precision},{self.scale})"
        return _BIGQUERY[self.kind]


def read_column(
    path: Path, declared: Any, null_words: Sequence[str], formats: Mapping[str, str]
) -> Column:
    """A column as it is declared.

    Args:
        path: of the contract, for messages.
        declared: the column's part of the schema.
        null_words: those of the table's texts.
        formats: how its server spells times, where it differs from the column's own.

    Raises:
        ValueError: it says something that is not supported.
    """
    found = re.fullmatch(
        r"(string|int64|timestamp|decimal)(?:\((\d+),(\d+)\))?", declared.physicalType or ""
    )
    if not found or (found[1] == "decimal") != bool(found[2]):
        raise ValueError(
            f"{path}: column {declared.name} has the physicalType {declared.physicalType!r}; "
            "use string, int64, timestamp or decimal(p,s)"
        )
    options, limits = custom(declared), declared.logicalTypeOptions or {}
    if declared.name in formats:
        options["sourceFormat"] = formats[declared.name]
    allowed: tuple[str, ...] = ()
    for rule in declared.quality or []:
        if rule.metric != "invalidValues":
            raise ValueError(f"{path}: column {declared.name} has the unknown rule {rule.metric!r}")
        allowed = tuple(str(v) for v in (rule.arguments or {}).get("validValues", ()))
    unknown = set(limits) - {"minimum", "maximum"}
    if unknown:
        raise ValueError(
            f"{path}: column {declared.name} has unsupported options {sorted(unknown)}"
        )
    zone = str(options.get("sourceTimeZone", "UTC"))
    if found[1] == "timestamp":
        _require_times(f"{path}: column {declared.name}", options, zone)
    if "nullWords" in options and found[1] != "string":
        raise ValueError(f"{path}: column {declared.name} has nullWords and is not a string")
    words = tuple(str(word) for word in options.get("nullWords", null_words))
    if any("|" in word for word in words):
        raise ValueError(f"{path}: column {declared.name} has a null word with a |")
    limit = None
    if "maxShareUnreadable" in options:
        limit = share_of(path, options, "maxShareUnreadable", 0)
    return Column(
        name=declared.name,
        kind=found[1],  # type: ignore[arg-type]
        description=" ".join((declared.description or "").split()),
        required=bool(declared.required),
        precision=int(found[2] or 0),
        scale=int(found[3] or 0),
        source_format=options.get("sourceFormat"),
        allowed=allowed,
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        complete_pattern=options.get("completePattern"),
        source_name=str(options.get("sourceName", declared.name)),
        source_time_zone=zone,
        sentinels=tuple(str(text) for text in options.get("sentinels", ())),
        null_words=words if found[1] == "string" else (),
        max_share_unreadable=limit,
    )


def custom(holder: Any) -> dict[str, Any]:
    """The custom properties of a part of a contract, by their names."""
    return {p.property: p.value for p in holder.customProperties or []}


def share_of(path: Path, options: dict[str, Any], name: str, default: float) -> float:
    """A share that a contract states.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    share = float(options.get(name, default))
    if not 0 <= share <= 1:
        raise ValueError(f"{path}: {name} is a share from 0 to 1, not {share:g}")
    return share


def _require_times(place: str, options: Mapping[str, Any], zone: str) -> None:
    """Refuse a column of times that says too little or too much of how they are written.

    Raises:
        ValueError: it has no sourceFormat or an unknown one, or a wrong time zone.
    """
    if "sourceFormat" not in options:
        raise ValueError(f"{place} needs a sourceFormat")
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{place} has the unknown time zone {zone}") from error
    try:
        spelled = time_format(str(options["sourceFormat"]))
    except ValueError as error:
        raise ValueError(f"{place}: sourceFormat {error}") from error
    if spelled.names_its_zone and zone != "UTC":
        raise ValueError(f"{place} has a sourceTimeZone, though its times say their own offset")
