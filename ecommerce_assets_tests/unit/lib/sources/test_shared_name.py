"""One file of one name for all months: its names, and the landing folder that looks for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import SourceAmbiguous, SourceMissing
from ecommerce_assets.lib.sources.landing import LandingFolder
from ecommerce_assets.lib.sources.protocol import SPELLINGS, MonthlyNames, SharedName

MONTHS = (date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1))
NAMES = SharedName("kz", MONTHS)


@pytest.mark.parametrize("ending", SPELLINGS)
def test_the_name_in_any_spelling_means_all_months(ending: str) -> None:
    assert NAMES.months_of(f"kz{ending}") == MONTHS
    assert NAMES.probably(f"KZ{ending}".upper()) == MONTHS[0]


@pytest.mark.parametrize("name", ["kz", "kz.txt", "akz.csv", "kz.csv.part", "2020-Jan.csv", ""])
def test_another_name_means_none(name: str) -> None:
    assert NAMES.months_of(name) == ()
    assert NAMES.probably(name) is None


def test_the_name_is_the_same_for_every_month() -> None:
    assert {NAMES.name_of(month) for month in MONTHS} == {"kz.csv"}


def test_a_file_a_month_is_called_after_it() -> None:
    names, month = MonthlyNames(), MONTHS[1]
    assert names.name_of(month) == "2020-Feb.csv"
    assert names.months_of("2020-Feb.csv.gz") == (month,)
    assert names.months_of("kz.csv") == names.months_of("2020-feb.csv") == ()
    assert names.probably("2020-feb.csv") == month


@pytest.mark.parametrize("ending", SPELLINGS)
def test_a_landed_file_is_offered_for_all_months_alike(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"kz{ending}").write_bytes(b"123")
    source = LandingFolder(tmp_path, NAMES)
    offered = source.available()
    assert tuple(offered) == MONTHS
    (file,) = set(offered.values())
    assert file == source.find(MONTHS[2])
    assert (file.name, file.size, file.shared_by) == (f"kz{ending}", 3, 3)
    path = source.fetch(file, tmp_path / "lake")
    assert path.read_bytes() == b"123"


def test_a_month_outside_is_missing_although_the_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "kz.csv").write_bytes(b"1")
    with pytest.raises(SourceMissing, match=r"what lies there: kz\.csv —"):
        LandingFolder(tmp_path, NAMES).find(date(2021, 1, 1))


def test_two_spellings_are_one_problem_and_not_one_a_month(tmp_path: Path) -> None:
    for name in ("kz.csv", "kz.zip"):
        (tmp_path / name).write_bytes(b"1")
    source = LandingFolder(tmp_path, NAMES)
    assert source.available() == {}
    (problem,) = source.problems()
    assert "kz.csv" in problem and "kz.zip" in problem
    with pytest.raises(SourceAmbiguous, match="keep the right one") as caught:
        source.find(MONTHS[1])
    assert "kz.csv" in caught.value.message and "kz.zip" in caught.value.message


def test_the_name_in_other_case_is_answered_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "KZ.CSV.gz").write_bytes(b"1")
    source = LandingFolder(tmp_path, NAMES)
    (problem,) = source.problems()
    assert "rename it to kz.csv.gz" in problem
    for month in MONTHS:
        with pytest.raises(SourceMissing) as caught:
            source.find(month)
        assert "kz.csv" in caught.value.cure and "KZ.CSV.gz" in str(caught.value)


def test_a_file_that_is_not_there_is_named_with_its_spellings(tmp_path: Path) -> None:
    (tmp_path / "2020-Jan.csv").write_bytes(b"1")
    with pytest.raises(SourceMissing) as caught:
        LandingFolder(tmp_path, NAMES).find(MONTHS[0])
    assert "2020-Jan.csv" in caught.value.message
    assert "kz.csv, kz.csv.gz, kz.csv.zip or kz.zip" in caught.value.cure
