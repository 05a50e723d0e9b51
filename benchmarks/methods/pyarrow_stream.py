"""pyarrow: the zip's member streamed through its CSV reader into a ParquetWriter."""

import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq


def main(archive: Path, out: Path) -> None:
    """Stream batches with declared types; a row of a wrong type ends it."""
    types = {
        "event_time": pa.timestamp("us"),
        "event_type": pa.string(),
        "product_id": pa.int64(),
        "category_id": pa.int64(),
        "category_code": pa.string(),
        "brand": pa.string(),
        "price": pa.decimal128(9, 2),
        "user_id": pa.int64(),
        "user_session": pa.string(),
    }
    convert = pc.ConvertOptions(
        column_types=types,
        timestamp_parsers=["%Y-%m-%d %H:%M:%S UTC"],
        strings_can_be_null=True,
        null_values=[""],
    )
    rows = 0
    with zipfile.ZipFile(archive) as opened, opened.open(opened.namelist()[0]) as member:
        reader = pc.open_csv(
            member,
            read_options=pc.ReadOptions(block_size=8 << 20),
            parse_options=pc.ParseOptions(quote_char=False),
            convert_options=convert,
        )
        with pq.ParquetWriter(out / "events.parquet", reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
    print(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
