"""The arithmetic on months and on the windows that dbt is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ecommerce_assets.dbt.windows import build_arguments, month_of, widened
from ecommerce_assets.defs.shared.partitions import monthly_partitions
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.months import months_between, next_month, previous_month
from ecommerce_assets.settings import load_settings

months = st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(lambda day: day.replace(day=1))


@given(months)
def test_next_and_previous_month_undo_each_other(month: date) -> None:
    assert previous_month(next_month(month)) == next_month(previous_month(month)) == month
    assert 28 <= (next_month(month) - month).days <= 31
    assert (next_month(month) - timedelta(days=1)).month == month.month


@given(months, st.integers(0, 60))
def test_months_between_has_each_month_once(first: date, count: int) -> None:
    last = first
    for _ in range(count):
        last = next_month(last)
    found = months_between(first, last)
    assert (found[0], found[-1], len(found)) == (first, last, count + 1)
    assert found == sorted(set(found))
    assert months_between(last, previous_month(last)) == []


def test_the_partitions_are_the_domains_months() -> None:
    settings = load_settings()
    for domain in DOMAINS.values():
        keys = monthly_partitions(domain, settings).get_partition_keys()
        assert keys == [month.isoformat() for month in domain.months(settings)]


@given(months, st.integers(0, 20), st.data())
def test_a_window_gains_a_neighbour_on_either_side_where_it_is_not_up_to_date(
    first: date, count: int, data: st.DataObject
) -> None:
    domain = [first]
    for _ in range(count):
        domain.append(next_month(domain[-1]))
    low = data.draw(st.integers(0, count))
    high = data.draw(st.integers(low, count))
    stale = data.draw(st.sets(st.sampled_from(domain)))
    start, end = widened(domain[low], next_month(domain[high]), stale)
    before = [month for month in domain[max(low - 1, 0) : low] if month in stale]
    after = [month for month in domain[high + 1 : high + 2] if month in stale]
    assert months_between(start, previous_month(end)) == [
        *before,
        *domain[low : high + 1],
        *after,
    ]


def test_dbt_is_given_the_window_and_never_variables() -> None:
    arguments = build_arguments((date(2019, 10, 1), date(2019, 12, 1)))
    at = arguments.index("--event-time-start")
    assert arguments[at:] == ["--event-time-start", "2019-10-01", "--event-time-end", "2019-12-01"]
    assert "--vars" not in arguments
    assert arguments[0] == "build"
    assert build_arguments(None) == arguments[:at]


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_names_its_month(instant: datetime) -> None:
    assert month_of(instant) == instant.date().replace(day=1)
