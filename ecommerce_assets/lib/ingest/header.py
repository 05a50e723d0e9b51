"""A file's first and last line against its contract: its columns, and whether it is cut off.

Belongs here: what is asked of a file as a whole before its rows are judged. Stays out: the rows.
"""

from __future__ import annotations

import re
from pathlib import Path

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.spelling import nearest, why_other_columns
from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.text import TextFile

#: Reason code of a last line that ends without a line feed and does not look whole.
CUT_OFF = "cut_off_last_line"


def match_header(contract: TableContract, text: TextFile) -> tuple[list[str], list[str]]:
    """The file's columns in its order, by the contract's names, and those that it does not know.

    Raises:
        ContractBroken: a declared column is missing, twice there, or an unknown one is refused.
    """
    header = text.header.split(contract.delimiter)
    names = {column.source_name: column.name for column in contract.columns}
    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    if missing:
        raise _other_columns(contract, text, missing, header)
    named = [name for name in header if name.strip()]
    if len(set(named)) < len(named):
        raise ContractBroken(
            f"{text.name} names a column twice: {_first_line(text)}", "correct the first line"
        )
    if unknown and contract.additional_columns == "refuse":
        raise ContractBroken(
            f"{text.name} has columns that the contract does not know: {', '.join(unknown)}",
            "add them to the contract, or let it say `additionalColumns: report`",
        )
    return [names.get(name, name) for name in header], unknown


def _other_columns(
    contract: TableContract, text: TextFile, missing: list[str], header: list[str]
) -> ContractBroken:
    """The failure of a file without the contract's columns: what it has instead, and the cure."""
    if found := why_other_columns(contract, text.dialect.written(text.header)):
        return ContractBroken(f"{text.name}: {found[0]}; it begins {_first_line(text)}", found[1])
    known = {column.source_name for column in contract.columns}
    strangers = [name for name in header if name not in known]
    return ContractBroken(
        f"{text.name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        f"{nearest(missing, strangers)}; its first line is {_first_line(text)}",
        f"deliver all columns of the contract, or change the contract {contract.path}",
    )


def _first_line(text: TextFile) -> str:
    """The header as the file spells it, for messages."""
    return repr(text.dialect.written(text.header)[:200])


def cut_off_last_line(
    contract: TableContract, text: TextFile, header: list[str], folder: Path
) -> str | None:
    """Take a last line without line feed off the text unless it is whole; gives it.

    A row that was cut off may well look like a row (`…,25.71,5204`), so it counts only if its last
    value has the form that the contract declares for a whole one.
    """
    if text.terminated:
        return None
    *_, (_, line) = text.read_lines([text.lines])
    return None if is_whole_row(contract, header, line) else text.cut_last_line(folder)


def cut_off_reason(text: TextFile) -> str:
    """The reason code of a last line that was taken off, with that of its damage if it has any."""
    damage = text.damage.lines.get(text.lines)
    return f"{CUT_OFF}|{damage}" if damage else CUT_OFF


def is_whole_row(contract: TableContract, header: list[str], line: str) -> bool:
    """Whether a line without line feed has all columns, and a last value of the declared form."""
    values = line.split(contract.delimiter)
    pattern = next((c.complete_pattern for c in contract.columns if c.name == header[-1]), None)
    return bool(
        pattern and len(values) == len(header) and re.fullmatch(pattern, values[-1]) is not None
    )
