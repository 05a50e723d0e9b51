"""Repeatable side-by-side measurements; `python -m benchmarks` runs them all.

Belongs here: what is measured, against whom, and the page that shows it. Stays out: assertions; a
benchmark reports, a test judges.
"""
