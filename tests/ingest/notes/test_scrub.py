"""Text that a person must see, with less of who it is about."""

import pytest

from chronicle.ingest.notes.scrub import scrubbed
from tests.ingest.notes.marked import HALVES, gold, scrubbing


def test_most_planted_identifiers_are_gone_and_clinical_words_are_left():
    notes = [note for half in HALVES for note in gold(half)]
    planted, left = scrubbing(notes)
    assert planted >= 30
    assert left <= 0.1 * planted
    said = [
        (note.text[each.start : each.end], scrubbed(note.text))
        for note in notes
        for each in note.expected
    ]
    words = [(text, shown) for text, shown in said if not any(map(str.isdigit, text))]
    assert sum(text in shown for text, shown in words) >= 0.98 * len(words)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mrs. Ann O'Hara-Pell, 2011-03-04", "[name], [date]"),
        ("on March 3rd, 2010 or 3 Mar 2010", "on [date] or [date]"),
        ("call (415) 555-0188", "call [number]"),
        ("a.b@example.org", "[address]"),
        ("lives at 14 Linden Street, Springfield", "lives at [address]"),
        ("seen at Mercy General Hospital", "seen at [place]"),
        ("EF 35%, MRN 00482913", "EF #%, MRN #"),
        ("Heart failure and Hypertension", "Heart failure and Hypertension"),
    ],
)
def test_what_is_recognised_is_replaced(text, shown):
    assert scrubbed(text) == shown
