"""Quarantined rows judged again after a rule was fixed, without reading the source again.

Belongs here: taking rows back into the published Parquet at the place they had in their file, so
that a replay ends in the very table that a full load under the new contract would make. Stays out:
judging a row (`month_file.py`, `lib/contracts/rules.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract
from ecommerce_assets.lib.contracts.spelling import with_quote
from ecommerce_assets.lib.failures import ConservationBroken, ContractBroken
from ecommerce_assets.lib.ingest.damage import DAMAGES
from ecommerce_assets.lib.ingest.header import CUT_OFF, is_whole_row
from ecommerce_assets.lib.ingest.judge import PARQUET_OPTIONS, Judge
from ecommerce_assets.lib.ingest.month_file import IngestResult, connect, fill_ledger_row, load_key
from ecommerce_assets.lib.ingest.readers.opened import open_kept
from ecommerce_assets.lib.lake import changes, seal
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.publication import publish_slice
from ecommerce_assets.lib.lake.quarantine import BATCH, Quarantine
from ecommerce_assets.lib.lake.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class ReplayResult:
    """What became of a slice's quarantined rows."""

    taken_back: int
    still_quarantined: int


def replay(slice_: Slice, *, memory_limit: str = "1000MB") -> ReplayResult | None:
    """Judge a slice's quarantined rows by its contract as it is now.

    Gives None, and does nothing, where no row is in quarantine or all were judged by this contract.

    Args:
        slice_: with the contract as it is now.
        memory_limit: DuckDB's.

    Raises:
        ContractBroken: the contract changed in a way that concerns accepted rows, too; the slice
            has to be loaded again.
        DamagedSlice: the slice's published file is damaged.
        ConservationBroken: rows accepted, quarantined and blank no longer add up; nothing changed.
    """
    if (footer := _footer_to_judge(slice_)) is None:
        return None
    received, blank = int(footer["rows_received"]), int(footer["blank_lines"])
    quarantine = Quarantine(slice_)
    held = quarantine.read(footer["load_key"])
    if footer.get("quote"):  # the file has quotes, whether the contract says so or not
        slice_ = replace(slice_, contract=with_quote(slice_.contract, footer["quote"]))
    lake, contract = slice_.lake, slice_.contract
    key = load_key(contract, slice_.key, footer["source_sha256"])
    ledger = Ledger(lake)
    attempt = ledger.begin(contract.dataset, "replay", slice_.key)
    with (
        lake.staging() as folder,
        connect(memory_limit, folder) as db,
        lake.local_copy(slice_.parquet) as published,
    ):
        words = quarantine.read_null_words(footer["load_key"])
        _refuse_other_changes(db, slice_, published, words)
        kept, reasons, taken_words = _judge(db, slice_, held, footer, folder)
        merged = folder / "merged.parquet"
        before = np.asarray(held["accepted_before"], np.int64)
        rows = _merge(
            db,
            contract,
            published,
            folder,
            before[~kept],
            _footer_after(footer, contract, key),
            merged,
            numbered=not lake.is_local,
        )
        result = IngestResult(key, False, received, rows, int(kept.sum()), blank)
        result.null_words = dict(sorted((Counter(words) + taken_words).items()))
        _refuse_lost_rows(slice_, result)
        remaining = _batches(held.filter(kept), reasons, before, kept)
        publish_slice(slice_, db, merged, remaining, result)
    attempt.contract_version = contract.version
    fill_ledger_row(attempt, result)
    ledger.finish(attempt, "loaded")
    return ReplayResult(taken_back=int((~kept).sum()), still_quarantined=result.rows_quarantined)


def _footer_to_judge(slice_: Slice) -> dict[str, str] | None:
    """The published footer of a slice with rows that this contract has not judged; else None.

    Raises:
        DamagedSlice: the slice's published file is damaged.
    """
    if not slice_.is_published:
        return None
    seal.refuse_damaged([slice_])
    footer, accepted = slice_.footer()
    held = int(footer["rows_received"]) - int(footer["blank_lines"]) - accepted
    judged = footer["contract_fingerprint"] == slice_.contract.fingerprint
    return None if judged or not held else footer


def _footer_after(footer: dict[str, str], contract: TableContract, key: str) -> dict[str, str]:
    """The footer of the slice after the replay: its file's, judged by the contract as it is now."""
    return footer | {
        "load_key": key,
        "contract_version": contract.version,
        "contract_fingerprint": contract.fingerprint,
        changes.ENTRY: changes.placeholder(),
        seal.ENTRY: seal.placeholder(),
    }


def _refuse_lost_rows(slice_: Slice, result: IngestResult) -> None:
    """Refuse figures that do not add up.

    Raises:
        ConservationBroken: rows received are not rows accepted, quarantined and blank.
    """
    accounted = result.rows_accepted + result.rows_quarantined + result.blank_lines
    if accounted != result.rows_received:
        raise ConservationBroken(
            f"{slice_}: {result.rows_received:,} rows received, but "
            f"{result.rows_accepted:,} accepted, {result.rows_quarantined:,} quarantined and "
            f"{result.blank_lines:,} blank after the replay",
            f"nothing was changed; load the {slice_.key.kind} again: {slice_.load_again}",
        )


def _refuse_other_changes(
    db: duckdb.DuckDBPyConnection,
    slice_: Slice,
    published: Path,
    null_words: dict[str, int],
) -> None:
    """Refuse a contract whose change is not only a fixed rule.

    Raises:
        ContractBroken: columns or types differ, accepted rows break the new rules, or hold null
            where the contract now wants a word.
    """
    contract, words = slice_.contract, slice_.key.words
    cure = f"load {words} again: {slice_.load_again}"
    known = {f"{c.name}:{word}" for c in rules.worded(contract) for word in c.null_words}
    if other := sorted(set(null_words) - known):
        raise ContractBroken(
            f"accepted rows of {words} were loaded with words that stood for nothing then "
            f"({', '.join(other)})",
            cure,
        )
    found = changes.column_types(db, published)
    wanted = {column.name: column.duckdb_type for column in contract.columns}
    if found != wanted:
        raise ContractBroken(
            f"the contract's columns changed since {words} was loaded "
            f"({sorted(set(found.items()) ^ set(wanted.items()))})",
            cure,
        )
    source = f"read_parquet({rules.quote_text(str(published))}, hive_partitioning = false)"
    kept = f"coalesce({rules.typed_rules(contract, slice_.span)}, false)"
    # All of the result is fetched: with one half read, no function can be made for the next load.
    ((broken,),) = db.execute(f"select count(*) from {source} where not {kept}").fetchall()
    if broken:
        raise ContractBroken(
            f"{broken:,} accepted rows of {words} break the contract as it is now", cure
        )


def _judge(
    db: duckdb.DuckDBPyConnection,
    slice_: Slice,
    held: pa.Table,
    footer: dict[str, str],
    folder: Path,
) -> tuple[np.ndarray[Any, Any], list[list[str]], Counter[str]]:
    """Which rows stay in quarantine and why; the others are written to `taken.parquet`.

    Last comes what those held of words for "not known", by `column:word`.
    """
    contract, null_words = slice_.contract, Counter[str]()
    header = json.loads(footer["header"])
    raw = held["raw_line"].to_pylist()
    old = held["reasons"].to_pylist()
    stays = np.array(
        [
            bool(DAMAGES & set(codes))
            or (
                CUT_OFF in codes
                and not is_whole_row(contract, header, contract.dialect.plain_line(line))
            )
            for line, codes in zip(raw, old, strict=True)
        ],
        bool,
    )
    judged = np.flatnonzero(~stays)
    reasons: dict[int, list[str]] = {int(i): old[i] for i in np.flatnonzero(stays)}
    blank = [int(i) for i in judged if not raw[i].strip("\r\n")]
    for i in blank:  # a row of nothing but its line end stays what it was
        reasons[i] = old[i]
    judged = np.array([i for i in judged.tolist() if i not in set(blank)], np.int64)
    if len(judged):
        texts = [raw[i] for i in judged.tolist()]
        with open_kept(contract, texts, footer, db, folder) as rows:
            judge = Judge(rows, slice_.span, db)
            judge.copy_accepted(folder / "taken.parquet", {})
            bad = judge.find_bad()
            places = rows.above(bad.lines)
        null_words = judge.null_words
        for place, joined in zip(places.tolist(), bad.reasons.tolist(), strict=True):
            reasons[int(judged[place])] = joined.split("|")
    kept = np.zeros(len(raw), bool)
    kept[list(reasons)] = True
    return kept, [reasons[i] for i in sorted(reasons)], null_words


def _merge(
    db: duckdb.DuckDBPyConnection,
    contract: TableContract,
    published: Path,
    folder: Path,
    before: np.ndarray[Any, Any],
    footer: dict[str, str],
    target: Path,
    *,
    numbered: bool,
) -> int:
    """Write published and taken-back rows in the file's order; gives their number.

    Args:
        db: where to run it.
        contract: gives the columns.
        published: the Parquet as it is.
        folder: holds `taken.parquet`, if any row was taken back.
        before: for each taken-back row, in order, the accepted rows above it.
        footer: key-value pairs for the new file.
        target: the file to write.
        numbered: whether each row carries its place.
    """
    import pyarrow as pa

    columns = ", ".join(rules.quote_name(name) for name in contract.column_names)
    own = (
        f"select {columns}, file_row_number as place, 1 as own, 0::bigint as nth "
        f"from read_parquet({rules.quote_text(str(published))}, file_row_number = true, "
        "hive_partitioning = false)"
    )
    taken = folder / "taken.parquet"
    if len(before):
        places = pa.table({"nth": np.arange(len(before)), "place": before})
        db.register("places", places)
        own += (
            f" union all select {columns}, places.place, 0 as own, places.nth from "
            f"read_parquet({rules.quote_text(str(taken))}, file_row_number = true) as taken "
            "join places on places.nth = taken.file_row_number"
        )
    pairs = ", ".join(f"{k}: {rules.quote_text(v)}" for k, v in footer.items())
    number = f", row_number() over (order by place, own, nth) - 1 as {ROW_NUMBER}"
    row = db.execute(
        f"copy (select {columns}{number if numbered else ''} from ({own}) "
        "order by place, own, nth) "
        f"to {rules.quote_text(str(target))} "
        f"(format parquet, {PARQUET_OPTIONS}, kv_metadata {{{pairs}}})"
    ).fetchone()
    return int(row[0]) if row else 0


def _batches(
    remaining: pa.Table,
    reasons: list[list[str]],
    before: np.ndarray[Any, Any],
    kept: np.ndarray[Any, Any],
) -> Iterator[dict[str, list[Any]]]:
    """The remaining rows for `Quarantine.publish`; taken-back rows now count as accepted."""
    shifted = (before + np.cumsum(~kept))[kept]
    for start in range(0, remaining.num_rows, BATCH):
        part = remaining.slice(start, BATCH)
        yield {
            name: part[name].to_pylist()
            for name in ("line", "raw_line", "file_name", "source_sha256", "run_id")
        } | {
            "accepted_before": shifted[start : start + BATCH].tolist(),
            "reasons": reasons[start : start + BATCH],
        }
