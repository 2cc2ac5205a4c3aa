"""Calendar years, as numbers, into days and minutes, and back."""

from datetime import datetime, timedelta

SATURDAY = 5


def moment(time: float) -> datetime:
    """Turn calendar years into a local time, to the minute.

    >>> moment(2021.5)
    datetime.datetime(2021, 7, 2, 12, 0)
    """
    begins, length = _year(int(time))
    found = begins + (time - int(time)) * length + timedelta(seconds=30)
    found = min(found, begins + length - timedelta(minutes=1))
    return found.replace(second=0, microsecond=0)


def years_of(at: datetime) -> float:
    """Turn a local time into calendar years: the inverse of `moment`."""
    begins, length = _year(at.year)
    return at.year + (at - begins) / length


def workday(at: datetime) -> datetime:
    """Return the time, two days on where it is a weekend; back where the year ends.

    >>> workday(datetime(2022, 12, 31)).isoformat()[:10]
    '2022-12-29'
    """
    if at.weekday() < SATURDAY:
        return at
    later = at + timedelta(days=2)
    return later if later.year == at.year else at - timedelta(days=2)


def _year(year: int) -> tuple[datetime, timedelta]:
    """Return when a year begins, and how long it is: a leap year has a day more."""
    begins = datetime(year, 1, 1)  # noqa: DTZ001, local
    return begins, datetime(year + 1, 1, 1) - begins  # noqa: DTZ001, local
