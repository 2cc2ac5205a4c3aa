"""Tables in; verdicts, a page and a gate out, as a user runs them."""

import json
import re
import shutil
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import EVENTS, PATIENTS, VERDICTS
from tests.check.asking import typed
from tests.check.test_suites import GOOD
from tests.conftest import digests

MARKED = "Zebulon-Marker-1951"
CHECKS = Path("reports/checks")
CHECK = (
    "check", "data/tables", "expectations", "ledger.json",
    "data/checked", "data/verdicts", "data/profile.csv", "reports/checks",
)  # fmt: skip
READ = {"total": {"read": 9, "duplicate": 0, "superseded": 0}, "by_reason": {}}


def lay(patients: pl.DataFrame, events: pl.DataFrame) -> None:
    store.write(PATIENTS, patients, Path("data/tables/patients/0000.parquet"))
    store.write(EVENTS, events, Path("data/tables/events/0000.parquet"))
    store.write_json(READ, Path("ledger.json"))


def test_good_tables_open_the_gate_and_the_same_ones_give_the_same_bytes(run):
    lay(**GOOD)
    run(*CHECK)
    run("gate", str(CHECKS), "gate.json")
    assert json.loads(Path("gate.json").read_text())["passed"] is True
    page = (CHECKS / "index.html").read_text()
    assert "The run may go on" in page
    # It asks nothing of the network.
    assert not re.search(r"src=|href=(?!\"#)|url\(|<script|@import", page)
    before = digests(CHECKS) | digests(Path("data"))
    run(*CHECK)
    assert digests(CHECKS) | digests(Path("data")) == before


def test_a_bad_table_leaves_its_page_and_closes_the_gate(run):
    lay(GOOD["patients"].clear(), GOOD["events"])
    run(*CHECK)
    told = run("gate", str(CHECKS), "reports/gate.json", exits=13)
    assert "patients.patients_not_empty" in told
    assert "reports/checks/index.html" in told
    page = (CHECKS / "index.html").read_text()
    assert "Rejected" in page
    # What stopped the run stands first, before all else that was asked.
    assert page.index("This run was stopped") < page.index("patients not empty")
    assert page.index("patients not empty") < page.index("What came</h2>")
    assert page.index("patients not empty") < page.index("birth date known")
    assert not Path("reports/gate.json").exists()


def test_a_gate_without_a_verdict_does_not_open(run):
    CHECKS.mkdir(parents=True)
    assert "no table was judged" in run("gate", str(CHECKS), "g.json", exits=13)


def test_no_value_of_a_patient_is_in_verdict_page_or_log(run):
    text = pl.lit(MARKED)
    lay(
        GOOD["patients"].with_columns(
            gender=text, provenance=text, subject_id=pl.lit(195119511951)
        ),
        GOOD["events"].with_columns(
            code=text,
            text_value=text,
            provenance=text,
            status=text,
            resource_type=text,
            numeric_value=pl.lit(19511.5, pl.Float32),
        ),
    )
    told = run(*CHECK)
    told += run("gate", str(CHECKS), "g.json", exits=13)
    told += "".join(path.read_text() for path in CHECKS.iterdir())
    assert MARKED not in told
    assert "1951195" not in told
    assert "19511.5" not in told


SICK = """
    ann -9000 ENCOUNTER//AMB
    ann -10 ENCOUNTER//AMB
    ann -10 LOINC//8480-6 120
    ann -10 LOINC//8480-6 120
    ann -26000 LOINC//2160-0 1.0
    ann -400 LOINC//29463-7 80
    ann -300 LOINC//29463-7 81
    ann -200 LOINC//29463-7 178
    ann -100 LOINC//29463-7 80
    ann -50 LOINC//29463-7 80
    bob -700 LOINC//72166-2 text=SNOMED//8517006
    bob -300 LOINC//72166-2 text=SNOMED//266919005
    bob -200 SNOMED//44054060
"""


LATE = (161, 162, 163)  # days: bob dies on day 100


def ask_only_what_acts() -> None:
    """Leave in the project's suites what does something to rows: it is asked fast."""
    for path in Path("expectations").glob("*.json"):
        suite = json.loads(path.read_text())
        acts = ("refuse", "null", "flag")
        suite["expectations"] = [
            each for each in suite["expectations"] if each["meta"]["action"] in acts
        ]
        path.write_text(json.dumps(suite))


def sick(more: str = "") -> pl.DataFrame:
    rows = typed(SICK + more).with_row_index("n")
    # No two of them are one resource.
    own = pl.format("Observation/{}", pl.col("n").cast(pl.String).str.zfill(16))
    return rows.with_columns(provenance=own, unit=pl.lit("x")).drop("n")


def test_refused_rows_go_nulled_values_stay_as_rows_and_flags_change_nothing(run):
    ask_only_what_acts()
    lay(GOOD["patients"], sick())
    run(*CHECK)
    kept = store.read(EVENTS, Path("data/checked/events"))
    told = kept.select("code", "numeric_value", "unit", "text_value", "value_fate")
    assert kept.height == sick().height - 2  # one said twice, one before the birth
    assert told.filter(pl.col("value_fate").is_not_null()).rows() == [
        ("LOINC//29463-7", None, None, None, "implausible"),
        ("LOINC//72166-2", None, "x", None, "implausible"),
    ]
    assert "SNOMED//44054060" in kept["code"].to_list()


def test_verdicts_on_rows_are_keys_and_add_up_to_the_ledger(run):
    ask_only_what_acts()
    lay(GOOD["patients"], sick())
    run(*CHECK)
    ledger = json.loads((CHECKS / "ledger.json").read_text())["events"]
    rows = store.read(VERDICTS, Path("data/verdicts/events"))
    done = rows.filter("done").group_by("action", "check").len()
    assert {(action, check): n for action, check, n in done.iter_rows()} == {
        (action, check): n
        for action in ("refuse", "null", "flag")
        for check, n in ledger[action].items()
    }
    assert ledger["read"] == ledger["kept"] + sum(ledger["refuse"].values())
    assert ledger["refuse"] == {"after_birth": 1, "said_once": 1}
    assert ledger["null"] == {"never_is_never": 1, "not_mistyped": 1}


def test_a_file_in_which_nothing_changes_is_copied_byte_by_byte(run):
    ask_only_what_acts()
    lay(**GOOD)
    run(*CHECK)
    assert digests(Path("data/checked")) == digests(Path("data/tables"))


def forget() -> None:
    """Remove what a run keeps for the next one."""
    for kept in ("checked", "verdicts"):
        shutil.rmtree(Path("data", kept))


def lay_two(events: pl.DataFrame) -> None:
    lay(GOOD["patients"], events)
    parts = {"0000": pl.col("subject_id") == 1, "0001": pl.col("subject_id") != 1}
    for name, part in parts.items():
        for table, frame in ((PATIENTS, GOOD["patients"]), (EVENTS, events)):
            path = Path(f"data/tables/{table.name}/{name}.parquet")
            store.write(table, frame.filter(part), path)


def anew(told: str) -> str:
    return told.split(" files judged anew")[0].split("check: ")[-1]


def told_by_all() -> dict[str, str]:
    return digests(CHECKS) | digests(Path("data"))


def test_a_file_is_judged_again_only_where_it_or_what_was_made_of_it_changed(run):
    ask_only_what_acts()
    lay_two(sick())
    assert anew(run(*CHECK)) == "2 of 2"
    before = told_by_all()
    assert anew(run(*CHECK)) == "0 of 2"
    assert told_by_all() == before
    for made in ("checked", "verdicts"):
        Path(f"data/{made}/events/0001.parquet").write_bytes(b"spoilt")
        assert anew(run(*CHECK)) == "1 of 2"
        assert told_by_all() == before
    ann = pl.col("subject_id") == 1
    more = sick().with_columns(numeric_value=pl.when(~ann).then("numeric_value"))
    lay_two(more)
    assert anew(run(*CHECK)) == "1 of 2"
    changed = told_by_all()
    forget()
    assert anew(run(*CHECK)) == "2 of 2"
    assert told_by_all() == changed != before


def test_with_another_suite_all_files_are_judged_again(run):
    ask_only_what_acts()
    lay_two(sick())
    run(*CHECK)
    path = Path("expectations/events.json")
    suite = json.loads(path.read_text())
    del suite["expectations"][0]
    path.write_text(json.dumps(suite))
    assert anew(run(*CHECK)) == "2 of 2"


def test_workers_change_no_byte(run, monkeypatch):
    ask_only_what_acts()
    lay_two(sick())
    run(*CHECK)
    before = digests(CHECKS) | digests(Path("data"))
    forget()
    monkeypatch.setenv("CHRONICLE_WORKERS", "2")
    run(*CHECK)
    assert digests(CHECKS) | digests(Path("data")) == before


def test_small_slices_give_what_one_slice_gives(run, monkeypatch):
    ask_only_what_acts()
    lay(GOOD["patients"], sick())
    run(*CHECK)
    before = digests(CHECKS) | digests(Path("data"))
    forget()
    monkeypatch.setattr("chronicle.check.shard.ROWS", 1)
    run(*CHECK)
    assert digests(CHECKS) | digests(Path("data")) == before


def test_a_wrong_birth_or_death_is_none_and_costs_no_event(run):
    born_late = GOOD["patients"].with_columns(
        birth_date=pl.when(pl.col("subject_id") == 1)
        .then(pl.date(2018, 12, 30))
        .otherwise("birth_date"),
        deceased=pl.col("death_time").is_not_null(),
    )
    ask_only_what_acts()
    lay(born_late, sick("".join(f"    bob {n} ENCOUNTER//AMB\n" for n in LATE)))
    run(*CHECK)
    kept = store.read(PATIENTS, Path("data/checked/patients"))
    assert kept.filter(pl.col("birth_date").is_null())["subject_id"].to_list() == [1]
    # Whose death is wrong is not said to be dead.
    assert kept.select("death_time", "deceased").row(1) == (None, None)
    ledger = json.loads((CHECKS / "ledger.json").read_text())
    assert ledger["patients"]["null"] == {
        "born_before_the_record": 1,
        "not_seen_after_death": 1,
    }
    assert "after_birth" not in ledger["events"]["refuse"]


def test_a_site_that_fell_silent_is_named_and_stops_the_run(run):
    many = pl.concat([GOOD["events"]] * 20).with_columns(site=pl.lit("north"))
    lay(GOOD["patients"], pl.concat([GOOD["events"], many]))
    run(*CHECK)
    run("gate", str(CHECKS), "g.json")
    Path("expectations/reference").mkdir(exist_ok=True)
    Path("data/profile.csv").rename("expectations/reference/profile.csv")
    run(*CHECK)
    run("gate", str(CHECKS), "g.json")
    lay(**GOOD)
    run(*CHECK)
    told = run("gate", str(CHECKS), "g.json", exits=13)
    assert "events.as_many_rows_as_accepted" in told
    assert "north: Observation" in told
