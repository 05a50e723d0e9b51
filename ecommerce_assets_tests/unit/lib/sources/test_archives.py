"""Judging ZIP archives: every damage is seen, and no whole archive is called damaged."""

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_assets.lib.sources.archives import is_zip, zip_fault, zip_members

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def pack(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@same_folder
@given(
    st.dictionaries(st.text("abc/", min_size=1), st.binary(max_size=3000), max_size=3),
    st.sampled_from(METHODS),
)
def test_a_whole_archive_has_no_fault(
    tmp_path: Path, members: dict[str, bytes], method: int
) -> None:
    assert zip_fault(pack(tmp_path / "a.zip", members, method)) is None


@same_folder
@given(st.binary(min_size=1, max_size=3000), st.data())
def test_an_archive_with_one_changed_byte_of_content_is_damaged(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    path = pack(tmp_path / "a.zip", {"m": content})
    packed = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.infolist()[0].compress_size
    first = 30 + len("m")
    packed[first + data.draw(st.integers(0, size - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(packed)
    fault = zip_fault(path)
    # Some bits of a deflate stream carry nothing; then the content is unharmed.
    if fault is None:
        with zipfile.ZipFile(path) as archive:
            assert archive.read("m") == content


@pytest.mark.parametrize("method", METHODS)
def test_damage_is_seen_whatever_the_packing(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", {"2019-Oct.csv": random.Random(1).randbytes(500)}, method)
    packed = bytearray(path.read_bytes())
    packed[300] ^= 0xFF
    path.write_bytes(packed)
    assert "2019-Oct.csv is damaged" in str(zip_fault(path))


def test_an_archive_that_is_cut_short_is_not_complete(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"m": b"0123456789" * 500})
    path.write_bytes(path.read_bytes()[:-10])
    assert zip_fault(path) == "it is not a complete ZIP archive"


def test_a_member_larger_than_one_step_is_read_to_its_end(tmp_path: Path) -> None:
    content = b"0" * 40_000_000
    path = pack(tmp_path / "a.zip", {"m": content})
    assert zip_fault(path) is None
    assert zip_members(path) == {"m": 40_000_000}


def test_an_archive_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"event_time\n")
    assert is_zip(pack(tmp_path / "a.zip", {"m": b"x"}))
    assert not is_zip(tmp_path / "a.csv")
