import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chronicle.select.split import by_patient

SUBJECTS = st.lists(st.integers(0, 2**62), min_size=1, max_size=60)


def split(subjects: list[int], salt: int = 1) -> list[str]:
    return by_patient(pl.DataFrame({"subject_id": subjects}), 0.4, salt=salt)[
        "split"
    ].to_list()


@given(SUBJECTS)
def test_no_patient_is_in_both(subjects):
    doubled = split(subjects + subjects)
    assert doubled[: len(subjects)] == doubled[len(subjects) :]


@given(SUBJECTS)
def test_a_patient_stays_where_it_is_when_others_come_or_go(subjects):
    assert split(subjects)[0] == split(subjects[:1])[0]


def test_the_fraction_is_kept_and_the_salt_moves_people():
    first, other = split(list(range(5000))), split(list(range(5000)), salt=2)
    assert 0.37 < first.count("test") / 5000 < 0.43
    assert first != other
