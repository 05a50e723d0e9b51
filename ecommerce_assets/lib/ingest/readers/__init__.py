"""What a source delivered, opened as rows for the judge.

Belongs here: one reader per form: delimited text (`delimited.py`), a JSON object a line or a
message (`json_lines.py`), rows that have types themselves (`typed.py`), and the choice between them
(`opened.py`). Stays out: where deliveries come from (`lib/sources/`), what a good row is
(`lib/contracts/rules.py`).
"""
