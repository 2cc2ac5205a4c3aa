"""Dated records: in order, within life, and showing what the year showed."""

import numpy as np
import pytest

from chronicle.simulate.lives import chart, life
from chronicle.simulate.lives.rows import NEVER

FIRST, LAST = 2010, 2020
SITES = ("here", "there")


@pytest.fixture(scope="module")
def lives():
    return life.lives(2, np.arange(300), (0.5, 0.5), FIRST, LAST)


@pytest.fixture(scope="module")
def records(lives):
    return [chart.chart(lives, i, seed=2, sites=SITES) for i in range(300)]


def test_visits_are_in_order_and_none_is_after_death(records):
    for record in records:
        starts = [visit.start for visit in record.visits]
        assert starts == sorted(starts)
        died = record.person.died
        assert died is None or all(visit.end <= died for visit in record.visits)
        assert all(visit.start <= visit.end for visit in record.visits)


def test_what_is_noted_belongs_to_a_visit_and_to_its_day(records):
    for record in records:
        for each in record.measured:
            visit = record.visits[each.visit]
            assert visit.start <= each.at <= visit.end
            assert each.issued >= each.at
        for each in record.diagnosed:
            assert each.onset <= record.visits[each.visit].end
            assert each.onset.date() >= record.person.born


def test_the_first_coding_is_in_the_year_in_which_it_was_coded(lives, records):
    for column, record in enumerate(records):
        first = {}
        for each in record.diagnosed:
            if each.confirmed:
                first.setdefault(each.condition, record.visits[each.visit].start.year)
        for name, year in first.items():
            coded = lives.state.times[f"code_{name}"][column]
            assert coded < FIRST or year == int(coded)


def test_a_year_is_seen_as_its_decisions_saw_it(lives, records):
    for column, record in enumerate(records):
        for year, brought in lives.years.items():
            level = brought.seen["sbp"][column]
            found = [
                each.value
                for each in record.measured
                if each.measure == "sbp" and each.at.year == year
            ]
            visits = {each.visit for each in record.measured if each.at.year == year}
            # Where no visit went without a reading, their mean is the year's, but for
            # the digits that people prefer.
            if found and len(found) == brought.seen["visits"][column] == len(visits):
                assert abs(np.mean(found) - level) < 5.1


def test_nobody_takes_what_was_never_started(lives, records):
    statins = {"simvastatin", "atorvastatin"}
    for column, record in enumerate(records):
        taken = {each.drug for each in record.ordered}
        if lives.state.times["start_statin"][column] == NEVER:
            assert not taken & statins
        if lives.state.times["start_anticoagulant"][column] == NEVER:
            assert "apixaban" not in taken


RESULTS = {"t2dm": "hba1c", "prediabetes": "hba1c", "hyperlipidemia": "ldl"}


def test_what_is_read_off_a_result_is_written_down_when_the_result_is_known(
    lives, records
):
    found = 0
    for column, record in enumerate(records):
        for name, measure in RESULTS.items():
            if lives.state.times[f"code_{name}"][column] < FIRST:
                continue
            coded = [
                record.visits[each.visit].end
                for each in record.diagnosed
                if each.condition == name and each.confirmed
            ]
            if coded:
                known = [m.issued for m in record.measured if m.measure == measure]
                assert min(known) <= min(coded), name
                found += 1
    assert found > 30


def test_no_drug_for_an_event_comes_before_it(lives, records):
    for record in records:
        for name, drug in (("chd", "clopidogrel"), ("heart_failure", "furosemide")):
            coded = [d.visit for d in record.diagnosed if d.condition == name]
            taken = [o.visit for o in record.ordered if o.drug == drug]
            assert not taken or (coded and min(coded) <= min(taken))


def test_nobody_is_found_to_be_at_risk_of_what_they_have(records):
    for record in records:
        has = [d.visit for d in record.diagnosed if d.condition == "t2dm"]
        early = [d.visit for d in record.diagnosed if d.condition == "prediabetes"]
        assert not has or not early or max(early) <= max(has)


def test_one_thing_is_measured_once_at_a_time(records):
    for record in records:
        moments = [(each.measure, each.at) for each in record.measured]
        assert len(moments) == len(set(moments))


def test_patients_have_been_seen_and_on_working_days(records):
    for record in records:
        assert record.visits
        planned = [visit for visit in record.visits if visit.kind == "AMB"]
        weekend = sum(visit.start.weekday() > 4 for visit in planned)
        assert weekend <= 2  # what could not wait


def test_half_of_the_people_are_where_half_of_them_should_be(records):
    share = np.mean([record.person.site == "here" for record in records])
    assert 0.4 < share < 0.6
    assert len({record.person.id for record in records}) == len(records)
