"""Values that only others, or their patient, can settle: drawn and run whole."""

from pathlib import Path

import polars as pl
import pytest

from chronicle.ingest import harmonise
from tests.bundles import (
    bundle,
    concept,
    observation,
    patient,
    quantity,
    record,
    subject,
    write,
)
from tests.conftest import digests
from tests.drawn import events as drawn_events
from tests.drawn import patients as drawn_patients

LANDING = Path("landing")
LOINC = "http://loinc.org"
GLUCOSE, WEIGHT, HEIGHT = "LOINC//2345-7", "LOINC//29463-7", "LOINC//8302-2"


def settled(people: str, text: str) -> tuple[list[tuple], dict[str, int]]:
    """Harmonise drawn events; return (code, value, fate) and the counts."""
    events = drawn_events(text).with_row_index("entry").with_columns(file=pl.lit(0))
    found, fates = harmonise.harmonised(events, drawn_patients(people))
    counts = dict(fates["value_fate"].value_counts().iter_rows())
    return found.select("code", "numeric_value", "value_fate").rows(), counts


def test_limits_of_adults_hold_from_the_eighteenth_birthday():
    # Index time is 2019-01-01; ann is 18 then, bob a child.
    rows, fates = settled(
        """
        ann 2001 female
        bob 2010 male
        """,
        f"""
        ann  -1  {WEIGHT} 20 fate=kept
        ann   0  {WEIGHT} 20 fate=kept
        ann   0  {WEIGHT} 70 fate=kept
        ann   0  {HEIGHT} 66 fate=converted
        bob   0  {WEIGHT} 20 fate=kept
        bob   0  {HEIGHT} 66 fate=kept
        """,
    )
    assert rows == [
        (WEIGHT, 20, None),
        (WEIGHT, None, "impossible"),
        (WEIGHT, 70, None),
        (HEIGHT, None, "impossible"),
        (WEIGHT, 20, None),
        (HEIGHT, 66, None),
    ]
    assert fates == {"kept": 4, "impossible": 2}


@pytest.mark.parametrize("final", harmonise.FINAL)
def test_what_is_preliminary_gives_way_to_what_is_final(final):
    rows, fates = settled(
        "ann 1950 female",
        f"""
        ann -9 {GLUCOSE} 90 status=preliminary fate=kept
        ann -9 {GLUCOSE} 99 status={final} fate=kept
        """,
    )
    assert rows == [(GLUCOSE, 99, None)]
    assert fates == {"kept": 1, "preliminary": 1}


@pytest.mark.parametrize(
    "other",
    [
        f"ann -8 {GLUCOSE} 99 status=final fate=kept",
        f"ann -9 {WEIGHT} 99 status=final fate=kept",
        f"bob -9 {GLUCOSE} 99 status=final fate=kept",
        f"ann -9 {GLUCOSE} 99 status=registered fate=kept",
    ],
    ids=["another time", "another code", "another patient", "not final"],
)
def test_what_is_preliminary_stays_where_nothing_final_says_the_same(other):
    early = f"ann -9 {GLUCOSE} 90 status=preliminary fate=kept"
    rows, _ = settled("ann 1950 female\nbob 1950 male", f"{early}\n{other}")
    assert len(rows) == 2


def glucose(name: str, number: int, value: float, unit: str | None, month: int = 5):
    stated = {"value": value} if unit is None else quantity(value, unit)
    return observation(
        name,
        number,
        code=concept(LOINC, "2345-7"),
        effectiveDateTime=f"2011-{month:02d}-{number % 27 + 1:02d}T10:00:00Z",
        valueQuantity=stated,
    )


def month_of(count, unit=None, centre=5.5, month=5, start=0):
    """Glucoses of one month of one site, about their centre, of five people."""
    return [
        glucose(
            f"p{i % 5}",
            100 * month + start + i,
            centre + (i % 11 - 5) / 10,
            unit,
            month,
        )
        for i in range(count)
    ]


def people() -> list[dict]:
    return [patient(f"p{i}") for i in range(5)]


def told() -> pl.DataFrame:
    events = pl.read_parquet("data/tables/events/*.parquet")
    return events.filter(pl.col("code") == GLUCOSE)


def site(name: str, *resources: dict) -> None:
    write(LANDING / name, **{name: bundle(*resources)})


def test_a_month_of_a_site_tells_the_unit_that_it_left_out(ingest):
    site("north", *people(), *month_of(30))
    site("south", *month_of(29, month=6))
    ledger = ingest()
    assert ledger["values"] == {"unit-inferred": 30, "unit-missing": 29}
    known = told().drop_nulls("numeric_value")
    assert set(known["unit"]) == {"mg/dL"}
    assert set(known["value_fate"]) == {"unit-inferred"}
    assert known["source_unit"].null_count() == 30
    ratio = known["numeric_value"] / known["source_value"]
    assert ratio.min() == pytest.approx(ratio.max()) == pytest.approx(18.0156)
    assert set(told()["time"].dt.month()) == {5, 6}


def test_two_sites_never_make_one_batch(ingest):
    site("north", *people(), *month_of(20))
    site(
        "south", *[each | {"id": f"s{each['id']}"} for each in month_of(20, centre=5.6)]
    )
    assert ingest()["values"] == {"unit-missing": 40}


def test_a_copy_of_a_value_is_no_second_value(ingest):
    twice = month_of(20)
    site("north", *people(), *twice, *twice)
    assert ingest()["values"] == {"unit-missing": 20}


def test_a_text_without_a_unit_is_like_what_its_site_states_that_month(ingest):
    typed = glucose("p0", 99, 0, None) | {"valueString": "6,1 H"}
    del typed["valueQuantity"]
    site("north", *people(), *month_of(30, "mmol/L"), typed)
    assert ingest()["values"] == {"converted": 30, "unit-inferred": 1}
    row = told().filter(pl.col("value_fate") == "unit-inferred").row(0, named=True)
    assert row["numeric_value"] == pytest.approx(6.1 * 18.0156)
    assert (row["source_value"], row["source_unit"]) == (6.1, None)


def test_files_shards_and_workers_change_no_decision(ingest, monkeypatch):
    values = [
        *month_of(40),
        *month_of(40, "mg/dL", 98, 6),
        *month_of(3, None, 98, 6, 40),
    ]
    site("north", *people(), *values)
    ledger = ingest()
    before = digests(Path("data/tables"))
    assert ledger["values"] == {"kept": 40, "unit-inferred": 43}
    (LANDING / "north" / "north.json").unlink()
    for number, one in enumerate(reversed([*people(), *values])):
        write(LANDING / "north", **{f"{number:03d}": one})
    monkeypatch.setattr("chronicle.ingest.passes.BATCH_BYTES", 6_000)
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    assert ingest()["values"] == ledger["values"]
    assert digests(Path("data/tables")) == before


def test_a_pressure_typed_into_a_panel_becomes_two_events(ingest):
    typed = observation(
        code=concept(LOINC, "85354-9"), valueString="BP: 132 / 84 mmHg (L arm)"
    )
    del typed["valueQuantity"]
    write(LANDING, ann=bundle(patient(), typed))
    assert ingest()["values"] == {"text-number": 2}
    events = pl.read_parquet("data/tables/events/*.parquet").filter(
        pl.col("resource_type") == "Observation"
    )
    assert events.select("code", "numeric_value", "unit", "text_value").rows() == [
        ("LOINC//8462-4", 84, "mm[Hg]", None),
        ("LOINC//8480-6", 132, "mm[Hg]", None),
    ]
    assert events["provenance"].n_unique() == events["time"].n_unique() == 1


def test_values_are_counted_once_however_often_their_resource_came(ingest):
    write(LANDING, a=bundle(*record()), b=bundle(*record()))
    ledger = ingest()
    assert ledger["total"]["duplicate"] == 4
    assert ledger["values"] == {"converted": 1}


def test_values_of_what_is_refused_are_not_counted(ingest):
    stranger = observation(number=2, subject=subject("zoe"))
    write(LANDING, a=bundle(*record(), stranger))
    assert ingest()["values"] == {"converted": 1}


def test_a_value_before_anybody_says_when_has_no_batch(ingest):
    timeless = [
        {k: v for k, v in each.items() if k not in ("effectiveDateTime", "issued")}
        for each in month_of(40)
    ]
    site("north", *people(), *timeless)
    assert ingest()["by_reason"] == {"no-time": 40}
    assert told().is_empty()


def test_no_word_of_a_text_or_of_a_unit_reaches_a_table(ingest):
    marked = "Zebulon-Marker-1951"
    texts = [marked, f"7.2 {marked}", f"{marked} 120/80", "7.2 " * 250_000]
    typed = [observation(number=n, valueString=text) for n, text in enumerate(texts)]
    for each in typed:
        del each["valueQuantity"]
    panel = typed[2] | {"id": "panel", "code": concept(LOINC, "85354-9")}
    odd = observation(number=9, valueQuantity=quantity(7, marked))
    write(LANDING, ann=bundle(patient(), *typed, panel, odd))
    assert ingest()["values"] == {
        "text-left-out": 4,
        "text-number": 2,
        "unit-unknown": 1,
    }
    told = pl.read_parquet("data/tables/events/*.parquet").write_csv()
    assert "Marker" not in told
