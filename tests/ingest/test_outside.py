"""Risks that somebody else gave, from the door to the table that evaluate reads."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chronicle.core.tables import COMPARATORS
from tests.bundles import bundle, record, write
from tests.conftest import INGEST, digests
from tests.drawn import risks

LANDING, RISKS = Path("landing"), Path("risks")
BOTH = "ann -400 0 0.10\nann 0 400 0.20\nbob 0 400 0.70"


@pytest.fixture
def landed(project) -> None:
    write(LANDING, ann=bundle(*record("ann")), bob=bundle(*record("bob")))


def lay(*texts: str) -> None:
    for number, text in enumerate(texts):
        risks(text).write_parquet(RISKS / f"{number}.parquet")


def kept() -> pl.DataFrame:
    return pl.read_parquet("data/comparators/comparators.parquet")


@pytest.mark.usefixtures("landed")
def test_risks_leave_under_the_pseudonyms_of_the_patients_table(ingest):
    lay(BOTH)
    ingest()
    patients = pl.read_parquet("data/tables/patients/*.parquet")["subject_id"]
    assert set(kept()["subject_id"]) == set(patients)
    assert kept().columns == list(COMPARATORS.columns)
    assert sorted(kept()["risk"]) == [0.1, 0.2, 0.7]
    assert "ann" not in kept().write_csv()


@pytest.mark.usefixtures("landed")
def test_who_is_not_an_accepted_patient_is_left_out_and_counted(ingest):
    lay(BOTH, "zoe 0 9 0.5\nPatient/ann 0 9 0.5\nbob 0 400 0.70")
    assert ingest()["comparators"] == {
        "read": 6,
        "kept": 3,
        "duplicate": 1,
        "unknown_patient": 2,
    }


@pytest.mark.usefixtures("landed")
def test_the_log_counts_them_and_names_nobody(run):
    lay("zebulon 0 9 0.5\nann 0 9 0.123456")
    told = run(*INGEST)
    assert "risks from outside: 2 read, 1 kept, 0 duplicate, 1 unknown patient" in told
    assert "zebulon" not in told
    assert "0.123456" not in told


@pytest.mark.usefixtures("landed")
def test_without_risks_the_table_is_empty_and_nothing_is_said(run):
    assert "outside" not in run(*INGEST)
    assert COMPARATORS.require(kept(), where="here").is_empty()


@pytest.mark.usefixtures("landed")
def test_neither_files_nor_the_order_of_rows_change_a_byte(ingest):
    lay(BOTH)
    ingest()
    before = digests(Path("data/comparators"))
    Path("risks/0.parquet").unlink()
    Path("risks/more").mkdir()
    lay(*reversed(BOTH.splitlines()))
    Path("risks/0.parquet").rename("risks/more/z.parquet")
    ingest()
    assert digests(Path("data/comparators")) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("ann 0 9 1.01", "not between 0 and 1 in 1 rows", id="above 1"),
        pytest.param("ann 0 9 -0.1\nbob 0 9 nan", "0 and 1 in 2 rows", id="no risk"),
        pytest.param("ann 9 9 0.5", "not after from_time in 1 rows", id="empty span"),
        pytest.param(
            "ann 0 9 0.5\nann 8 20 0.5\nann 30 40 0.5",
            "two risks of one name at one time in 1 rows",
            id="two at a time",
        ),
        pytest.param(
            "ann 0 9 0.5\nann 0 9 0.6", "two risks of one name", id="two values"
        ),
        pytest.param("ann 0 9 0.5 by=a/b", "is no word in 1 rows", id="no word"),
    ],
)
@pytest.mark.usefixtures("landed")
def test_what_cannot_be_a_risk_stops_the_run_and_is_counted(run, text, told):
    lay(text)
    words = run(*INGEST, exits=11)
    assert told in words
    assert "where: risks" in words
    assert not Path("data/tables").exists()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ann 0 9 0\nann 9 20 1", id="one span begins where one ends"),
        pytest.param("ann 0 9 0.5\nbob 0 9 0.6", id="two patients"),
        pytest.param("ann 0 9 0.5 of=chd\nann 0 9 0.6", id="two diseases"),
        pytest.param("ann 0 9 0.5 by=QRISK-3.1\nann 0 9 0.6", id="two names"),
    ],
)
@pytest.mark.usefixtures("landed")
def test_what_differs_in_one_respect_is_no_contradiction(ingest, text):
    lay(text)
    assert ingest()["comparators"]["kept"] == 2


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: f.with_columns(risk=None).cast({"risk": pl.Float64}), "is null"),
        (lambda f: f.drop("name"), "column name is missing"),
        (lambda f: f.cast({"from_time": pl.Datetime("ns")}), "from_time is Datetime"),
    ],
    ids=["null", "missing", "wrong type"],
)
@pytest.mark.usefixtures("landed")
def test_a_wrong_column_is_named_and_its_file_is_not(run, spoil, told):
    spoil(risks(BOTH)).write_parquet(RISKS / "ann_smith.parquet")
    words = run(*INGEST, exits=11)
    assert told in words
    assert "smith" not in words


@pytest.mark.usefixtures("landed")
def test_a_file_that_is_no_parquet_and_a_missing_folder_say_so(run):
    (RISKS / "ann_smith.parquet").write_bytes(b"no parquet")
    told = run(*INGEST, exits=11)
    assert "a file of risks is no Parquet" in told
    assert "smith" not in told
    (RISKS / "ann_smith.parquet").unlink()
    RISKS.rmdir()
    assert "the folder of risks is not there" in run(*INGEST, exits=11)


SOME = st.dictionaries(
    st.sampled_from(["ann", "bob", "zoe"]), st.floats(0, 1), min_size=1
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SOME)
@pytest.mark.usefixtures("landed")
def test_what_others_said_changes_no_table_from_which_a_model_learns(ingest, said):
    for path in RISKS.iterdir():
        path.unlink()
    ingest()
    before = digests(Path("data/tables"))
    lay("\n".join(f"{name} 0 9 {risk!r}" for name, risk in said.items()))
    ingest()
    assert digests(Path("data/tables")) == before
