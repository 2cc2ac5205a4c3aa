"""Chance that belongs to a patient."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chronicle.simulate.lives import draws


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6, unique=True))
def test_what_is_drawn_for_a_patient_depends_on_nobody_else(numbers):
    together = draws.years(7, "life", numbers, 3)
    for column, number in enumerate(numbers):
        alone = draws.years(7, "life", [number], 3)
        assert np.array_equal(together[:, :, column], alone[:, :, 0])


def test_seed_purpose_and_patient_each_make_another_stream():
    asked = [(1, "life", 5), (2, "life", 5), (1, "chart", 5), (1, "life", 6)]
    assert len({draws.stream(*each).bytes(8) for each in asked}) == 4


def test_more_years_change_no_year_before():
    few, many = (draws.years(1, "life", [3], count) for count in (4, 9))
    assert np.array_equal(few, many[:4])


def test_uniform_and_normal_draws_are_that():
    drawn = draws.years(1, "life", range(200), 5)
    uniform = drawn[:, : len(draws.UNIFORM)]
    normal = drawn[:, len(draws.UNIFORM) :]
    assert abs(uniform.mean() - 0.5) < 0.01
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.02
