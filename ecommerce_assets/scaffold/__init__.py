"""A new source out of a sample file: what `ecommerce new-source` finds out and writes.

Belongs here: reading the sample (`sample.py`), what its columns are (`columns.py`), the trial load
(`trial.py`), the files (`render.py`, `templates/`) and the edits that register them (`project.py`).
Stays out: questions and tables on the terminal (`cli/new_source.py`).
"""
