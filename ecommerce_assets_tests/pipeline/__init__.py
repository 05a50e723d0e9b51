"""The pipeline as its users run it: the real command line, the real DuckDB, the real dbt."""
