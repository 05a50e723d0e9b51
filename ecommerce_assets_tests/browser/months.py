"""Which month of the browser tests' shop plays which part.

No test depends on another's month.
"""

from datetime import date

#: First and last month, as ECOMMERCE_COSMETICS_MONTHS takes them.
CALENDAR = "2019-10:2020-05"
#: A web page lies in the landing folder under this month's name.
BROKEN = date(2019, 10, 1)
#: Loaded from the command line before the UI starts.
LOADED = (date(2019, 11, 1), date(2019, 12, 1))
#: Loaded by a click.
CLICKED = date(2020, 1, 1)
#: Loaded with their models by a backfill from the UI.
BACKFILLED = (date(2020, 2, 1), date(2020, 3, 1))
#: Loaded by nobody.
MISSING = date(2020, 5, 1)


def key_of(month: date) -> str:
    """The month as a partition's key."""
    return f"{month:%Y-%m-%d}"
