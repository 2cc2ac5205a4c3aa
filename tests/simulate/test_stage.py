"""The stage, through the one door."""

import shutil
import zlib
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import yaml

from chronicle.core import store
from chronicle.core.tables import EVENTS
from chronicle.index.rule import Rule, index_times
from chronicle.ingest.deidentify import subject_id
from chronicle.simulate import truths
from tests.conftest import KEYS, digests

SMALL = {"patients": 120, "first_year": 2015, "last_year": 2020, "replays": 3}


@pytest.fixture(scope="module")
def made_before(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def simulate(run, project, made_before):
    """Simulate few patients with changed settings, or take those of before."""

    def simulate_into(folder: str, exits: int = 0, anew=False, **changed) -> Path:
        kept = made_before / str(zlib.crc32(repr(sorted(changed.items())).encode()))
        if kept.exists() and not anew:
            return Path(shutil.copytree(kept, project / folder))
        params = yaml.safe_load((project / "params.yaml").read_text())
        params["simulate"] |= SMALL | {"treated_years": [2016]} | changed
        (project / "params.yaml").write_text(yaml.safe_dump(params))
        simulate_into.told = run("simulate", "diseases", folder, exits=exits)
        if not exits:
            shutil.copytree(project / folder, kept, dirs_exist_ok=True)
        return project / folder

    return simulate_into


def test_another_number_of_patients_and_two_workers_change_no_patient(
    simulate, monkeypatch
):
    few = digests(simulate("few"))
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    many = digests(simulate("many", patients=150))
    # The last part of the few is cut off; the one before it is whole.
    whole = {name for name in few if "0001" not in name}
    assert len(whole) > 60
    assert {name: many[name] for name in whole} == {name: few[name] for name in whole}


def test_the_same_again_is_the_same_bytes(simulate):
    assert digests(simulate("once")) == digests(simulate("twice", anew=True))


def test_another_seed_makes_other_people(simulate):
    assert not set(digests(simulate("one")).values()) & set(
        digests(simulate("two", seed=8)).values()
    )


def test_faults_are_told_beside_the_landing_and_never_in_it(simulate):
    folder = simulate("made")
    told = pl.read_parquet(folder / "truth" / "faults" / "*.parquet")
    assert told["fault"].n_unique() > 10
    assert all((folder / "landing" / name).is_file() for name in told["file"].unique())
    written = {path.name for path in (folder / "landing").iterdir()}
    assert written <= {"panels", "split", "metric", "plain", "legacy"}


def test_every_table_of_truth_is_as_it_is_declared(simulate):
    folder = simulate("made") / "truth"
    for table in truths.TRUTHS:
        path = folder / table.name.removeprefix("truth/")
        frame = pl.read_parquet(path / "*.parquet")
        assert frame.height, table.name
        table.require(frame, where=str(path))


def test_true_risks_are_there_for_every_disease_and_treatment(simulate):
    folder = simulate("made") / "truth"
    risks = pl.read_parquet(folder / "risks" / "*.parquet")
    slugs = {path.stem for path in Path("diseases").glob("*.yaml")}
    # The oracle speaks of codes; an admission has none.
    assert set(risks["disease"]) == slugs - {"admission"}
    assert risks["risk"].is_between(0, 1).all()
    treated = pl.read_parquet(folder / "treated" / "*.parquet")
    assert treated["treatment"].n_unique() == 7
    assert set(treated["prediction_time"].dt.year()) == {2016}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sites": {"nowhere": 1.0}}, "nowhere cannot be used"),
        ({"sites": {"plain": 0.0}}, "their shares cannot be used"),
        ({"last_year": 2014}, "last_year: before first_year"),
        ({"faults": {"gremlin": 0.1}}, "gremlin"),
        ({"faults": {"sentinel": 2.0}}, "sentinel"),
        ({"patients": 0}, "patients"),
        ({"patiens": 5}, "patiens"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_setting_that_makes_no_sense_ends_with_ten(simulate, changed, told):
    folder = simulate("made", exits=10, **changed)
    assert told in simulate.told
    assert not folder.exists()


def test_records_of_one_year_of_one_patient_are_enough(simulate):
    folder = simulate("one", patients=1, first_year=2020, treated_years=[])
    assert [path for path in (folder / "landing").rglob("*") if path.is_file()]


def test_the_oracle_is_there_for_the_index_times_that_select_draws(
    simulate, ingest, project
):
    folder = simulate("made", sites={"plain": 1.0}, faults={})
    (folder / "landing").rename(project / "landing")
    ingest()
    events = store.read(EVENTS, project / "data/tables/events")
    drawn = index_times(events, Rule(codes=("ENCOUNTER//AMB",)), datetime(2100, 1, 1))
    told = pl.read_parquet(folder / "truth" / "risks" / "*.parquet")
    theirs = {
        (subject_id(f"Patient/{patient}", by=KEYS), year)
        for patient, year in told.select(
            "patient", pl.col("from_time").dt.year()
        ).rows()
    }
    ours = set(drawn.select("subject_id", pl.col("prediction_time").dt.year()).rows())
    assert len(ours) > 300
    # Who has every disease has no risk left to be told; nobody else is missing.
    assert theirs <= ours
    assert len(ours - theirs) < 0.02 * len(ours)
