"""The truths of a domain in the form that all domains share, and when a truth applies.

Belongs here: reading published figures, which rows are loaded, whether a truth speaks of them.
Stays out: a domain's own figures and SQL (`<domain>/truths/`), judging (`lib/truths.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets.lib.months import months_between
from ecommerce_assets.lib.truths import Truth
from ecommerce_assets.month_settings import parse_month, parse_month_range
from ecommerce_assets.settings import Settings

#: Whose figures the planted ones are.
SIMULATED = "simulated shop"
#: A landed file whose rows come this close to the published number is taken for the published file.
SAME_FILE = Decimal("0.01")


@dataclass(frozen=True)
class LoadedMonth:
    """Where a published month came from: kind and version of its source, and rows received.

    `file_rows` are those of the whole file, which may hold other months, too.
    """

    source_version: str
    rows_received: int
    file_rows: int | None = None

    @property
    def kind(self) -> str:
        """The kind of its source, e.g. `sample`, `files` or `kaggle`."""
        return self.source_version.partition(":")[0]


@dataclass(frozen=True)
class TruthBook:
    """The truths of a domain.

    Attributes:
        truths: the figures.
        folder: where the measures' SQL files lie.
        speaks_of: whether a data set's figures are those of a loaded month.
    """

    truths: list[Truth]
    folder: Path
    speaks_of: Callable[[str, date, LoadedMonth], bool]

    def measure_sql(self, measure: str) -> str:
        """The query that finds our figures of a measure."""
        return (self.folder / f"{measure}.sql").read_text(encoding="utf-8")


def no_truths(settings: Settings) -> TruthBook:
    """The book of a domain that nobody published or planted a figure of."""
    return TruthBook([], Path(), lambda dataset, month, loaded: False)


def published_truths(folder: Path) -> list[Truth]:
    """The figures that others published, from the folder's `published.yaml`."""
    import yaml

    document = yaml.safe_load((folder / "published.yaml").read_text(encoding="utf-8"))
    first, last = parse_month_range(document["months"])
    truths = []
    for entry in document["truths"]:
        common: dict[str, Any] = {
            "dataset": document["dataset"],
            "metric": entry["metric"],
            "definition": entry["definition"],
            "tolerance": Decimal(str(entry.get("tolerance", 0))),
            "source": entry.get("source", document["source"]),
            "measure": entry["measure"],
            "column": entry.get("column", entry["metric"]),
            "alone": entry.get("alone", False),
        }
        for month, figure in entry.get("by_month", {}).items():
            day = parse_month(str(month))
            expected = Decimal(str(figure))
            truths.append(Truth(first=day, last=day, needs_from=day, expected=expected, **common))
        if "expected" in entry:
            expected = Decimal(str(entry["expected"]))
            truths.append(
                Truth(first=first, last=last, needs_from=first, expected=expected, **common)
            )
    return truths


class Figure(NamedTuple):
    """A figure that a simulated shop planted.

    Attributes:
        measure: the SQL file that finds ours, without its ending.
        column: the column of that query.
        expected: the figure.
        definition: what is counted, in words.
        metric: its short name; None: the column's.
        arguments: values for the query beside the months.
    """

    measure: str
    column: str
    expected: int | Decimal
    definition: str
    metric: str | None = None
    arguments: tuple[object, ...] = ()


def truth_of(figure: Figure, first: date, last: date, needs_from: date | None = None) -> Truth:
    """The truth that a planted figure is, of the months from `first` to `last`.

    Args:
        figure: what was planted; ours must meet it exactly.
        first: first month that it speaks of.
        last: last month that it speaks of.
        needs_from: first month that must be loaded; default: `first`.
    """
    return Truth(
        dataset=SIMULATED,
        metric=figure.metric or figure.column,
        first=first,
        last=last,
        needs_from=needs_from or first,
        definition=figure.definition,
        expected=Decimal(figure.expected),
        tolerance=Decimal(0),
        source="planted by the simulated shop",
        measure=figure.measure,
        column=figure.column,
        arguments=figure.arguments,
    )


def book_of_one_file(
    folder: Path,
    dataset: str,
    planted: Sequence[Truth] = (),
    sample_version: str | None = None,
) -> TruthBook:
    """The truths of a domain whose one file holds all months.

    Args:
        folder: has `published.yaml`, whose metric `rows_all` tells the published file from others.
        dataset: whose figures the published ones are.
        planted: figures of the simulated shop.
        sample_version: what the version of the simulated file begins with; None: there is none.
    """
    published = published_truths(folder)
    rows = next(t.expected for t in published if t.metric == "rows_all")

    def speaks_of(wanted: str, month: date, loaded: LoadedMonth) -> bool:
        if wanted == SIMULATED:
            start = f"sample:{sample_version}:"
            return sample_version is not None and loaded.source_version.startswith(start)
        if wanted == dataset:
            near = abs((loaded.file_rows or 0) - rows) <= SAME_FILE * rows
            return loaded.kind == "kaggle" or (loaded.kind == "files" and near)
        raise ValueError(f"no rule says which rows the data set {wanted!r} speaks of")

    return TruthBook([*published, *planted], folder, speaks_of)


def loaded_months(lake: Lake, contract: TableContract) -> dict[date, LoadedMonth]:
    """Every published month with its origin, as the Parquet's footer has it."""
    months = {}
    for month in published_months(lake, contract.domain, contract.table):
        footer, _ = Slice(lake, contract, Month(month)).footer()
        of_file = footer.get("file_rows_received")
        months[month] = LoadedMonth(
            footer["source_version"],
            int(footer["rows_received"]),
            int(of_file) if of_file else None,
        )
    return months


def reason_against(
    truth: Truth,
    loaded: Mapping[date, LoadedMonth],
    speaks_of: Callable[[str, date, LoadedMonth], bool],
) -> str | None:
    """Why a truth does not apply; None where it does.

    Args:
        truth: the figure.
        loaded: the published months.
        speaks_of: whether a data set's figures are those of a loaded month.
    """
    months = months_of(truth)
    missing = [month for month in months if month not in loaded]
    if missing:
        return "not loaded: " + ", ".join(f"{month:%Y-%m}" for month in missing)
    beside = sorted(loaded.keys() - set(months)) if truth.alone else []
    if beside:
        return "loaded beside its months: " + ", ".join(f"{month:%Y-%m}" for month in beside)
    other = [month for month in months if not speaks_of(truth.dataset, month, loaded[month])]
    if other:
        kinds = sorted({loaded[month].kind for month in other})
        named = ", ".join(f"{month:%Y-%m}" for month in other)
        return f"other rows are loaded (source {', '.join(kinds)}): {named}"
    return None


def months_of(truth: Truth) -> list[date]:
    """The months that must be loaded for a truth, oldest first."""
    return months_between(truth.needs_from, truth.last)
