"""Of what a model claims, only what the text bears out is believed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chronicle.ingest.model.claims import FATES, MOST, believed
from chronicle.ingest.model.prompt import pieces
from tests.ingest.model.service import claim

TEXT = "No MI. MILD pain; MI in 2009. Mother: MI"


@pytest.mark.parametrize(
    ("claims", "starts", "fates"),
    [
        pytest.param(["MI"], [3], "believed", id="as a word, not in one"),
        pytest.param(["MI"] * 4, [3, 18, 38], "believed " * 3 + "again", id="in turn"),
        pytest.param(["MIL"], [], "quote", id="half a word"),
        pytest.param(["No  MI"], [], "quote", id="nearly"),
        pytest.param(["", " ", ";"], [], "quote quote quote", id="nothing"),
        pytest.param([" MI"], [], "quote", id="blanks"),
    ],
)
def test_a_quote_stands_in_the_text(claims, starts, fates):
    counts: Counter = Counter()
    told = [claim("myocardial_infarction", each) for each in claims]
    found = list(believed(told, TEXT, counts))
    assert [each.start for each in found] == starts
    assert +counts == Counter(f"model-{each}" for each in fates.split())


def test_more_claims_than_anybody_makes_are_counted_and_left():
    counts: Counter = Counter()
    assert not list(believed([{}] * (MOST + 9), TEXT, counts))
    assert counts["model-too-many"] == 9


values = st.sampled_from(
    ["stroke", "MI", "affirmed", "patient", "current", "x", 1, None, "No MI. MILD"]
)
names = st.sampled_from(["concept", "quote", "polarity", "who", "when", "y"])


@settings(max_examples=50)
@given(st.lists(st.dictionaries(names, values) | values, max_size=20))
def test_every_claim_has_one_fate_and_what_is_believed_stands_there(told):
    counts: Counter = Counter()
    found = list(believed(told, TEXT, counts))
    assert sum(counts[each] for each in FATES) == len(told)
    assert len(found) == counts["model-believed"]
    assert all(TEXT[each.start : each.end] for each in found)


@settings(max_examples=50)
@given(st.text(st.sampled_from("ab \n"), max_size=200).map(lambda each: each * 200))
def test_a_long_note_is_asked_about_in_pieces_that_leave_nothing_out(text):
    told = list(pieces(text))
    assert all(text[at : at + len(piece)] == piece for at, piece in told)
    assert sum(len(each.strip()) > 0 for _, each in told) == len(told)
    assert "".join("".join(piece.split()) for _, piece in told) == "".join(text.split())
