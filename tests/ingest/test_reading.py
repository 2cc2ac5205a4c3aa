"""Values in the forms of FHIR, as columns of an event."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronicle.ingest import measures, reading
from chronicle.ingest.gate.loose import Loose
from chronicle.report.words import MEANINGS
from tests.conftest import ROOT

NAMES = {
    "hba1c": "LOINC//4548-4",
    "glucose": "LOINC//2345-7",
    "platelets": "LOINC//777-3",
    "tg": "LOINC//2571-8",
    "lvef": "LOINC//10230-1",
    "fev1": "LOINC//20150-9",
    "egfr": "LOINC//33914-3",
    "sbp": "LOINC//8480-6",
    "dbp": "LOINC//8462-4",
    "panel": "LOINC//85354-9",
    "old-panel": "LOINC//55284-4",
    "phq9": "LOINC//44261-6",
    "other": "LOINC//99999-9",
}

#   measure   | text                | number | unit    | wrote        | compared | fate
DRAWN = """
    hba1c     | 7.2 %               | 7.2    | %       | 7.2 %        |     | text-number
    hba1c     | 7,2 % H             | 7.2    | %       | 7.2 %        |     | text-number
    hba1c     | <4 %                | 4      | %       | 4 %          | <   | comparator
    hba1c     | 53 mmol/mol         | 7.0    | %       | 53 mmol/mol  |     | text-number
    hba1c     | 7.2                 |        |         | 7.2          |     | unit-missing
    hba1c     | 7.2 mg/dL           |        |         | 7.2 mg/dL    |     | unit-unknown
    hba1c     | 72 %                |        |         | 72 %         |     | impossible
    hba1c     | 9999 %              |        |         | 9999 %       |     | sentinel
    egfr      | > 60 mL/min/1.73m2  | 60     | mL/min/{1.73_m2} | 60 mL/min/1.73m2 | > | comparator
    lvef      | 55-60 %             | 57.5   | %       | 57.5 %       |     | range
    fev1      | 2.8 L               | 2.8    | L       | 2.8 L        |     | text-number
    hba1c     | 7.2 L               |        |         | 7.2          |     | unit-missing
    tg        | 1,234 mg/dL         | 1234   | mg/dL   | 1234 mg/dL   |     | text-number
    tg        | 1,234 mmol/L        | 109.3  | mg/dL   | 1.234 mmol/L |     | text-number
    platelets | 1,234 /uL           |        |         |              |     | ambiguous
    glucose   | 1,234               |        |         |              |     | ambiguous
    phq9      | 12/27               | 12     | {score} | 12 /27       |     | text-number
    hba1c     | NEG                 |        |         |              |     | ordinal
    hba1c     | SEE NOTE            |        |         |              |     | no-result
    hba1c     | Ann Smith           |        |         |              |     | text-left-out
    other     | 7.2                 | 7.2    |         | 7.2          |     | text-number
    other     | <7.2                | 7.2    |         | 7.2          | <   | comparator
    other     | 7.2 mg/dL           |        |         |              |     | text-left-out
    other     | 3-4                 |        |         |              |     | text-left-out
    other     | 1,234               |        |         |              |     | text-left-out
    sbp       | 120/80              | 120    | mm[Hg]  | 120          |     | text-number
    dbp       | BP 120/80 (L arm)   | 80     | mm[Hg]  | 80           |     | text-number
    sbp       | 132 mmHg            | 132    | mm[Hg]  | 132 mmHg     |     | text-number
    sbp       | 80/120              |        |         |              |     | text-left-out
    panel     | refused             |        |         |              |     | no-result
    panel     | 120                 |        |         |              |     | text-left-out
"""  # noqa: E501


def drawn() -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("|")]
        for line in DRAWN.strip().splitlines()
    ]


@pytest.mark.parametrize(
    ("name", "text", "number", "unit", "wrote", "compared", "fate"), drawn()
)
def test_a_text_becomes_a_number_with_what_was_written_beside_it(
    name, text, number, unit, wrote, compared, fate
):
    (code, found), *others = reading.of_text(NAMES[name], text).items()
    assert (code, others) == (NAMES[name], [])
    value, _, source_unit = wrote.partition(" ")
    assert found.fate == fate
    expected = pytest.approx(float(number), abs=0.05) if number else None
    assert (found.number, found.unit or "") == (expected, unit)
    assert found.source_value == (float(value) if value else None)
    assert (found.source_unit or "", found.comparator or "") == (source_unit, compared)
    assert found.text is None


@pytest.mark.parametrize("panel", ["panel", "old-panel"])
def test_a_text_of_a_panel_speaks_of_two_pressures(panel):
    found = reading.of_text(NAMES[panel], "BP: 132 / 84 mmHg (L arm)")
    assert {code: each.number for code, each in found.items()} == {
        NAMES["sbp"]: 132,
        NAMES["dbp"]: 84,
    }
    assert {each.unit for each in found.values()} == {"mm[Hg]"}


@pytest.mark.parametrize(
    ("quantity", "number", "compared", "fate"),
    [
        ({"value": 7.2, "unit": "%"}, 7.2, None, "kept"),
        ({"value": 7.2, "code": "%", "comparator": "<"}, 7.2, "<", "comparator"),
        ({"value": 7.2, "unit": "%", "comparator": "ad"}, 7.2, None, "kept"),
        ({"value": 720, "unit": "%", "comparator": ">"}, None, ">", "impossible"),
        ({"value": 7.2, "comparator": "<"}, None, "<", "unit-missing"),
        ({"value": 7.2, "unit": "%", "code": "mmol/mol"}, None, None, "unit-conflict"),
        ({"unit": "%"}, None, None, "absent"),
    ],
)
def test_a_quantity_keeps_its_comparator(quantity, number, compared, fate):
    found = reading.of_quantity(NAMES["hba1c"], Loose(**quantity))
    assert (found.number, found.comparator, found.fate) == (number, compared, fate)
    assert found.source_value == quantity.get("value")


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("mg/dl", True),
        ("Millimeter Of  Mercury", True),
        ("N/A", True),
        ("Bq/mL", False),
        ("furlongs", False),
        ("Smith", False),
        ("Ann Smith/1951", False),
        ("x/" * 20, False),
        ("mg/dL" + " " * 60 + "Smith", False),
    ],
)
def test_a_unit_is_shown_only_if_a_table_of_ours_has_it(unit, shown):
    found = reading.of_quantity(NAMES["hba1c"], Loose(value=7.2, unit=unit))
    assert found.source_unit == (unit if shown else "(other)")


def test_a_score_has_no_unit_to_leave_out():
    assert reading.of_number(NAMES["phq9"], 12).fate == "kept"
    assert reading.of_number(NAMES["glucose"], 99).fate == "unit-missing"


CODES = st.sampled_from([*measures.codes(), *NAMES.values()])


@given(CODES, st.text(max_size=70) | st.text("0123456789,.<>=-/ mgdL%H", max_size=30))
def test_no_text_leaves(code, text):
    for found in reading.of_text(code, text).values():
        assert found.text is None
        assert found.fate in reading.FATES
        assert found.source_unit is None or reading.units.spelled(found.source_unit)


def test_every_word_is_explained_and_asked_for():
    suite = json.loads((ROOT / "expectations" / "events.json").read_text())
    asked = next(
        each["kwargs"]["value_set"]
        for each in suite["expectations"]
        if each["kwargs"].get("column") == "value_fate"
    )
    assert {*asked, "kept"} == set(reading.FATES)
    assert {*reading.FATES, "preliminary"} <= MEANINGS.keys()


def test_every_word_in_the_code_is_a_known_one():
    folder = ROOT / "src" / "chronicle" / "ingest"
    names = ("reading", "values", "units", "infer", "harmonise")
    text = "".join((folder / f"{name}.py").read_text() for name in names)
    used = re.findall(r'(?:fate=|Rule\(|Said\(|None, |lit\()"([a-z-]+)"', text)
    assert set(used) <= set(reading.FATES)
