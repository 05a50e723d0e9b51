"""The dashboard: pages over the marts, for people who read figures and write no SQL.

Belongs here: pages (`views/`), their queries (`sql/<domain>/`), how they look (`charts.py`), how
they read (`data.py`), what they have in common (`page.py`). Stays out: definitions. A figure is
what its mart says; a page only adds what is additive and divides numerators by denominators.
"""
