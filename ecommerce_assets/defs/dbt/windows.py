"""The time windows that dbt is given for a range of months: pure functions, tested without dbt.

Belongs here: the arithmetic and the named constant with its reason. Stays out: calling dbt.
"""

from datetime import date, datetime

from ecommerce_assets.partitions import next_month, previous_month

#: Months rebuilt on either side of the loaded ones. A visit that crosses a month's end belongs to
#: the month it starts in, so a new month can change its neighbours' last and first visits: one
#: month either way, never more, because a visit lasts at most 24 hours.
NEIGHBOURS = 1


def widened(start: date, end: date, first: date, last: date) -> tuple[date, date]:
    """The half-open window of months to rebuild when the months of `[start, end)` were loaded.

    Args:
        start: first day of the first loaded month.
        end: first day after the last loaded month.
        first: first month of the domain.
        last: last month of the domain.
    """
    for _ in range(NEIGHBOURS):
        start, end = max(previous_month(start), first), min(next_month(end), next_month(last))
    return start, end


def build_arguments(window: tuple[date, date] | None) -> list[str]:
    """The dbt arguments that build and test the selected models.

    Args:
        window: half-open months of the monthly models; None for models without partitions.
    """
    # buildable: a test that also looks at a model built later runs with that model.
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    arguments += ["--indirect-selection", "buildable"]
    if window:
        # Never by --vars: a changed variable makes dbt read the whole project again.
        arguments += ["--event-time-start", f"{window[0]:%Y-%m-%d}"]
        arguments += ["--event-time-end", f"{window[1]:%Y-%m-%d}"]
    return arguments


def month_of(instant: datetime) -> date:
    """The month that an instant at a month's start names."""
    return date(instant.year, instant.month, 1)
