"""Virtual lives: the same patient whoever stands beside, and nothing impossible."""

import numpy as np
import pytest

from chronicle.simulate.lives import life
from chronicle.simulate.lives.onset import EVENTS
from chronicle.simulate.lives.rows import NEVER
from chronicle.simulate.lives.state import ADULT, CODED, ONSETS

FIRST, LAST = 2010, 2020


def lived(numbers, seed=1):
    return life.lives(seed, np.asarray(numbers), (0.6, 0.4), FIRST, LAST)


@pytest.fixture(scope="module")
def many():
    return lived(range(400))


def everything(lives, column):
    rows = [lives.state.traits, lives.state.varying, lives.state.times]
    for year in lives.years.values():
        rows += [year.varying, year.seen]
    return np.concatenate([each.values[:, column] for each in rows]).tobytes()


@pytest.mark.parametrize("number", [0, 7, 123, 399])
def test_a_patient_lives_the_same_life_alone_and_among_others(many, number):
    alone = lived([number])
    backwards = lived([number, 5000, 3][::-1])
    assert everything(alone, 0) == everything(many, number)
    assert everything(backwards, 2) == everything(many, number)


def test_who_dies_before_the_records_begin_was_no_patient(many):
    assert (many.state.times["died"] >= FIRST).all()
    visits = sum(year.seen["visits"] for year in many.years.values())
    assert (visits > 0).all()


def test_nothing_happens_after_death(many):
    times = many.state.times
    # Levels are read at a year's beginning, from bodies that may not see its end.
    events = [f"onset_{name}" for name in EVENTS]
    for name in (*events, *(f"code_{name}" for name in CODED), "quit", "failure"):
        happened = times[name] < NEVER
        assert (times[name][happened] <= times["died"][happened]).all(), name


def test_another_last_year_changes_nobodys_past():
    shorter = life.lives(1, np.arange(50), (0.6, 0.4), FIRST, LAST - 3)
    longer = life.lives(1, np.arange(50), (0.6, 0.4), FIRST, LAST)
    same = longer.state.traits["birth"] == shorter.state.traits["birth"]
    assert same.sum() > 45  # the rest came only later, and others have their place
    for year, brought in shorter.years.items():
        there = longer.years[year].varying.values[:, same]
        assert np.array_equal(brought.varying.values[:, same], there)


def test_children_are_not_seen(many):
    for year, brought in many.years.items():
        assert not brought.seen["visits"][many.state.age(year) < ADULT].any()


def test_some_die_of_their_first_event_within_weeks():
    lives = lived(range(3000), seed=9)
    onset, died = lives.state.times["onset_stroke"], lives.state.times["died"]
    first = (onset >= FIRST) & (onset < LAST)
    assert first.sum() > 60
    assert 0.04 < np.mean(died[first] - onset[first] < 31 / 365) < 0.25


def test_a_disease_that_is_an_event_is_coded_after_its_onset(many):
    times = many.state.times
    for name in set(ONSETS) - {"htn", "t2dm", "ckd3plus"}:  # a reading may err
        coded = times[f"code_{name}"] < NEVER
        assert (times[f"onset_{name}"][coded] <= times[f"code_{name}"][coded]).all()


def test_bodies_stay_within_what_bodies_are(many):
    for year in many.years.values():
        v = year.varying
        for name, low, high in (
            ("bmi", 15, 70),
            ("sbp", 82, 240),
            ("dbp", 40, 130),
            ("a1c", 4.2, 12.5),
            ("egfr", 4, 160),
            ("hdl", 15, 130),
        ):
            assert v[name].min() >= low
            assert v[name].max() <= high


def test_laboratory_values_rise_before_the_diagnosis_does():
    lives = lived(range(1500), seed=3)
    coded = lives.state.times["code_t2dm"]
    soon = (coded >= LAST - 1) & (coded < LAST + 1)
    free = coded == NEVER
    before = lives.years[LAST - 4].varying["a1c"]
    assert np.median(before[soon]) > np.median(before[free]) + 0.4


def test_the_sick_are_measured_more():
    lives = lived(range(1500), seed=3)
    tested = ~np.isnan(lives.years[LAST].seen["a1c"])
    heavy = lives.years[LAST].varying["bmi"]
    seen = lives.years[LAST].seen["visits"] > 0
    assert heavy[tested].mean() > heavy[seen & ~tested].mean() + 0.8


@pytest.mark.parametrize(
    ("name", "low", "high"), [("sbp", 0.45, 0.75), ("ldl", 0.55, 0.85), ("a1c", 0.7, 1)]
)
def test_measurements_of_one_person_agree_as_well_as_published_ones(
    many, name, low, high
):
    years = np.array([year.seen[name] for year in many.years.values()])
    untreated = many.state.times["start_statin"] == NEVER
    found = years[:, untreated]
    first, second = found[:-1].ravel(), found[1:].ravel()
    both = ~np.isnan(first) & ~np.isnan(second)
    assert low < np.corrcoef(first[both], second[both])[0, 1] < high
