"""A month that comes again and is worse than what is published of it does not replace it.

Belongs here: when another file is worse, and what is said of it. Stays out: limits on a file by
itself (`refusals.py`), what a file changes (`lib/lake/changes.py`), publishing
(`lib/lake/publication.py`).
"""

from __future__ import annotations

from typing import Any

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import WorseDelivery
from ecommerce_assets.lib.ingest.likely_causes import likely_cause, shown
from ecommerce_assets.lib.ingest.readers.opened import value_kept
from ecommerce_assets.lib.ingest.refusals import FEW
from ecommerce_assets.lib.lake.slices import Slice

#: The tag of a run in which a worse file may replace a month; its value is `yes`.
ACCEPT_TAG = "ecommerce/accept_worse"

Footer = tuple[dict[str, str], int]


def refuse_worse(
    slice_: Slice,
    before: Footer,
    now: Footer,
    bad: dict[str, list[Any]] | None,
) -> None:
    """Refuse another file of a month that loses rows, or has many more of them refused.

    The same file under another contract is not a redelivery: a user who changes a rule wants what
    follows from it.

    Args:
        slice_: a month; its contract has the share that it may lose.
        before: footer and rows of the published Parquet file.
        now: those of the new one.
        bad: the first of the new file's refused rows, with `line`, `raw_line` and `reasons`.

    Raises:
        WorseDelivery: the new file is worse.
    """
    (old_pairs, old_rows), (new_pairs, new_rows) = before, now
    if old_pairs["source_sha256"] == new_pairs["source_sha256"] or not old_rows:
        return
    contract = slice_.contract
    share, refused_before, refused = contract.max_share_lost, _refused(before), _refused(now)
    lost, more_refused = old_rows - new_rows, refused - refused_before
    if lost <= max(FEW, share * old_rows) and more_refused <= max(
        FEW, share * (new_rows + refused)
    ):
        return
    name, text = new_pairs["source_name"], slice_.key.words
    example = _example(contract, new_pairs, bad) if bad and bad["line"] else ""
    raise WorseDelivery(
        f"{name} is worse than what is published of {text}: {new_rows:,} rows accepted, before "
        f"{old_rows:,}; {refused:,} refused, before {refused_before:,}{example}; the published "
        f"month stays as it is (the contract allows to lose {share:.0%})",
        f"deliver the whole file; or, if it is right, accept it: {slice_.load_again} "
        f"--accept-worse, in the UI a run of the month with the tag {ACCEPT_TAG} = yes",
    )


def _refused(footer: Footer) -> int:
    pairs, accepted = footer
    return int(pairs["rows_received"]) - int(pairs["blank_lines"]) - accepted


def _example(contract: TableContract, pairs: dict[str, str], bad: dict[str, list[Any]]) -> str:
    """One of the refused rows: its value where a column is to blame, else its line."""
    line, raw, code = bad["line"][0], bad["raw_line"][0], bad["reasons"][0][0]
    column = next((c for c in contract.columns if c.name == code.partition(":")[2]), None)
    if column is None:
        return f", for instance line {line:,} for {code}: {shown(raw)}"
    value = value_kept(contract, pairs, raw, column.name) or ""
    return f", for instance line {line:,}: {likely_cause(column, code, [value])}"
