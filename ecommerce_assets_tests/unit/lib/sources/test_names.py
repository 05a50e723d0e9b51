"""How a month's file is called."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.lib.sources.protocol import (
    SPELLINGS,
    month_file_name,
    month_of_file_name,
    month_of_loose_file_name,
)

months = st.dates(date(1000, 1, 1), date(9999, 12, 31)).map(lambda day: day.replace(day=1))


def test_a_month_is_called_as_kaggle_calls_it() -> None:
    assert month_file_name(date(2019, 10, 1)) == "2019-Oct.csv"


@given(months, st.sampled_from(SPELLINGS))
def test_a_months_name_leads_back_to_the_month_in_every_spelling(month: date, ending: str) -> None:
    name = month_file_name(month).removesuffix(".csv") + ending
    assert month_of_file_name(name) == month
    assert month_of_loose_file_name(name.upper()) == month


@given(st.text(max_size=20))
def test_any_other_text_is_no_month_or_a_name_that_we_would_write(name: str) -> None:
    month = month_of_file_name(name)
    assert month is None or name.startswith(month_file_name(month).removesuffix(".csv"))


def test_a_date_within_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="2019-10-02"):
        month_file_name(date(2019, 10, 2))


@pytest.mark.parametrize(
    "name",
    [
        "2019-oct.csv",
        "2019-Oct.CSV",
        "2019-Oct.csvx",
        "2019-Octxcsv",
        "x2019-Oct.csv",
        "2019-10.csv",
        "2019-Okt.csv",
        "2019-Oct.csv\n",
        "0000-Oct.csv",
        "٢٠١٩-Oct.csv",
        "2019-Oct.tar.gz",
        "",
    ],
)
def test_near_misses_are_no_months_file(name: str) -> None:
    assert month_of_file_name(name) is None
