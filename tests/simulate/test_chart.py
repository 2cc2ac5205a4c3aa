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
        assert died is None or all(visit.start <= died for visit in record.visits)


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


def test_half_of_the_people_are_where_half_of_them_should_be(records):
    share = np.mean([record.person.site == "here" for record in records])
    assert 0.4 < share < 0.6
    assert len({record.person.id for record in records}) == len(records)
