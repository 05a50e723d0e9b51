from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ecommerce_assets.lib.contracts.times import time_format, written

RNG = random.Random(11)


def judged(form: str, texts: list[str], zone: str = "") -> list[datetime | None]:
    """The instant of each text, None where it is not written in the form."""
    spelled, quoted = time_format(form), f"'{zone}'" if zone else ""
    value = spelled.value('"t"', quoted)
    faithful = spelled.is_faithful('"t"', "typed", quoted)
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'America/New_York'")  # must not matter
        db.execute("create table given as select unnest(?) as t", [texts])
        rows = db.execute(
            f"select case when {faithful} then epoch_us(typed) end "
            f"from (select *, {value} as typed from given)"
        ).fetchall()
    since = datetime(1970, 1, 1, tzinfo=UTC)
    return [None if us is None else since + timedelta(microseconds=us) for (us,) in rows]


def moments(number: int, fraction: bool) -> list[datetime]:
    start = datetime(1999, 12, 31, 20, tzinfo=UTC)
    found = [start + timedelta(seconds=RNG.randrange(900_000_000)) for _ in range(number)]
    micros = [0, 1, 500_000, 120_000, 999_999]
    return [at.replace(microsecond=RNG.choice(micros) if fraction else 0) for at in found]


def spelled_offset(minutes: int, style: str) -> str:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return {"compact": f"{sign}{hours:02}{rest:02}", "colon": f"{sign}{hours:02}:{rest:02}"}[style]


@pytest.mark.parametrize("style", ["compact", "colon"])
@pytest.mark.parametrize("between", ["", " "])
@pytest.mark.parametrize("mark", ["T", " "])
def test_a_time_with_an_offset_is_the_instant_that_it_names(
    style: str, between: str, mark: str
) -> None:
    truth, texts = moments(300, True), []
    for at in truth:
        minutes = RNG.choice([0, 60, 120, -300, 330, 345, -210, 840, -720])
        local = at.astimezone(timezone(timedelta(minutes=minutes)))
        fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
        offset = spelled_offset(minutes, style)
        texts.append(f"{local:%Y-%m-%d}{mark}{local:%H:%M:%S}{fraction}{between}{offset}")
    assert judged(f"%Y-%m-%d{mark}%H:%M:%S%.f{between}%z", texts) == truth


def test_offsets_of_hours_and_z_are_read_beside_others() -> None:
    texts = ["2024-01-01T00:30:00Z", "2024-01-01T00:30:00+01", "2024-01-01T00:30:00-0530"]
    assert judged("%Y-%m-%dT%H:%M:%S%z", texts) == [
        datetime(2024, 1, 1, 0, 30, tzinfo=UTC),
        datetime(2023, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2024, 1, 1, 6, 0, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:30:00",
        "2024-01-01T00:30:00 Z",
        "2024-01-01T00:30:00z",
        "2024-01-01T00:30:00+1500",
        "2024-01-01T00:30:00+0160",
        "2024-01-01T00:30:00+1",
        "2024-01-01T00:30:00+01:00:00",
        "2024-01-01T00:30:00.5+01:00",
        "2024-1-01T00:30:00+01:00",
        "2024-02-30T00:30:00+01:00",
        " 2024-01-01T00:30:00+01:00",
        "2024-01-01T00:30:00+01:00 ",
        "2024-01-01T00:30:00EST",
        "+01:00",
        "Z",
        "x",
    ],
)
def test_what_is_not_in_the_form_is_no_time(text: str) -> None:
    assert judged("%Y-%m-%dT%H:%M:%S%z", [text]) == [None]


def test_fractions_are_exact_and_none_is_cut() -> None:
    given = {
        "2024-01-01 08:15:00": 0,
        "2024-01-01 08:15:00.5": 500_000,
        "2024-01-01 08:15:00.050": 50_000,
        "2024-01-01 08:15:00.000001": 1,
        "2024-01-01 08:15:00.1234560": 123_456,
        "2024-01-01 08:15:00.123456000": 123_456,
        "2024-01-01 08:15:00.1234567": None,
        "2024-01-01 08:15:00.": None,
        "2024-01-01 08:15:00,5": None,
        "2024-01-01 08:15:00.0000000000": None,
    }
    found = judged("%Y-%m-%d %H:%M:%S%.f", list(given))
    assert [at and at.microsecond for at in found] == list(given.values())
    dotted = judged("%d.%m.%Y %H:%M:%S%.f", ["31.01.2024 08:15:00.01", "01.02.2024 00:00:00.02"])
    assert [at and at.microsecond for at in dotted] == [10_000, 20_000]
    assert judged("%Y-%m-%dT%H:%M:%S%.fZ", ["2024-01-01T08:15:00.25Z", "2024-01-01T08:15:00Z"]) == [
        datetime(2024, 1, 1, 8, 15, 0, 250_000, tzinfo=UTC),
        datetime(2024, 1, 1, 8, 15, tzinfo=UTC),
    ]


def test_a_fraction_belongs_to_the_clock_of_its_zone() -> None:
    truth = moments(300, True)
    london = ZoneInfo("Europe/London")
    clocks = [at.astimezone(london) for at in truth]
    # The hour that the clocks show twice is not to be told apart.
    kept = [(c, at) for c, at in zip(clocks, truth, strict=True) if c.replace(fold=1) == c]
    texts = [f"{c:%d/%m/%Y %H:%M:%S.%f}" for c, _ in kept]
    assert judged("%d/%m/%Y %H:%M:%S%.f", texts, "Europe/London") == [at for _, at in kept]


def test_a_clock_of_twelve_hours_takes_either_case() -> None:
    texts = ["1/31/2024 12:05 AM", "1/31/2024 8:26 pm", "1/31/2024 08:26 PM", "1/31/2024 13:00 PM"]
    assert judged("%-m/%-d/%Y %-I:%M %p", texts) == [
        datetime(2024, 1, 31, 0, 5, tzinfo=UTC),
        datetime(2024, 1, 31, 20, 26, tzinfo=UTC),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("form", "factor"),
    [("epoch seconds", 1), ("epoch milliseconds", 10**3), ("epoch microseconds", 10**6)],
)
def test_numbers_since_1970_are_read_and_odd_ones_refused(form: str, factor: int) -> None:
    at = datetime(2024, 1, 31, 8, 15, tzinfo=UTC)
    number = int(at.timestamp()) * factor
    odd = [f"0{number}", f"+{number}", f"{number}.5", "-0", "9" * 19, "9" * 40, "x", " 1"]
    assert judged(form, [str(number), "0", *odd]) == [
        at,
        datetime(1970, 1, 1, tzinfo=UTC),
        *[None] * len(odd),
    ]
    assert written(form, at) == str(number)


@pytest.mark.parametrize(
    "form",
    ["%Y%.f", "%z %Y", "%Y-%m-%d %H:%M:%S%.f%.f", "epoch days", "%Y-%m-%dT%H:%M:%S%Z", "%z%z"],
)
def test_a_form_that_cannot_be_read_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"not as in|is none of"):
        time_format(form)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%.fZ", "%m/%d/%Y %I:%M %p", "epoch seconds"]
)
def test_what_is_written_is_read(form: str) -> None:
    for at in (datetime(2024, 1, 31, 20, 15), datetime(2024, 1, 31, 20, 15, 0, 500_000)):
        whole = at if "%.f" in form else at.replace(microsecond=0)
        assert judged(form, [written(form, whole)]) == [whole.replace(tzinfo=UTC)]
