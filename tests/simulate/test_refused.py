"""The labels against a reader that knows nothing of them: the stage `ingest`."""

from collections import Counter
from pathlib import Path

from chronicle.simulate.sites.kinds import DOCUMENT, KINDS
from tests.simulate.lives import lives, write

FAULTS = {kind.fault: 0.02 for kind in KINDS} | dict.fromkeys(DOCUMENT, 0.002)


def labels(truth, *faults):
    return sum(
        each["fault"] in faults and each["expected"] == "refuse"
        for each in truth.faults
    )


def test_what_should_be_refused_is_refused_and_nothing_else(ingest):
    truth = write(Path("landing"), lives(60), **FAULTS)
    told = Counter(ingest()["by_reason"])
    for version in [name for name in told if name.startswith("version-")]:
        del told[version]
    assert +told == +Counter(
        {
            "entered-in-error": labels(truth, "entered_in_error"),
            "invalid-R4": labels(truth, "drop_required", "bad_date_format"),
            "period-reversed": labels(truth, "end_before_start"),
            "orphan": labels(truth, "orphan_reference"),
            "not-json": labels(truth, "truncated_json"),
        }
    )


def test_a_clean_landing_is_taken_whole(ingest):
    truth = write(Path("landing"), lives(20))
    ledger = ingest()
    assert ledger["by_reason"] == {}
    assert ledger["total"]["read"] == truth.resources.total()
    assert ledger["total"]["duplicate"] == 0


def test_a_bundle_of_another_version_is_refused_whole(ingest):
    records = [each for each in lives(20) if each.person.site in ("panels", "metric")]
    truth = write(Path("landing"), records, wrong_version=1.0)
    told = ingest()["by_reason"]
    assert set(told) == {"version-STU3", "version-R5"}
    assert sum(told.values()) == truth.resources.total()
