"""The results as JSON and as a page with plots, under `docs/benchmarks/`."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks import growth
from benchmarks.ingest import EVENTS, METHODS

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
OVERHEADS = {
    "load_definitions_s": ("code location loaded, process start included", 4.0),
    "dagster_dev_answers_s": ("`ecommerce dev` answering", 8.0),
    "partition_process_s": ("one partition from file to raw table, process start included", None),
    "partition_run_s": ("of it, the run", None),
    "partition_work_s": ("of the run, the work that the ledger timed", None),
}


def write(results: dict[str, Any]) -> Path:
    """Write `results.json`, two plots and the page; gives the page's path.

    Args:
        results: `environment`, `ingest` (readings by method) and `overheads` (seconds by name).
    """
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    ingest = {name: rows for name, rows in results["ingest"].items() if rows}
    if ingest:
        _plot(
            ingest, "wall_s", "seconds, wall (median, whiskers: least and most)", "ingest-wall.svg"
        )
        _plot(ingest, "peak_mb", "MB at the peak", "ingest-memory.svg")
    page = DOCS / "README.md"
    page.write_text("\n".join(_lines(results, ingest)) + "\n")
    return page


def _median(rows: list[dict[str, float]], key: str) -> float:
    return statistics.median(row[key] for row in rows)


def _lines(results: dict[str, Any], ingest: dict[str, list[dict[str, float]]]) -> list[str]:
    machine = results["environment"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; the readings are in [results.json](results.json).",
        "",
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}; {versions}.",
        "",
    ]
    if ingest:
        lines += _ingest_lines(ingest)
    if results.get("fullsize"):
        lines += _fullsize_lines(results["fullsize"])
    if results.get("growth"):
        lines += _growth_lines(results["growth"])
        _plot_growth(results["growth"])
    if results.get("store"):
        lines += _store_lines(results["store"])
    if results.get("overheads"):
        lines += ["## Overheads", "", "| what | seconds, median | least | most | to reach |"]
        lines += ["|---|---|---|---|---|"]
        for name, (what, goal) in OVERHEADS.items():
            taken = results["overheads"][name]
            shown = f"under {goal:g}" if goal else ""
            middle = statistics.median(taken)
            lines.append(
                f"| {what} | {middle:.2f} | {min(taken):.2f} | {max(taken):.2f} | {shown} |"
            )
    return lines


def _ingest_lines(ingest: dict[str, list[dict[str, float]]]) -> list[str]:
    ours = _median(ingest["lakehouse"], "wall_s")
    lines = [
        f"## A month's zip to Parquet: {EVENTS:,} rows, 480 MB as CSV",
        "",
        "Each way in a process of its own, start-up included, in turn, after a round that is not "
        "counted. The alternatives check nothing: a bad value stops them or becomes null or a "
        "rounded number. Memory is the process's largest resident size, and for this project the "
        "text that it holds outside the process, too.",
        "",
        "| way | rounds | wall s, median | least | most | CPU s | peak MB | wall, to ours |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, rows in ingest.items():
        wall = [row["wall_s"] for row in rows]
        middle = statistics.median(wall)
        lines.append(
            f"| {METHODS[name]} | {len(rows)} | {middle:.2f} | {min(wall):.2f} | {max(wall):.2f} "
            f"| {_median(rows, 'cpu_s'):.1f} | {_median(rows, 'peak_mb'):.0f} "
            f"| {middle / ours:.2f} |"
        )
    return [*lines, "", "![wall](ingest-wall.svg)", "", "![memory](ingest-memory.svg)", ""]


def _fullsize_lines(result: dict[str, Any]) -> list[str]:
    reading, rows = result["reading"], result["events"] * result["months"]
    lines = [
        f"## All at once: {rows:,} rows in {result['months']} zips, to all marts",
        "",
        f"`ecommerce backfill cosmetics` on landed files of {result['zip_bytes'] / 1e6:,.0f} MB in "
        "all, with every check and test, one run, nothing warmed up.",
        "",
        "| | measured | to reach |",
        "|---|---|---|",
        f"| seconds, wall | {reading['wall_s']:.0f} | under 180 |",
        f"| seconds of processor time | {reading['cpu_s']:.0f} | |",
        f"| memory of the process and its children, MB | {reading['peak_mb']:,.0f} | under 3,000 |",
        "",
        "Steps as the ledger timed them: "
        + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in result["steps"].items())
        + ". Each model's share, all months together, without its tests; two run at a time:",
        "",
        "| model | seconds |",
        "|---|---|",
    ]
    lines += [f"| {name} | {seconds:.2f} |" for name, seconds in result["models"].items()]
    return [*lines, f"| all | {sum(result['models'].values()):.1f} |", ""]


def _store_lines(result: dict[str, Any]) -> list[str]:
    reading, truths = result["reading"], result["truths"]
    lines = [
        f"## One file of all months: {result['rows']:,} purchases, to all marts",
        "",
        "`ecommerce backfill electronics` on the simulated store at the size of the original, with "
        "every check and test, in a run of Dagster for each of eleven months; writing the file is "
        "the step `files`.",
        "",
        "| | measured |",
        "|---|---|",
        f"| seconds, wall | {reading['wall_s']:.0f} |",
        f"| seconds of processor time | {reading['cpu_s']:.0f} |",
        f"| memory of the process and its children, MB | {reading['peak_mb']:,.0f} |",
        f"| planted figures that ours meet | {truths.get('matches', 0)} of "
        f"{sum(truths.values())} |",
        "",
        "Steps as the ledger timed them: "
        + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in result["steps"].items())
        + ".",
        "",
        "| model | seconds |",
        "|---|---|",
    ]
    lines += [f"| {name} | {seconds:.2f} |" for name, seconds in result["models"].items()]
    return [*lines, f"| all | {sum(result['models'].values()):.1f} |", ""]


def _growth_lines(result: dict[str, Any]) -> list[str]:
    readings, months = result["readings"], result["months"]
    first, last = readings["2"], readings[f"{months}"]
    second, newest = result["models"]["2"], result["models"][f"{months}"]
    lines = [
        f"## A month more: {months} months of {result['events']:,} rows",
        "",
        "Months added one by one, each by a command of its own, from landed file to all marts; "
        "those in the middle by one command. A new month rebuilds the one before it, too.",
        "",
        f"| | month 2 | month {months} | ratio | medians of three, ratio | to reach |",
        "|---|---|---|---|---|---|",
    ]
    for key, what, goal in (("wall_s", "seconds, wall", "at most 1.2"), ("cpu_s", "CPU s", "")):
        lines.append(
            f"| {what} | {first[key]:.1f} | {last[key]:.1f} | {last[key] / first[key]:.2f} "
            f"| {growth.ratio(result, key):.2f} | {goal} |"
        )
    lines += ["", "![growth](growth.svg)", "", f"| model | month 2, s | month {months}, s |"]
    lines += ["|---|---|---|"]
    lines += [f"| {name} | {second.get(name, 0):.2f} | {s:.2f} |" for name, s in newest.items()]
    return [*lines, f"| all | {sum(second.values()):.1f} | {sum(newest.values()):.1f} |", ""]


def _plot_growth(result: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 2.8), layout="constrained")
    walls = {number: reading["wall_s"] for number, reading in result["readings"].items()}
    axes.bar(list(walls), list(walls.values()), color="#4c72b0")
    axes.axhline(walls["2"] * 1.2, color="#b0b7c3", linestyle="--", label="1.2 times month 2")
    axes.set_xlabel("month added")
    axes.set_ylabel("seconds, wall")
    axes.legend(loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / "growth.svg", metadata={"Date": None})
    pyplot.close(figure)


def _plot(ingest: dict[str, list[dict[str, float]]], key: str, label: str, name: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 2.8), layout="constrained")
    names = list(ingest)[::-1]
    middles = [_median(ingest[n], key) for n in names]
    low = [m - min(r[key] for r in ingest[n]) for n, m in zip(names, middles, strict=True)]
    high = [max(r[key] for r in ingest[n]) - m for n, m in zip(names, middles, strict=True)]
    colours = ["#4c72b0" if n == "lakehouse" else "#b0b7c3" for n in names]
    bars = axes.barh([METHODS[n] for n in names], middles, xerr=[low, high], color=colours)
    axes.bar_label(
        bars, [f"{m:.1f}" if key == "wall_s" else f"{m:.0f}" for m in middles], padding=12
    )
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(0, max(m + h for m, h in zip(middles, high, strict=True)) * 1.12)
    figure.savefig(DOCS / name, metadata={"Date": None})
    pyplot.close(figure)
