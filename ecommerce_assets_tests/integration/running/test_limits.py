"""What SQLite, DuckDB, Arrow and the system say at a limit is two sentences of ours."""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.lib.failures import CURE
from ecommerce_assets_tests.support.builders import start_python

LIMITED = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
from ecommerce_assets.lib.machine_faults import explained
def sqlite():
    import sqlite3
    with sqlite3.connect(folder / "s") as db:
        db.execute("create table t (x)")
        db.execute("insert into t values (zeroblob(1000000))")
def duck():
    import duckdb
    with duckdb.connect(str(folder / "d")) as db:
        db.execute("create table t as select range as n, random() as r from range(200000)")
        db.execute("checkpoint")
def arrow():
    import pyarrow as pa, pyarrow.parquet as pq, random
    pq.write_table(pa.table({"x": [random.random() for _ in range(100000)]}), folder / "p")
def plain():
    (folder / "f").write_bytes(bytes(1000000))
folder = Path(sys.argv[1])
for call in (sqlite, duck, arrow, plain):
    try:
        call()
    except Exception as error:
        print(call.__name__, explained(error, "HOME"))
    else:
        print(call.__name__, "nothing happened")
"""


def test_every_library_that_meets_a_limit_on_files_is_understood(tmp_path: Path) -> None:
    process = start_python(LIMITED, str(tmp_path))
    output, _ = process.communicate(timeout=60)
    lines = output.splitlines()
    assert len(lines) == 4, output
    for line in lines:
        assert CURE in line, output
