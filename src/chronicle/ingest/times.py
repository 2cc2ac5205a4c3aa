"""FHIR dates and instants into UTC: when a stated time began, and when it was over."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

EPOCH, TICK = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001, as MEDS
DAY, SECOND = 86_400_000_000, 1_000_000  # in ticks
SPAN_END = -TICK
# What systems whose columns may not be empty write where nothing has ended.
OPEN = ("9999-", "2999-", "2099-12-31")
# What they write for a day that they do not know: the first days of their clocks.
# Taken at its word, the first of 1900 makes somebody the oldest of all.
UNBORN = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01")
NONE = (*OPEN, *UNBORN)
Span = tuple[datetime, datetime]


def span(stated: object) -> Span | None:
    """Return the first and the last instant that a FHIR date or dateTime may mean.

    A partial date is a span: what is dated `2019-03` happened at some time in March,
    and nobody can be sure to have known it before March was over. Days without a zone
    are taken as UTC.

    Returns:
        Naive UTC datetimes (MEDS); None where nothing is stated or it is no date.

    >>> [str(end) for end in span("2019-03")]
    ['2019-03-01 00:00:00', '2019-03-31 23:59:59.999999']
    """
    if not isinstance(stated, str):
        return None
    try:
        if len(stated) > 10:
            instant = _utc(datetime.fromisoformat(stated))
            return instant, instant
        year, month, day = map(int, [*stated.split("-"), "0", "0"][:3])
        first = datetime(year, month or 1, day or 1)  # noqa: DTZ001, naive is UTC here
        return first, _next(first, month, day) + SPAN_END
    except (ValueError, OverflowError):
        return None


def first(*stated: object) -> int | None:
    """Return the first instant of the first argument that is a date.

    Returns:
        Microseconds of UTC since 1970, as tables keep times.
    """
    for each in stated:
        if each is not None and (found := _ticks(each)):
            return found[0]
    return None


def last(*stated: object) -> int | None:
    """Return the last instant of the first argument that is a date."""
    for each in stated:
        if each is not None and (found := _ticks(each)):
            return found[1]
    return None


def start_of(period: Any) -> object:
    """Return a Period's start as stated."""
    return None if period is None else period.start


def end_of(period: Any) -> object:
    """Return a Period's end as stated; None where it is a word for no end."""
    return None if period is None else ended(period.end)


def ended(stated: object) -> object:
    """Return when something ended, as stated; None where it is a word for no end."""
    return None if isinstance(stated, str) and stated.startswith(NONE) else stated


def begun(stated: object) -> object:
    """Return when something was, as stated; None where it is a word for no day."""
    return None if isinstance(stated, str) and stated.startswith(UNBORN) else stated


def is_filler(stated: object, recorded: object) -> bool:
    """Tell whether a date is a word for no day, and that of its record is known."""
    if not isinstance(stated, str) or not stated.startswith(UNBORN):
        return False
    return first(begun(recorded)) is not None


def day(stated: object) -> date | None:
    """Return the first day of a FHIR date."""
    found = span(stated)
    return None if found is None else found[0].date()


# What happens in one visit is stated with the same few times over and over.
@lru_cache(4096)
def _ticks(stated: object) -> tuple[int, int] | None:
    found = span(stated)
    if found is None:
        return None
    begin, end = found
    first = _since_epoch(begin)
    return first, first if end is begin else _since_epoch(end)


def _since_epoch(instant: datetime) -> int:
    passed = instant - EPOCH
    return passed.days * DAY + passed.seconds * SECOND + passed.microseconds


def _utc(instant: datetime) -> datetime:
    offset, here = instant.utcoffset(), instant.replace(tzinfo=None)
    return here - offset if offset else here


def _next(first: datetime, month: int, day: int) -> datetime:
    if day:
        return first + timedelta(days=1)
    if month:
        return (first + timedelta(days=32)).replace(day=1)
    return first.replace(year=first.year + 1)
