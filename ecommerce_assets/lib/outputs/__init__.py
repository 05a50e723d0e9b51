"""Databases outside the lakehouse that a table is written to."""
