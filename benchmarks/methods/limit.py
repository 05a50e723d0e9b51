"""The limit: inflate, and one bare DuckDB COPY of the typed columns; no check of any kind."""

import sys
import zipfile
from pathlib import Path

import duckdb
from isal import isal_zlib


def main(archive: Path, out: Path) -> None:
    """Inflate with isal into a temporary file and copy it."""
    csv = out / "data.csv"
    with zipfile.ZipFile(archive) as opened:
        member = opened.infolist()[0]
    with archive.open("rb") as handle, csv.open("wb") as sink:
        handle.seek(member.header_offset + 26)
        skip = int.from_bytes(handle.read(2), "little") + int.from_bytes(handle.read(2), "little")
        handle.seek(skip, 1)
        inflater, left = isal_zlib.decompressobj(-15), member.compress_size
        while left and (block := handle.read(min(1 << 20, left))):
            left -= len(block)
            sink.write(inflater.decompress(block))
        sink.write(inflater.flush())
    columns = (
        "{'event_time':'TIMESTAMP','event_type':'VARCHAR','product_id':'BIGINT',"
        "'category_id':'BIGINT','category_code':'VARCHAR','brand':'VARCHAR',"
        "'price':'DECIMAL(9,2)','user_id':'BIGINT','user_session':'VARCHAR'}"
    )
    with duckdb.connect() as db:
        row = db.execute(
            f"copy (select * from read_csv('{csv}', auto_detect=false, header=true, delim=',', "
            f"quote='', escape='', nullstr='', columns={columns}, "
            "timestampformat='%Y-%m-%d %H:%M:%S UTC')) "
            f"to '{out / 'events.parquet'}' (format parquet, compression zstd)"
        ).fetchone()
    csv.unlink()
    print(row)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
