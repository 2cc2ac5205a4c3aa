"""The oracle: calibrated, unbeaten, and with the effects that trials found."""

from datetime import datetime

import numpy as np
import pytest

from chronicle.simulate.lives import days, life, truth
from chronicle.simulate.lives.truth import Window

FIRST, LAST = 2008, 2020
WINDOWS = {
    name: Window(30 / 365.25, 5.0)
    for name in ("t2dm", "htn", "chd", "stroke", "heart_failure", "afib", "copd")
}
PEOPLE = 1500


@pytest.fixture(scope="module")
def lives():
    return life.lives(5, np.arange(PEOPLE), (1.0,), FIRST, LAST)


@pytest.fixture(scope="module")
def index(lives):
    """One time each, in the middle of a year in which the patient lives."""
    columns = np.flatnonzero(
        (lives.state.times["died"] > 2014.5) & (lives.state.age(2014.5) > 30)
    )
    return truth.index_times([(int(column), 2014.5) for column in columns])


@pytest.fixture(scope="module")
def oracle(lives, index):
    return truth.risks(lives, index, WINDOWS, seed=5, replays=24)


def outcome(lives, index, name):
    coded, window = lives.state.times[f"code_{name}"][index.columns], WINDOWS[name]
    return (coded > index.times + window.gap) & (coded <= index.times + window.horizon)


@pytest.mark.parametrize("name", WINDOWS)
def test_as_many_are_coded_as_the_oracle_expects(lives, index, oracle, name):
    asked = ~np.isnan(oracle[name])
    expected = oracle[name][asked].sum()
    spread = np.sqrt((oracle[name] * (1 - oracle[name]))[asked].sum())
    assert abs(outcome(lives, index, name)[asked].sum() - expected) < 3.5 * spread


@pytest.mark.parametrize("fraction", [0.1, 0.8])
def test_the_rest_of_a_year_has_its_share_of_the_years_chance(fraction):
    many = life.lives(6, np.arange(4000), (1.0,), 2010, 2013)
    at = 2013 + fraction
    times, last = many.state.times, many.years[2013].seen["visits"] > 0
    columns = np.flatnonzero((times["died"] > 2014) & last & (many.state.age(at) > 30))
    now = truth.index_times([(int(column), at) for column in columns])
    names = ("htn", "obesity", "hyperlipidemia", "depression")
    rest = {name: Window(0.0, 1 - fraction) for name in names}
    expected = truth.risks(many, now, rest, seed=6, replays=8)
    risks = np.concatenate([each[~np.isnan(each)] for each in expected.values()])
    coded = sum(
        ((times[f"code_{name}"] > at) & (times[f"code_{name}"] < 2014))[columns].sum()
        for name in names
    )
    assert abs(coded - risks.sum()) < 3.5 * np.sqrt((risks * (1 - risks)).sum())


def test_who_was_coded_before_has_no_risk(lives, index, oracle):
    coded = lives.state.times["code_htn"][index.columns] <= index.times
    assert np.isnan(oracle["htn"][coded]).all()


def test_a_risk_is_the_same_alone_and_among_others(lives, index, oracle):
    some = index.where(np.arange(len(index.times)) % 97 == 0)
    alone = truth.risks(lives, some, WINDOWS, seed=5, replays=24)
    for name, risk in alone.items():
        assert np.array_equal(risk, oracle[name][::97], equal_nan=True)


def test_what_happens_later_changes_no_risk(lives, index, oracle):
    times = lives.state.times.values
    later = life.Lives(lives.numbers, lives.state.copy(), lives.years)
    changed = np.where(times > 2015.5, 2015.5, times)
    later.state.times.values[...] = changed
    again = truth.risks(later, index, WINDOWS, seed=5, replays=24)
    free = ~np.isnan(again["chd"]) & ~np.isnan(oracle["chd"])
    assert np.array_equal(again["chd"][free], oracle["chd"][free])


@pytest.mark.parametrize(
    ("treatment", "name", "low", "high"),
    [
        # Bounds around the trials' ratios: adherence, later starts under current care
        # and what else a drug touches are in the true effect as they are in life.
        pytest.param("statin", "chd", 0.70, 0.95, id="CTT: .78 per mmol/L"),
        pytest.param("ace_inhibitor", "stroke", 0.65, 0.95, id="Ettehad: .73 per 10"),
        pytest.param("sglt2i", "heart_failure", 0.70, 0.85, id="SMART-C: .77"),
        pytest.param("lifestyle", "t2dm", 0.40, 0.90, id="DPP: .42 of onsets"),
        pytest.param("metformin", "t2dm", 0.60, 0.97, id="DPP: .69 of onsets"),
        pytest.param("stop_smoking", "copd", 0.40, 0.99, id="the smoker's share"),
    ],
)
def test_a_treatment_does_what_its_trial_found(
    lives, index, oracle, treatment, name, low, high
):
    treated = truth.risks(
        lives, index, WINDOWS, seed=5, replays=24, treatment=treatment
    )
    both = ~np.isnan(oracle[name]) & (
        lives.state.smokes(2014.5)[index.columns] | (treatment != "stop_smoking")
    )
    ratio = treated[name][both].sum() / oracle[name][both].sum()
    assert low < ratio < high


@pytest.mark.parametrize(
    ("treatment", "started"),
    [
        ("statin", "start_statin"),
        ("ace_inhibitor", "start_raas"),
        ("metformin", "start_glucose_1"),
        ("stop_smoking", "quit"),
    ],
)
def test_to_be_treated_already_is_to_gain_nothing(
    lives, index, oracle, treatment, started
):
    treated = truth.risks(
        lives, index, WINDOWS, seed=5, replays=24, treatment=treatment
    )
    taking = lives.state.times[started][index.columns] <= index.times
    assert taking.any()
    for name in WINDOWS:
        assert np.array_equal(
            treated[name][taking], oracle[name][taking], equal_nan=True
        )


@pytest.mark.parametrize("year", [2019, 2020])
def test_the_last_minute_of_a_year_belongs_to_it(year):
    last = datetime(year, 12, 31, 23, 59)
    assert int(days.years_of(last)) == year
    assert days.moment(days.years_of(last)) == last
