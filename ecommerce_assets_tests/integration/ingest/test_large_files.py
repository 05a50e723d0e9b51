"""Large files: parallel reading keeps the line numbers, and memory stays bounded."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq

from ecommerce_assets_tests.support.builders import (
    HEADER,
    MONTH,
    NAME,
    csv,
    finish,
    line,
    lines,
    load,
    quarantined,
    start_python,
)
from ecommerce_assets_tests.support.judge import judge

WRITE = """
import sys
import duckdb
path, rows = sys.argv[1], int(sys.argv[2])
duckdb.execute(f'''copy (
    select strftime(timestamp '2019-10-01' + to_seconds(i % 2600000), '%Y-%m-%d %H:%M:%S UTC')
        as event_time, 'view' as event_type, 5000000 + i as product_id,
        1487580005134238553 + i as category_id, null as category_code,
        case when i % 2 = 0 then 'runail' end as brand, (i % 10000) / 100 as price,
        case when i % 50000 = 0 then 'x' else (400000000 + i)::varchar end as user_id,
        '26dd6e6e-4dac-4778-8d2c-' || lpad(i::varchar, 12, '0') as user_session
    from range({rows}) made(i)) to '{path}' (header, quote '', escape '')''')
"""
PEAK = """
import sys
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery, ingest_slice
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice
path, lake = Path(sys.argv[1]), Lake(sys.argv[2])
delivery = Delivery(path, path.name, "v1", "0" * 64)
contract = load_contract("cosmetics", "events")
result = ingest_slice(Slice(lake, contract, Month(date(2019, 10, 1))), delivery)
# Not getrusage: its peak counts the parent's memory at the moment of the fork.
peak = next(x for x in open("/proc/self/status") if x.startswith("VmHWM:"))
print(result.rows_accepted, result.rows_quarantined, int(peak.split()[1]) * 1024)
"""
DAMAGE = (
    "",
    "x",
    "a,b,c",
    line(1) + ",more",
    line(2, price="12.345"),
    line(3, user_id="1e9"),
    "\t",
)


def test_line_numbers_are_right_where_a_file_is_read_in_parallel(tmp_path: Path) -> None:
    chance = random.Random(11)
    body = lines(330_000)
    for at in [0, 1, 2, len(body) - 1, *chance.sample(range(len(body)), 3000)]:
        body[at] = chance.choice(DAMAGE)
    for at in chance.sample(range(len(body)), 2):
        body[at] = line(at, brand="b" * (3 << 20))
    data = csv(body)
    assert len(data) > 40_000_000, "several of the reader's buffers"
    result = load(tmp_path, data)
    kept = quarantined(tmp_path, result)
    bad = {n for n, text in enumerate(body) if (text in DAMAGE and text) or len(text) > 1 << 20}
    assert result.blank_lines == body.count("")
    assert [q["line"] - 2 for q in kept] == sorted(bad)
    assert all(q["raw_line"] == body[q["line"] - 2] for q in kept)
    blanks_and_bad = 0
    above = {}
    for number, text in enumerate(body):
        above[number] = number - blanks_and_bad
        blanks_and_bad += number in bad or not text
    assert all(q["accepted_before"] == above[q["line"] - 2] for q in kept)
    good = [5_000_000 + n for n, text in enumerate(body) if text and n not in bad]
    assert [row["product_id"] for row in published_products(tmp_path)] == good
    sample = chance.sample(sorted(bad), 50)
    by_line = {q["line"]: q["reasons"] for q in kept}
    for number in sample:
        ((_, _, reasons, _),) = judge(f"{HEADER}\n{body[number]}\n".encode(), MONTH).refused
        assert reasons == set(by_line[number + 2])


def published_products(folder: Path) -> list[dict[str, int]]:
    path = next((folder / "lake" / "cosmetics").rglob("*.parquet"))
    return pq.ParquetFile(path).read(columns=["product_id"]).to_pylist()  # type: ignore[no-any-return]


def test_a_large_month_is_loaded_in_bounded_memory(tmp_path: Path) -> None:
    path, rows = tmp_path / NAME, 1_800_000
    finish(start_python(WRITE, path, str(rows)))
    size = path.stat().st_size
    printed = finish(start_python(PEAK, path, (tmp_path / "lake").as_uri()))
    accepted, refused, peak = map(int, printed.split())
    print(f"{size / 1e6:.0f} MB loaded with a peak of {peak / 1e6:.0f} MB")
    assert (accepted, refused) == (rows - 36, 36)
    assert size > 190_000_000
    assert peak < 1_500_000_000
