"""The ways from a month's zip to Parquet that are compared, a module each: `main(zip, out)`.

Each is run as `python -m benchmarks.methods.<name> <zip> <folder>` in a process of its own.
"""
