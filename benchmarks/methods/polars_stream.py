"""Polars: unzip with the standard library, then scan_csv to sink_parquet, streamed."""

import shutil
import sys
import zipfile
from pathlib import Path

import polars as pl


def main(archive: Path, out: Path) -> None:
    """Polars reads no zip by itself, so the member is written to a temporary file first."""
    csv = out / "data.csv"
    with (
        zipfile.ZipFile(archive) as opened,
        opened.open(opened.namelist()[0]) as member,
        csv.open("wb") as sink,
    ):
        shutil.copyfileobj(member, sink, 1 << 20)
    frame = pl.scan_csv(
        csv,
        quote_char=None,
        schema={
            "event_time": pl.String,
            "event_type": pl.String,
            "product_id": pl.Int64,
            "category_id": pl.Int64,
            "category_code": pl.String,
            "brand": pl.String,
            "price": pl.Decimal(9, 2),
            "user_id": pl.Int64,
            "user_session": pl.String,
        },
    ).with_columns(
        pl.col("event_time").str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S UTC", strict=True)
    )
    frame.sink_parquet(out / "events.parquet", compression="zstd")
    csv.unlink()
    print(pl.scan_parquet(out / "events.parquet").select(pl.len()).collect().item())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
