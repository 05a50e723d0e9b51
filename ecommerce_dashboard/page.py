"""What the pages have in common: their beginning, cards, slicers, links to details.

Stays out: charts (`charts.py`), queries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

import streamlit as st

from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.text.plain import for_spreadsheet, markdown, visible
from ecommerce_assets.settings import load_settings
from ecommerce_dashboard.data import KEEP_S, NotLoaded, on_bigquery, read
from ecommerce_dashboard.live import figures_of
from ecommerce_dashboard.navigation import page_of

if TYPE_CHECKING:
    import pandas as pd

#: The slicers' value for "no choice".
ALL = 0
#: Stands for the domain on pages that are of none.
ANY = ""
SLICERS = ("year", "quarter", "month")


@dataclass(frozen=True)
class Slice:
    """The chosen part of the calendar; `ALL` where nothing is chosen."""

    year: int
    quarter: int
    month: int

    @property
    def parameters(self) -> tuple[int, int, int]:
        """The values of the question marks of queries over a slice, in their order."""
        return (self.year, self.quarter, self.month)

    def holds(self, months: pd.Series[Any]) -> pd.Series[Any]:
        """Which of these months are in the slice."""
        inside = months.notna()
        if self.year != ALL:
            inside &= months.dt.year == self.year
        if self.quarter != ALL:
            inside &= months.dt.quarter == self.quarter
        if self.month != ALL:
            inside &= months.dt.month == self.month
        return inside


def begin(title: str, domain: str, query: str, *parameters: Any) -> pd.DataFrame:
    """Write the page's title and read its first query; end the page where that gives no row.

    Below the title stands of when the figures are, and whether what they rest on changed since.
    """
    st.title(f"{domain.capitalize()}: {title[0].lower()}{title[1:]}")
    frame = require(domain, query, *parameters)
    say_of_when(domain)
    return frame


def say_of_when(domain: str) -> None:
    """Say of when a domain's figures are; warn where months were loaded or failed since."""
    try:
        age = figures_of(load_settings(), domain)
    except LakehouseError as error:
        st.warning(f"Whether these figures are old is not known: {markdown(error.message)}.")
        return
    if on_bigquery():
        st.caption(f"Figures of the BigQuery warehouse, at most {KEEP_S // 60} minutes old.")
    elif age.made is None:
        st.caption(
            "Figures of the published copy. An earlier version made it, and it does not say when."
        )
    else:
        st.caption(f"Figures of the published copy, made at {age.made:%Y-%m-%d %H:%M} UTC.")
    if age.why_old:
        st.warning(
            f"The newest copy could not renew these figures: {markdown(age.why_old)}. "
            f"See why: `ecommerce status {domain}`"
        )
    if age.newer:
        st.warning(
            f"Older than the lakehouse: {', '.join(age.newer)} changed since the copy was made. "
            f"Renew it: `ecommerce backfill {domain}`"
        )
    if age.failed:
        st.warning(
            f"Not in these figures, or only as it was before: the newest attempt of "
            f"{', '.join(age.failed)} failed. See why: `ecommerce status {domain}`"
        )


def require(domain: str, query: str, *parameters: Any) -> pd.DataFrame:
    """The rows of a query; ends the page with what to do where there are none."""
    frame = ask(domain, query, *parameters)
    if frame.empty:
        say_empty(domain)
    return frame


def ask(domain: str, query: str, *parameters: Any) -> pd.DataFrame:
    """The rows of a query, which may be none; ends the page where its tables are not there."""
    try:
        return read(domain, query, *parameters)
    except NotLoaded:
        say_empty(domain)
    except LakehouseError as error:
        say_failure(error)
        st.stop()


def say_failure(error: LakehouseError) -> None:
    """What went wrong and what to do; the texts of an error may come from anywhere."""
    st.error(f"{markdown(error.message)}. What to do: {markdown(error.cure)}.")


def say_empty(domain: str) -> NoReturn:
    """End the page with what to do where nothing is loaded."""
    if domain == ANY:
        st.info("No load is in the ledger. Load a domain: `ecommerce backfill DOMAIN`")
    else:
        st.info(f"No month of {domain} is loaded. Load it: `ecommerce backfill {domain}`")
    st.stop()


def card(label: str, value: str, definition: str, **further: Any) -> None:
    """One figure in a box, with its definition behind the question mark."""
    st.metric(label, value, help=definition, border=True, **further)


def boxes(*cards: tuple[str, str, str]) -> None:
    """Figures beside each other, each with label, value and definition."""
    for column, each in zip(st.columns(len(cards)), cards, strict=True):
        with column:
            card(*each)


def ratio(numerator: Any, denominator: Any) -> float | None:
    """A rate; None where there is nothing to divide by."""
    import pandas as pd

    if pd.isna(numerator) or pd.isna(denominator) or not denominator:
        return None
    return float(numerator) / float(denominator)


def rates(numerators: pd.Series[Any], denominators: pd.Series[Any]) -> pd.Series[Any]:
    """Rates row by row; blank where there is nothing to divide by."""
    below = denominators.astype(float)
    return numerators.astype(float) / below.where(below != 0) + 0.0  # no rate is -0


def rate_card(label: str, pair: tuple[Any, Any], definition: str, of: str) -> None:
    """A rate in a box, with its numerator and denominator under it; `of` is what they count."""
    card(label, percent(ratio(*pair)), definition)
    st.caption(f"{count(pair[0])} / {count(pair[1])} {of}")


def percent(rate: float | None, sign: bool = False) -> str:
    """A rate as text; a dash where there is none."""
    if rate is None:
        return "—"
    return f"{rate:+.1%}" if sign else f"{rate:.1%}"


def money(value: Any) -> str:
    """An amount as text, with two digits behind the point."""
    return f"{float(value):,.2f}"


def count(value: Any) -> str:
    """A number of things as text."""
    return f"{int(value):,}"


def chosen_month(months: pd.Series[Any], all_months: bool = True) -> tuple[date, date]:
    """One of the loaded months, or all of them: the first and the last day.

    Args:
        months: the first days of the loaded months, ascending.
        all_months: whether all can be chosen; otherwise the latest is chosen at first.
    """
    days = [month.date() for month in months]
    options = [None, *days] if all_months else days[::-1]
    month = st.selectbox(
        "Month", options, format_func=lambda day: f"{day:%Y-%m}" if day else "all", key="month"
    )
    first, last = (month, month) if month else (days[0], days[-1])
    return first, next_month(last) - timedelta(days=1)


def slicers(months: pd.Series[Any]) -> Slice:
    """Year, quarter and month to choose, with a button that takes the choice back.

    Args:
        months: the loaded months, which say which years there are.
    """
    options = {
        "year": sorted({int(month.year) for month in months}),
        "quarter": list(range(1, 5)),
        "month": list(range(1, 13)),
    }
    columns = st.columns([2, 2, 2, 1], vertical_alignment="bottom")
    for name, column in zip(SLICERS, columns[:3], strict=True):
        with column:
            st.selectbox(
                name.capitalize(),
                [ALL, *options[name]],
                format_func=lambda value: "all" if value == ALL else str(value),
                key=f"slice_{name}",
            )
    with columns[3]:
        st.button("Reset", on_click=_reset, key="slice_reset")
    return Slice(*(int(st.session_state[f"slice_{name}"]) for name in SLICERS))


def _reset() -> None:
    for name in SLICERS:
        st.session_state[f"slice_{name}"] = ALL


def table(
    frame: pd.DataFrame,
    names: dict[str, str],
    link: str | None = None,
    shares: Collection[str] = (),
) -> None:
    """Rows with readable headings, or a word where there are none.

    Args:
        frame: the rows.
        names: the columns that are shown, each with its heading.
        link: the subject of another page: the first column opens it.
        shares: columns that are shown in percent.
    """
    if frame.empty:
        st.write("None.")
        return
    shown = _as_text(frame[list(names)])
    exported = shown.rename(columns=names)
    config: dict[str, Any] = {}
    first = next(iter(names))
    if link:
        # Blanks may stay: the link's text is cut out of the address.
        values = [quote(str(value), safe=" ") for value in shown[first]]
        shown[first] = [f"{page_of(link).address}?{link}={value}" for value in values]
        config[names[first]] = st.column_config.LinkColumn(display_text=rf"{link}=(.*)$")
    for column, heading in names.items():
        if shown[column].dtype.kind == "M":
            config[heading] = st.column_config.DateColumn(format="YYYY-MM-DD")
        elif shown[column].dtype.kind == "f":
            kind = "percent" if column in shares else "localized"
            config[heading] = st.column_config.NumberColumn(format=kind)
    st.dataframe(
        shown.rename(columns=names), hide_index=True, column_config=config, placeholder="—"
    )
    st.download_button(
        "CSV",
        lambda: as_csv(exported),
        file_name="table.csv",
        mime="text/csv",
        key=f"csv {'|'.join(names.values())} {len(exported)} {exported.iloc[0].to_json()}",
        type="tertiary",
        on_click="ignore",
    )


def as_csv(frame: pd.DataFrame) -> str:
    """Rows as CSV, in which no text is a formula to a spreadsheet; numbers are as they are."""

    def safe(value: Any) -> Any:
        return for_spreadsheet(value) if isinstance(value, str) else value

    texts = frame.rename(columns=safe)
    for place in range(len(texts.columns)):
        if texts.dtypes.iloc[place].kind not in "iufbmM":
            texts.isetitem(place, [safe(value) for value in texts.iloc[:, place]])
    return texts.to_csv(index=False)


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows, with what cannot be seen in a text written out."""
    shown = frame.copy()
    for name in shown.columns:
        if shown[name].dtype.kind not in "iufbmM":
            shown[name] = shown[name].map(
                lambda value: visible(value) if isinstance(value, str) else value
            )
    return shown


def chosen(kind: str, known: Sequence[str], none: str) -> str:
    """The subject of a drill-through page: of its address, or of the box on the page.

    Args:
        kind: the page's subject, which is the query parameter.
        known: all that can be chosen, those worth most first.
        none: said where the address names something unknown.
    """
    key = f"chosen_{kind}"
    asked = st.query_params.get(kind)
    if asked is not None and asked not in known:
        st.warning(none.format(markdown(asked)))
        asked = None
    if key not in st.session_state:
        st.session_state[key] = asked or known[0]

    def follow() -> None:
        st.query_params[kind] = st.session_state[key]

    st.selectbox(kind.capitalize(), known, key=key, on_change=follow)
    return str(st.session_state[key])
