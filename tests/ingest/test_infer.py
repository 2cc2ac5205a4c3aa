"""Units that a source left out: batches decide, single values never."""

import math
import statistics
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import infer, measures, units

KEYS = {"site": pl.String, "code": pl.String, "month": pl.Date}
NAMES = {
    "glucose": "LOINC//2345-7",
    "hba1c": "LOINC//4548-4",
    "creatinine": "LOINC//2160-0",
    "weight": "LOINC//29463-7",
    "crp": "LOINC//1988-5",
    "tg": "LOINC//2571-8",
    "sbp": "LOINC//8480-6",
    "uacr": "LOINC//9318-7",
}


def batch(name: str, values: list[float], month: int = 1, site: str = "a"):
    rows = [
        (site, NAMES.get(name, name), date(2020, month, 1), float(each), 1)
        for each in values
    ]
    schema = KEYS | {"source_value": pl.Float64, "n": pl.UInt32}
    frame = pl.DataFrame(rows, schema, orient="row")
    return frame.group_by(infer.VALUE).agg(pl.sum("n"))


def stated(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [("a", NAMES[name], date(2020, 1, 1), unit, n) for name, unit, n in rows],
        KEYS | {"source_unit": pl.String, "n": pl.UInt32},
        orient="row",
    )


def decided(missing: pl.DataFrame, said: pl.DataFrame | None = None) -> dict:
    found = infer.infer(missing, stated() if said is None else said)
    return dict(
        found.sort("source_value").select("source_value", "numeric_value").rows()
    )


def around(median: float, count: int = 40) -> list[float]:
    """Values 10 % below to 10 % above."""
    return [round(median * (0.9 + 0.2 * i / (count - 1)), 3) for i in range(count)]


@pytest.mark.parametrize(
    ("name", "median", "factor"),
    [
        ("glucose", 98, 1),
        ("glucose", 5.5, 18.0156),
        ("creatinine", 0.9, 1),
        ("creatinine", 80, 0.0113097),
        ("sbp", 125, 1),
    ],
)
def test_sixty_values_say_which_unit_they_are_in(name, median, factor):
    values = around(median, 60)
    found = decided(batch(name, values))
    assert len(found) == len(set(values))
    assert all(
        value == pytest.approx(raw * factor, rel=1e-4) for raw, value in found.items()
    )


def test_a_unit_with_an_offset_is_found_too():
    assert decided(batch("hba1c", [42] * 30)) == {42: pytest.approx(6.0, abs=0.01)}
    # As high as in a clinic for diabetes: it might be another unit of another measure.
    assert decided(batch("hba1c", [70] * 30)) == {}


@pytest.mark.parametrize(
    ("why", "missing"),
    [
        ("too few", batch("glucose", around(98, 29))),
        ("two months of 20 are no batch of 40", pl.concat(
            [batch("glucose", around(98, 20), 1), batch("glucose", around(98, 20), 2)]
        )),
        ("nor two sites", pl.concat(
            [batch("glucose", around(98, 20), site=site) for site in "ab"]
        )),
        ("no unit fits", batch("glucose", around(30))),
        ("two units in one batch", batch("glucose", around(98, 40) + around(5.5, 20))),
        ("mmol/L and g/L are alike", batch("tg", around(1.3))),
        ("never for CRP", batch("crp", around(2.0))),
        ("never for weight", batch("weight", around(80))),
        ("ratios spread too widely", batch("uacr", around(8))),
        ("a code without a measure", batch("LOINC//99999-9", around(98))),
    ],
)  # fmt: skip
def test_where_a_batch_cannot_be_sure_nothing_is_decided(why, missing):
    assert decided(missing) == {}, why


def test_a_few_odd_values_do_not_undo_a_batch_and_are_judged_like_all():
    found = decided(batch("glucose", [*around(98), 9999, 5.5]))
    assert found[9999] is found[5.5] is None
    assert len([each for each in found.values() if each]) == 40


def test_a_source_that_states_another_unit_in_that_month_is_not_overruled():
    missing = batch("glucose", around(98))
    assert decided(missing, stated(("glucose", "mmol/L", 3))) == {}
    assert decided(missing, stated(("glucose", "mg/dl", 3)))


def test_the_few_are_like_the_many_unless_they_look_like_others():
    said = stated(("glucose", "mg/dL", 20), ("glucose", "mg/dl", 10))
    few = batch("glucose", [99, 250, 5.5, 20])
    assert decided(few, said) == {99: 99, 250: 250}


@pytest.mark.parametrize(
    "said",
    [
        stated(("glucose", "mg/dL", 29)),
        stated(("glucose", "mg/dL", 40), ("glucose", "mmol/L", 1)),
        stated(("glucose", "mg/dL", 40), ("glucose", "furlongs", 1)),
        stated(("creatinine", "mg/dL", 40)),
    ],
)
def test_the_few_stay_unsure_where_the_many_are_few_or_not_of_one_mind(said):
    assert decided(batch("glucose", [99]), said) == {}


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(chance):
    missing = pl.concat([batch("glucose", around(98)), batch("hba1c", around(38))])
    said = stated(("hba1c", "mmol/mol", 12), ("glucose", "mg/dl", 1))
    rows = list(range(missing.height))
    chance.shuffle(rows)
    forth = infer.infer(missing, said).sort(infer.VALUE)
    back = infer.infer(missing[rows], said.reverse()).sort(infer.VALUE)
    assert forth.equals(back)


REPORTED = [
    (code, unit)
    for code in measures.codes()
    if measures.of(code).usual is not None
    for unit in units.conversions(measures.of(code))
]


# A population as our table describes it, at a site that differs from it a little.
EVENLY = [statistics.NormalDist().inv_cdf((each + 0.5) / 60) for each in range(60)]


@given(st.sampled_from(REPORTED), st.floats(-0.9, 0.9), st.floats(0.5, 1.5))
def test_a_decision_about_a_usual_population_is_never_wrong(reported, shift, width):
    code, unit = reported
    measure = measures.of(code)
    factor, offset = units.conversions(measure)[unit]
    spread = [shift + width * each for each in EVENLY]
    true = [math.exp(measure.usual + each * measure.spread) for each in spread]
    raw = [(each - offset) / factor for each in true]
    for value, number in decided(batch(code, raw)).items():
        assert number is None or number == pytest.approx(value * factor + offset)
