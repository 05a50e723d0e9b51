"""Operations: what was loaded and how it ended, bad rows, time and price, and the truths.

Everything here is read from the lake itself as it is now, not from the published copy: see
`live.py`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.failures import CURE, LakehouseError
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_dashboard import charts, series
from ecommerce_dashboard.live import ledger_frame, now, quarantine_frame, verdict_frame
from ecommerce_dashboard.page import (
    ANY,
    boxes,
    card,
    count,
    money,
    percent,
    rates,
    ratio,
    say_empty,
    say_failure,
    table,
)

ZONE = "Months are those of the data set's calendar, instants are UTC."
#: The order in which a month goes through them; others stand behind.
STEPS = ("files", "lake", "replay", "raw", "models", "history")
EVERY = "all"
VERDICTS = (EVERY, "differs", "stale", "not judged", "matches", "not applicable")
BAD = ("failed", "interrupted")


def month_name(months: pd.Series[Any]) -> pd.Series[Any]:
    """Months as text; the rows of a shared file without a month have a word."""
    names: pd.Series[Any] = months.dt.strftime("%Y-%m")
    return names.mask(months == pd.Timestamp(UNDATED), "undated")


def instants(times: pd.Series[Any]) -> pd.Series[Any]:
    """Instants as text; a dash where there is none."""
    texts: pd.Series[Any] = times.dt.strftime("%Y-%m-%d %H:%M")
    return texts.fillna("—")


def failures(attempts: pd.DataFrame) -> None:
    """What failed and was not made good since, with what to do."""
    failed = attempts[attempts["status"].isin(BAD)].copy()
    running = int((attempts["status"] == "running").sum())
    boxes(
        (
            "Done",
            count(attempts["status"].isin(["loaded", "unchanged"]).sum()),
            "Steps of months whose newest attempt ended well.",
        ),
        (
            "Failed",
            count(len(failed)),
            "Steps whose newest attempt failed or was killed.",
        ),
        ("Running", count(running), "Begun and not ended."),
    )
    st.caption(f"The newest attempt of each step of each month. {ZONE}")
    if failed.empty:
        st.write("Nothing failed that was not made good since.")
        return
    reasons = failed["reason"].fillna("").str.partition(CURE)
    failed = failed.assign(
        month=month_name(failed["month"]),
        message=reasons[0].where(failed["status"] == "failed", "it was killed before it ended"),
        cure=reasons[2].replace("", "—"),
        ended=instants(failed["finished_at"]),
    )
    table(
        failed,
        {
            "dataset": "data set",
            "month": "month",
            "step": "step",
            "message": "what happened",
            "cure": "what to do",
            "ended": "ended at (UTC)",
        },
    )
    st.caption("A failed month is loaded again by the same command: `ecommerce backfill DOMAIN`")


def grid(attempts: pd.DataFrame) -> None:
    """Months by steps."""
    steps = sorted(
        set(attempts["step"]), key=lambda step: (STEPS.index(step) if step in STEPS else 99, step)
    )
    named = attempts.assign(
        month=month_name(attempts["month"]), started=instants(attempts["started_at"])
    )
    charts.draw(
        series.status_grid(named, steps),
        "How the newest attempt of each step of a month ended. unchanged: there was nothing new. "
        "interrupted: killed before it could say how it ended; on another machine than that of "
        f"the dashboard it shows as running. {ZONE}",
    )


def rows_of(dataset: str) -> None:
    """Rows received, and where they went."""
    frame = ledger_frame("operations.loaded_rows")
    frame = frame[frame["dataset"] == dataset]
    if frame.empty:
        st.write("No load of this data set says how many rows it received.")
        return
    frame = frame.assign(
        month=month_name(frame["month"]),
        quarantined=rates(frame["rows_quarantined"], frame["rows_received"]),
        ended=instants(frame["finished_at"]),
    )
    table(
        frame,
        {
            "month": "month",
            "rows_received": "received",
            "rows_accepted": "accepted",
            "rows_quarantined": "quarantined",
            "blank_lines": "blank",
            "quarantined": "share quarantined",
            "ended": "loaded at (UTC)",
        },
        shares=("quarantined",),
    )
    st.caption(
        "Of the newest load of each month that ended well. Received = accepted + quarantined + "
        f"blank. Share quarantined = quarantined / received. {ZONE}"
    )


def quarantine(dataset: str) -> None:
    """Bad rows by month and by what was wrong."""
    known = [table for domain in DOMAINS.values() for table in domain.all_tables]
    named = [each for each in known if each.contract.dataset == dataset]
    if not named:
        st.write("This data set has no rows of a source, and so no quarantine.")
        return
    domain, frame = named[0].domain, quarantine_frame(named[0].contract)
    if frame is None:
        st.write(f"Nothing of it was loaded yet: `ecommerce backfill {domain}`")
        return
    frame = frame.assign(month=month_name(frame["month"]))
    names = {"month": "month", "reasons": "reasons", "quarantined_rows": "rows"}
    table(frame, names)
    st.caption(
        "Rows that broke the contract, by all their reasons at once, so each stands once; undated: "
        f"of no month. See the rows: `ecommerce quarantine show {domain} MONTH`. {ZONE}"
    )


def costs() -> None:
    """Seconds by step, and what the warehouse charged."""
    frame = ledger_frame("operations.steps")
    frame = frame.assign(mean_s=rates(frame["seconds"], frame["attempts"]))
    table(
        frame,
        {
            "dataset": "data set",
            "step": "step",
            "attempts": "attempts",
            "seconds": "seconds in all",
            "mean_s": "seconds each",
            "longest_s": "longest",
            "peak_mb": "largest memory, MB",
        },
    )
    st.caption(
        "Ended attempts, failed ones too. Seconds each = seconds in all / attempts; where one call "
        "builds several months, each month has its share of it."
    )
    billed = frame[frame["bytes_billed"].notna() | frame["usd"].notna()]
    if billed.empty:
        st.write("The warehouse charged nothing: it is not BigQuery.")
        return
    card("Price in US dollars", money(billed["usd"].sum()), "Of all queries, on demand.")
    table(
        billed,
        {
            "dataset": "data set",
            "step": "step",
            "bytes_processed": "bytes read",
            "bytes_billed": "bytes billed",
            "usd": "US dollars",
        },
    )
    st.caption("As BigQuery's jobs say; the price is bytes billed by the price on demand.")


def truths() -> None:
    """Published and planted figures beside ours."""
    frame = verdict_frame("operations.verdicts")
    if frame.empty:
        st.write("Nothing was compared yet. Compare: `ecommerce backfill DOMAIN`")
        return
    verdict = st.radio("Verdict", VERDICTS, horizontal=True, key="verdict")
    asked = frame[frame["status"] != "not applicable"]
    counts = {name: int((asked["status"] == name).sum()) for name in VERDICTS}
    rest = [f"{count(counts[n])} {n}" for n in ("differs", "stale", "not judged") if counts[n]]
    st.write(
        f"{count(counts['matches'])} / {count(len(asked))} figures = "
        f"{percent(ratio(counts['matches'], len(asked)))} match"
        f"{', ' if rest else ''}{', '.join(rest)}; {count(len(frame) - len(asked))} more speak of "
        "rows that are not loaded."
    )
    frame = frame.assign(judged=instants(frame["checked_at"]).where(frame["found"].notna(), "—"))
    shown = frame if verdict == EVERY else frame[frame["status"] == verdict]
    table(
        shown,
        {
            "dataset": "published or planted by",
            "metric": "figure",
            "scope": "months",
            "expected": "theirs",
            "found": "ours",
            "tolerance": "tolerance",
            "status": "verdict",
            "judged": "judged at (UTC)",
            "reason": "why",
            "definition": "definition",
            "source": "source",
        },
    )
    st.caption(
        "A figure matches where ours lies within its tolerance of theirs. stale: its rows or "
        "models changed since it was judged; not judged: it applies and was not compared yet."
    )


def page() -> None:
    """The whole page."""
    st.title("Operations")
    try:
        attempts, state = ledger_frame("operations.attempts"), now()
        st.caption(
            f"As of {state.at:%Y-%m-%d %H:%M:%S} UTC: the ledger, the quarantine and the verdicts "
            "themselves, not those of the published copy."
        )
        if state.unreadable:
            st.warning(f"Not in the ledger below, for they are not rows: {len(state.unreadable)} "
                       f"objects, the first is `{state.unreadable[0]}`.")  # fmt: skip
        if attempts.empty:
            say_empty(ANY)
        sections(attempts)
    except LakehouseError as error:
        say_failure(error)


def sections(attempts: pd.DataFrame) -> None:
    """The parts of the page."""
    failures(attempts)
    st.subheader("Months and steps")
    dataset = st.selectbox("Data set", sorted(set(attempts["dataset"])), key="dataset")
    grid(attempts[attempts["dataset"] == dataset])
    st.subheader("Rows")
    rows_of(dataset)
    st.subheader("Quarantine")
    quarantine(dataset)
    st.subheader("Time and price")
    costs()
    st.subheader("Truths")
    truths()


page()
