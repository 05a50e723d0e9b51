"""A source table's contract: the declared columns, types and rules, read from its ODCS file.

Belongs here: reading `domains/<domain>/contracts/<table>.odcs.yaml` (Open Data Contract Standard
v3) into what the rest of the code asks of it. Stays out: one column
(`columns.py`), applying the rules (`rules.py`, `lib/ingest/month_file.py`), finding the file
(`files.py`).
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from ecommerce_assets.lib.contracts.columns import Column, custom, read_column, share_of
from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.contracts.files import ENDING, file_and_server, fingerprint_of
from ecommerce_assets.lib.lake.slices import Batch, Month, Offsets

if TYPE_CHECKING:
    from open_data_contract_standard.model import TeamMember

Form = Literal["csv", "json", "parquet"]
#: What a delivery of a table holds, by the contract's `fileHolds`: the kind of its slices' keys.
HOLDS = {
    "one month": Month.kind,
    "all months": Month.kind,
    "one extraction": Batch.kind,
    "a range of offsets": Offsets.kind,
}

#: The place of a row in its month's file, from 0. Files in a bucket carry it as a column, since a
#: warehouse that loads them keeps no order; on local disk DuckDB counts the rows as it reads.
ROW_NUMBER = "source_row_no"

#: A file is refused above this share of unreadable rows, or of unreadable values of a column.
MAX_SHARE_UNREADABLE = 0.05
#: The share of its rows that a month may lose when its file comes again.
MAX_SHARE_LOST = 0.05


@dataclass(frozen=True)
class Product:
    """A product of columns that models calculate, and that has to stay below a limit.

    Attributes:
        name: what it is called in reasons, e.g. `line_value`.
        factors: the columns.
        below: its amount has to be smaller than this.
    """

    name: str
    factors: tuple[str, ...]
    below: int


@dataclass(frozen=True)
class TableContract:
    """The contract of one source table.

    Attributes:
        version: the contract's own version, as its file states it.
        fingerprint: SHA-256 of what the contract says; any change of a rule changes it.
        month_column: the timestamp that must lie in the month of the slice; None where slices are
            not months.
        additional_columns: `report` leaves unknown columns out and names them, `refuse` refuses.
        max_share_outside_month: above it the file is taken for another month's.
        change_key: columns by which a row of a month that comes again is known as the altered form
            of an earlier one; not unique. Empty: rows are added and removed, never altered.
        form: in which its source delivers: `csv` for delimited text, `json` for a JSON object a
            line or a message, `parquet` for columns that have types. A delimited text and a
            Parquet file are told apart by themselves, so that either is read in the other's place.
        dialect: how the text is spelled.
        slices: the kind of the table's slices' keys.
        shared_file: one file holds all months; it is fetched and read once.
        closed_weekdays: ISO weekdays (1 to 7) on which no rows are expected.
        max_share_unreadable: a file is refused above this share of rows that cannot be read, or of
            values of a column that are not of its type.
        max_share_lost: a month that comes again is refused if it loses more than this share.
        ambiguous_dates: whether a file of all months may have rows of three months or more and none
            after the 12th, where its dates could as well be the other way round.
        products: what models multiply.
        file: the name of the contract's file; empty: that of the table.
    """

    domain: str
    table: str
    version: str
    fingerprint: str
    description: str
    owner: str
    columns: tuple[Column, ...]
    month_column: str | None
    cluster_by: tuple[str, ...]
    additional_columns: Literal["report", "refuse"]
    max_share_outside_month: float
    change_key: tuple[str, ...]
    dialect: Dialect
    shared_file: bool
    closed_weekdays: tuple[int, ...]
    max_share_unreadable: float = MAX_SHARE_UNREADABLE
    max_share_lost: float = MAX_SHARE_LOST
    ambiguous_dates: Literal["refuse", "accept"] = "refuse"
    products: tuple[Product, ...] = ()
    file: str = ""
    form: Form = "csv"
    slices: str = Month.kind

    @property
    def time_of_month(self) -> str:
        """The timestamp that says a row's month.

        Raises:
            ValueError: the table's slices are not months.
        """
        if self.month_column is None:
            raise ValueError(f"{self.path} has no monthColumn")
        return self.month_column

    @property
    def delimiter(self) -> str:
        """What stands between the values as the loader reads them."""
        return self.dialect.separator

    @property
    def dataset(self) -> str:
        """Name in the ledger and in messages, `<domain>.<table>`."""
        return f"{self.domain}.{self.table}"

    @property
    def column_names(self) -> list[str]:
        """The declared columns in their declared order."""
        return [column.name for column in self.columns]

    @property
    def path(self) -> str:
        """Where its file lies below the package, for messages."""
        return f"domains/{self.domain}/contracts/{self.file or f'{self.table}{ENDING}'}"


def load_contract(domain: str, table: str, folder: Path | None = None) -> TableContract:
    """Read a table's contract.

    A contract of several servers is that of several tables, `<contract>_<server>`.

    Args:
        domain: its name.
        table: its name.
        folder: where the contracts of the domain lie; default: the domain's own folder.

    Raises:
        FileNotFoundError: there is no such contract.
        ValueError: the file is not a contract, or says something that is not supported.
    """
    from open_data_contract_standard.model import OpenDataContractStandard

    if folder is None:
        folder = Path(__file__).parents[2] / "domains" / domain / "contracts"
    path, server = file_and_server(folder, table)
    text = path.read_bytes()
    document = OpenDataContractStandard.from_string(text.decode())
    named = path.name.removesuffix(ENDING)
    schema = next((s for s in document.schema_ or [] if s.name == named), None)
    servers = [s for s in document.servers or [] if server in (None, s.server)]
    if schema is None or len(servers) != 1:
        wanted = f"the server {server}" if server else "one server"
        raise ValueError(f"{path}: a contract needs {wanted} and a schema named {named}")
    (dialect,) = servers
    file_options = custom(dialect)
    options = custom(schema) | file_options
    if file_options.get("nullValue", "") != "":
        raise ValueError(f"{path}: only CSV with an empty null value is supported")
    holds = options.get("fileHolds", "one month")
    if holds not in HOLDS:
        raise ValueError(f"{path}: fileHolds is `{'`, `'.join(HOLDS)}`, not {holds!r}")
    spelling = _dialect(path, dialect.delimiter or ",", file_options)
    closed = _closed_weekdays(path, options)
    words, formats = options.get("nullWords", ()), options.get("sourceFormats", {})
    strangers = set(formats) - {p.name for p in schema.properties or []}
    if strangers:
        raise ValueError(f"{path}: sourceFormats names columns that are not declared: {strangers}")
    columns = tuple(read_column(path, p, words, formats) for p in schema.properties or [])
    team = cast("list[TeamMember]", document.team or [])
    owner = next((member.username for member in team if member.role == "owner"), None)
    return TableContract(
        domain=domain,
        table=table,
        version=str(document.version),
        fingerprint=fingerprint_of(path, text, server),
        description=schema.description or "",
        owner=f"team:{owner or 'data-platform'}",
        columns=columns,
        month_column=_month_column(path, options, columns, HOLDS[holds]),
        cluster_by=tuple(options.get("clusterBy", ())),
        additional_columns=options.get("additionalColumns", "refuse"),
        max_share_outside_month=float(options.get("maxShareOutsideMonth", 0.5)),
        change_key=_change_key(path, options, columns),
        form=_form(path, dialect.format),
        slices=HOLDS[holds],
        dialect=spelling,
        shared_file=holds == "all months",
        closed_weekdays=closed,
        max_share_unreadable=share_of(path, options, "maxShareUnreadable", MAX_SHARE_UNREADABLE),
        max_share_lost=share_of(path, options, "maxShareLost", MAX_SHARE_LOST),
        ambiguous_dates=_ambiguous_dates(path, options),
        products=tuple(_product(path, p, columns) for p in options.get("products", ())),
        file=path.name,
    )


def _form(path: Path, declared: str | None) -> Form:
    if declared is not None and declared not in get_args(Form):
        listed = ", ".join(get_args(Form))
        raise ValueError(f"{path}: the server's format is one of {listed}, not {declared!r}")
    return cast("Form", declared or "csv")


def _month_column(
    path: Path, options: Mapping[str, Any], columns: Sequence[Column], slices: str
) -> str | None:
    name = options.get("monthColumn")
    if (name is not None) != (slices == Month.kind):
        wanted = "needs a monthColumn" if name is None else "has a monthColumn, and no months"
        raise ValueError(f"{path} {wanted}")
    if name is not None and name not in {c.name for c in columns if c.kind == "timestamp"}:
        raise ValueError(f"{path}: the monthColumn {name} is not a column of times")
    return name


def _ambiguous_dates(path: Path, options: dict[str, Any]) -> Literal["refuse", "accept"]:
    found = options.get("ambiguousDates", "refuse")
    if found not in ("refuse", "accept"):
        raise ValueError(f"{path}: ambiguousDates is `refuse` or `accept`, not {found!r}")
    return cast("Literal['refuse', 'accept']", found)


def _product(path: Path, declared: dict[str, Any], columns: tuple[Column, ...]) -> Product:
    factors = tuple(str(name) for name in declared["factors"])
    numeric = {column.name for column in columns if column.kind in ("int64", "decimal")}
    if not set(factors) <= numeric:
        raise ValueError(
            f"{path}: the product {declared['name']} needs columns that are numbers, not {factors}"
        )
    return Product(str(declared["name"]), factors, int(declared["below"]))


def _dialect(path: Path, delimiter: str, options: dict[str, Any]) -> Dialect:
    found = Dialect(str(options.get("encoding", "utf-8")), delimiter, str(options.get("quote", "")))
    ascii_text = bytes(range(128))
    try:
        fits = codecs.decode(ascii_text, found.encoding) == ascii_text.decode("ascii")
    except (LookupError, UnicodeDecodeError):
        fits = False
    if not fits:  # lines are found by their line feed, before anything is decoded
        raise ValueError(
            f"{path}: the encoding {found.encoding} is unknown, or does not hold ASCII as it is"
        )
    if len(found.delimiter) != 1 or len(found.quote) > 1:
        raise ValueError(f"{path}: delimiter and quote are one character each, or quote is empty")
    return found


def _change_key(
    path: Path, options: Mapping[str, Any], columns: Sequence[Column]
) -> tuple[str, ...]:
    change_key = tuple(str(name) for name in options.get("changeKey", ()))
    unknown = set(change_key) - {column.name for column in columns}
    if unknown:
        raise ValueError(f"{path}: changeKey names columns that are not declared: {unknown}")
    return change_key


def _closed_weekdays(path: Path, options: Mapping[str, Any]) -> tuple[int, ...]:
    closed = tuple(int(day) for day in options.get("closedWeekdays", ()))
    if not set(closed) <= set(range(1, 8)):
        raise ValueError(f"{path}: closedWeekdays are 1 to 7, Monday to Sunday, not {closed}")
    return closed
