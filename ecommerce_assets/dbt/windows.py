"""The time windows that dbt is given for a range of months: pure functions, tested without dbt.

Belongs here: the arithmetic and the named constant with its reason. Stays out: calling dbt.
"""

from collections.abc import Collection
from datetime import date, datetime

from ecommerce_assets.lib.months import next_month, previous_month

#: Months rebuilt on either side of the loaded ones. A visit that crosses a month's end belongs to
#: the month it starts in, so a new month can change its neighbours' last and first visits: one
#: month either way, never more, because a visit lasts at most 24 hours.
NEIGHBOURS = 1


def widened(start: date, end: date, stale: Collection[date]) -> tuple[date, date]:
    """The half-open window of months to build when the months of `[start, end)` were asked for.

    A neighbour is built along where it is not up to date, as after the load of a month; so a whole
    range that was decided before, neighbours included, is built as it is.

    Args:
        start: first day of the first month.
        end: first day after the last month.
        stale: the published months whose models are not up to date.
    """
    for _ in range(NEIGHBOURS):
        start = previous_month(start) if previous_month(start) in stale else start
        end = next_month(end) if end in stale else end
    return start, end


def build_arguments(window: tuple[date, date] | None, *, new_tables: bool = False) -> list[str]:
    """The dbt arguments that build and test the selected models.

    Args:
        window: half-open months of the monthly models; None for models without partitions.
        new_tables: make the tables of monthly models new, with the columns of this version; they
            then hold the months of the window alone.
    """
    # buildable: a test that also looks at a model built later runs with that model.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    arguments += ["--indirect-selection", "buildable"]
    if window:
        # Never by --vars: a changed variable makes dbt read the whole project again.
        arguments += ["--event-time-start", f"{window[0]:%Y-%m-%d}"]
        arguments += ["--event-time-end", f"{window[1]:%Y-%m-%d}"]
    if new_tables:
        arguments += ["--full-refresh"]
    return arguments


def month_of(instant: datetime) -> date:
    """The month that an instant at a month's start names."""
    return date(instant.year, instant.month, 1)
