"""Texts that stand where a number belongs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import values
from chronicle.ingest.values import Said, said

#   text            | how read      | numbers      | compared | unit
DRAWN = """
    7.2             | text-number   | 7.2          |          |
    .5              | text-number   | 0.5          |          |
    -1.5            | text-number   | -1.5         |          |
    <0.3            | text-number   | 0.3          | <        |
    >60             | text-number   | 60           | >        |
    >= 90           | text-number   | 90           | >=       |
    =<5             | text-number   | 5            | <=       |
    ≤5              | text-number   | 5            | <=       |
    > 60 mL/min     | text-number   | 60           | >        | mL/min
    7,2             | text-number   | 7.2          |          |
    1.234,5         | text-number   | 1234.5       |          |
    1,234.5         | text-number   | 1234.5       |          |
    1,234           | text-number   | 1.234 1234   |          |
    0,234           | text-number   | 0.234        |          |
    1,234,567       | text-number   | 1234567      |          |
    7.2 H           | text-number   | 7.2          |          |
    7.2*            | text-number   | 7.2          |          |
    7.2 (L)         | text-number   | 7.2          |          |
    7.2 %           | text-number   | 7.2          |          | %
    7.2 % HH        | text-number   | 7.2          |          | %
    132 mmHg        | text-number   | 132          |          | mmHg
    132 MM HG       | text-number   | 132          |          | MM HG
    55-60 %         | range         | 57.5         |          | %
    55 to 60        | range         | 57.5         |          |
    NEG             | ordinal       |              |          |
    Negative.       | ordinal       |              |          |
    TRACE           | ordinal       |              |          |
    1+              | ordinal       |              |          |
    ++              | ordinal       |              |          |
    SEE NOTE        | no-result     |              |          |
    HEMOLYZED       | no-result     |              |          |
    QNS             | no-result     |              |          |
    cancelled       | no-result     |              |          |
    PENDING         | no-result     |              |          |
    N/A             | no-result     |              |          |
    -               | no-result     |              |          |
    Ann Smith       | text-left-out |              |          |
    Ann Smith, 51   | text-left-out |              |          |
    3 Smith         | text-left-out |              |          |
    see note 51     | text-left-out |              |          |
    10/12/2023      | text-left-out |              |          |
    2011-05-01      | text-left-out |              |          |
    1 234           | text-left-out |              |          |
    60-55           | text-left-out |              |          |
    1,23,4          | text-left-out |              |          |
    5 apples        | text-left-out |              |          |
    ٣               | text-left-out |              |          |
"""


def drawn() -> list[tuple[str, Said]]:
    table = []
    for line in DRAWN.strip().splitlines():
        text, fate, numbers, compared, unit = (
            each.strip() for each in f"{line}|||".split("|")[:5]
        )
        meant = tuple(float(each) for each in numbers.split())
        table.append((text, Said(fate, meant, compared or None, unit or None)))
    return table


@pytest.mark.parametrize(("text", "expected"), drawn())
def test_a_text_says_a_number_or_why_it_does_not(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize("text", ["", "   "])
def test_no_text_is_no_result(text):
    assert said(text).fate == "no-result"


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000,
        "1," * 500_000,
        " " * 1_000_000,
        "<" * 1_000_000,
        "7.2 " * 250_000,
    ],
)
def test_a_text_of_a_megabyte_costs_nothing(text):
    before = time.perf_counter()
    assert said(text) == values.LEFT_OUT
    assert time.perf_counter() - before < 0.05


@given(st.text(max_size=80))
def test_whatever_the_text_only_known_words_leave(text):
    found = said(text)
    assert found.fate in (
        "text-number", "range", "ordinal", "no-result", "text-left-out",
    )  # fmt: skip
    assert bool(found.numbers) == (found.fate in ("text-number", "range"))
    assert found.unit is None or values.units.spelled(found.unit)


@given(st.text("0123456789.,<>=-+ HL%/*", max_size=64))
def test_no_mix_of_digits_and_signs_is_slow_or_endless(text):
    before = time.perf_counter()
    assert all(each == each for each in said(text).numbers)
    assert time.perf_counter() - before < 0.1


@given(st.decimals(0, 100_000, places=2), st.sampled_from(["", " H", "*", " %"]))
def test_a_number_written_in_either_way_is_the_same(number, after):
    english, german = f"{number}", f"{number}".replace(".", ",")
    assert said(english + after).numbers == said(german + after).numbers
    assert said(english + after).numbers == (float(number),)
