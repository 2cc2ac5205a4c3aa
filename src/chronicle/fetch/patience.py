"""How long to wait, how often to ask again, and when to leave it to the next run."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from chronicle.core.errors import FetchBroken

log = logging.getLogger(__name__)

ATTEMPTS = 8  # in a row, without a byte gained
FIRST_SECONDS = 0.5  # doubled each time: with ATTEMPTS, a minute
LONGEST_SECONDS = 60.0
MOST_SECONDS = 3600.0  # to be told "come back later than that" ends the run
Result = TypeVar("Result")


class Passing(Exception):  # noqa: N818, it names what happened
    """Something that may pass: wait, and ask again.

    Args:
        what: For the log; no address and nothing that a server wrote.
        wait_seconds: What the server asked for; None: as long as we see fit.
        gained: Whether bytes came that need not come again.
    """

    def __init__(
        self, what: str, *, wait_seconds: float | None = None, gained: bool = False
    ) -> None:
        super().__init__(what)
        self.wait_seconds = wait_seconds
        self.gained = gained


def patiently(
    attempt: Callable[[], Result], *, where: str, pause: Callable[[float], None]
) -> Result:
    """Return what `attempt` returns once nothing is in its way.

    Raises:
        FetchBroken: It failed `ATTEMPTS` times in a row, or is to wait too long.
    """
    failures = 0
    while True:
        try:
            return attempt()
        except Passing as trouble:
            failures = 1 if trouble.gained else failures + 1
            seconds = trouble.wait_seconds
            seconds = backoff(failures) if seconds is None else seconds
            if failures >= ATTEMPTS:
                raise broken(f"{trouble}, {failures} times in a row", where) from None
            check(seconds, where)
            log.info("fetch: %s: %s; again in %.0f s", where, trouble, seconds)
        pause(seconds)


def check(seconds: float, where: str) -> None:
    """Refuse to wait for hours.

    Raises:
        FetchBroken: As it says.
    """
    if seconds > MOST_SECONDS:
        told = f"the server asks to come back in {seconds / 60:.0f} minutes"
        raise broken(told, where)


def broken(what: str, where: str) -> FetchBroken:
    """Say what is in the way for now."""
    return FetchBroken(
        f"{what}.", where=where, do="run again later: it goes on where it stopped"
    )


def backoff(failures: int) -> float:
    """Return how long to wait after so many failures.

    >>> [backoff(number) for number in (1, 2, 3, 30)]
    [0.5, 1.0, 2.0, 60.0]
    """
    return float(min(FIRST_SECONDS * 2 ** min(failures - 1, 20), LONGEST_SECONDS))


def retry_after(header: str | None) -> float | None:
    """Read `Retry-After`: seconds, or the date of an HTTP header.

    >>> retry_after("7"), retry_after("Thu, 01 Jan 1970 00:00:00 GMT")
    (7.0, 0.0)
    >>> retry_after("soon") is retry_after(None) is None
    True
    """
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
