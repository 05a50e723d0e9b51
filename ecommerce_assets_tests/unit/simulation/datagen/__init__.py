"""The generator of records: its language, its records, its messages."""
