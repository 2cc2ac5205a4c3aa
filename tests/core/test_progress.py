import logging

from chronicle.core.progress import EVERY_SECONDS, Progress


def told(caplog, *steps):
    """Return what is said where each step takes so many seconds and does one of ten."""
    now = [0.0]
    with caplog.at_level(logging.INFO):
        progress = Progress("ingest", 10, "ten files", "resources", lambda: now[0])
        for seconds in steps:
            now[0] += seconds
            progress.add(1, 100)
    return [record.getMessage() for record in caplog.records]


def test_a_line_comes_when_the_last_one_was_long_ago(caplog):
    assert told(caplog, 1, EVERY_SECONDS - 1, 1, EVERY_SECONDS - 1) == [
        "ingest: 20 % of ten files, 40 resources/s, 20 s left",
        "ingest: 40 % of ten files, 40 resources/s, 15 s left",
    ]


def test_short_work_says_nothing(caplog):
    assert told(caplog, 0.1, 0.1) == []


def test_what_is_done_is_not_told_as_progress(caplog):
    assert len(told(caplog, *[EVERY_SECONDS] * 10)) == 9
