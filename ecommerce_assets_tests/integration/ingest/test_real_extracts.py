"""Real extracts of the cosmetics shop, where the folder `shared/data` lies beside the checkout."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets_tests.support.builders import (
    lake_files,
    load,
    published,
    quarantined,
)
from ecommerce_assets_tests.support.judge import assert_right

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real extracts in ../shared/data are not here"
)
DECEMBER = date(2019, 12, 1)


@pytest.mark.parametrize("month", [date(2019, 10, 1), date(2019, 11, 1), DECEMBER])
def test_a_real_month_is_accepted_row_by_row(tmp_path: Path, month: date) -> None:
    name = f"{month.year}-{('Oct', 'Nov', 'Dec')[month.month - 10]}.csv"
    data = (DATA / "cosmetics" / name).read_bytes()
    result = load(tmp_path, data, name=name, month=month)
    kept = quarantined(tmp_path, result, month)
    verdict = assert_right(data, month, published(tmp_path, month), kept)
    assert result.rows_accepted == len(verdict.accepted) == 999
    assert result.rows_quarantined <= 1, "at most a last line that was cut off"


def test_the_exact_extract_keeps_every_id(tmp_path: Path) -> None:
    data = (DATA / "cosmetics" / "exact-2019-12-01.csv").read_bytes()
    result = load(tmp_path, data, name="2019-Dec.csv", month=DECEMBER)
    assert (result.rows_accepted, result.rows_quarantined) == (100, 0)
    assert_right(data, DECEMBER, published(tmp_path, DECEMBER), [])
    assert published(tmp_path, DECEMBER)[0]["category_id"] == 1_487_580_005_268_456_287


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("git-lfs-pointer_2019-Oct.csv", "it is a Git LFS pointer"),
        ("html-login-page_2019-Oct.csv", "it is a web page, most likely a login page"),
    ],
)
def test_what_only_bears_the_name_is_refused(tmp_path: Path, name: str, what: str) -> None:
    data = (DATA / "bad" / name).read_bytes()
    with pytest.raises(NotADataFile, match=f"{name} is not a data file: {what}"):
        load(tmp_path, data, name=name)
    assert lake_files(tmp_path) == {}
