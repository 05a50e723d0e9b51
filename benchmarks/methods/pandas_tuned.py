"""Tuned pandas: the whole file at once, declared types, the time without its zone's text."""

import sys
from pathlib import Path

import pandas as pd


def main(archive: Path, out: Path) -> None:
    """Read the zip with declared types; price becomes a float, as pandas has no fast decimal."""
    frame = pd.read_csv(
        archive,
        dtype={
            "event_type": "category",
            "product_id": "int64",
            "category_id": "int64",
            "category_code": "category",
            "brand": "category",
            "price": "float64",
            "user_id": "int64",
        },
        engine="c",
    )
    frame["event_time"] = pd.to_datetime(
        frame["event_time"].str.slice(0, 19), format="%Y-%m-%d %H:%M:%S", utc=True
    )
    frame.to_parquet(out / "events.parquet", compression="zstd", engine="pyarrow", index=False)
    print(len(frame))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
