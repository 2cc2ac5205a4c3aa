import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.select.split import by_patient, by_site, by_time
from tests.drawn import INDEX, day

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


@pytest.mark.parametrize(
    ("split_", "at", "expected"),
    [
        pytest.param("train", -1094, "train", id="dates and horizon end before"),
        pytest.param("train", -1093, None, id="a day later"),
        pytest.param("test", -1, None, id="asked before the test begins"),
        pytest.param("test", 0, "test", id="asked when it begins"),
        pytest.param("train", 0, None, id="of train, when it begins"),
        pytest.param("test", -2000, None, id="of test, long before"),
    ],
)
def test_what_is_learnt_ends_before_what_is_asked_begins(split_, at, expected):
    rows = pl.DataFrame({"prediction_time": [day(at)], "split": [split_]})
    made = by_time(rows, INDEX, horizon_days=730, blur_days=364)
    assert made["split_temporal"].to_list() == [expected]


def test_a_site_is_held_out_whole():
    rows = by_site(pl.DataFrame({"site": ["a", "b", "a"]}), ("a", "gone"))
    assert rows["split_site"].to_list() == ["test", "train", "test"]
