from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.core.errors import LedgerError
from chronicle.ingest.ledger import FATES, ledger

DECIDED = st.dictionaries(
    st.tuples(st.sampled_from(["Patient", "Observation"]), st.sampled_from(FATES)),
    st.integers(1, 99),
)


def balance(counts: Counter) -> dict:
    refused = sum(n for (_, fate), n in counts.items() if fate == "refused")
    return ledger(
        counts,
        Counter(orphan=refused),
        files={},
        tables={},
        values=Counter(),
        notes=Counter(),
    )


@given(DECIDED)
def test_what_was_read_is_what_was_decided(decided):
    read = Counter({(kind, "read"): 0 for kind, _ in decided})
    for (kind, _), n in decided.items():
        read[kind, "read"] += n
    total = balance(read + Counter(decided))["total"]
    assert total["read"] == sum(n for fate, n in total.items() if fate != "read")


@given(DECIDED, st.integers(1, 5))
def test_a_lost_resource_stops_the_run(decided, lost):
    counts = Counter(decided)
    for (kind, _), n in decided.items():
        counts[kind, "read"] += n
    counts["Patient", "read"] += lost
    with pytest.raises(LedgerError, match="Patient"):
        balance(counts)


def test_a_refusal_without_a_reason_stops_the_run():
    counts = Counter({("Patient", "read"): 1, ("Patient", "refused"): 1})
    with pytest.raises(LedgerError, match="the reasons"):
        ledger(
            counts, Counter(), files={}, tables={}, values=Counter(), notes=Counter()
        )
