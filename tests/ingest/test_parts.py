"""What was parsed once: only what is new is, and the result is that of one run."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chronicle.__main__ import main
from chronicle.core.errors import PartError
from chronicle.ingest import layout, naming, part, passes, shelf, spread
from tests.bundles import (
    Resource,
    attachment,
    bundle,
    concept,
    document,
    observation,
    patient,
    quantity,
    record,
    subject,
    write,
)
from tests.conftest import INGEST, KEYS, digests, opened
from tests.ingest.test_read import lines
from tests.ingest.test_stage import LANDING, adds_up, many

PARTS = Path("parts")
MADE = ("parts", "data", "ledger.json")
NEW = {"meta": {"lastUpdated": "2012-01-02T00:00:00Z"}}
HIGH = {"valueQuantity": quantity(60, "mmol/mol")}
DELETE = {"request": {"method": "DELETE", "url": "Observation/p4-o1"}}


def made() -> dict[str, str]:
    """Return the bytes of all that a run makes."""
    found = {
        f"{name}/{inside}": digest
        for name in MADE[:2]
        for inside, digest in digests(Path(name)).items()
    }
    return found | {"ledger": Path("ledger.json").read_text()}


def held(suffix: str = ".part") -> dict[str, str]:
    """Return the parts that are kept, or what was settled."""
    return {name: each for name, each in digests(PARTS).items() if suffix in name}


def unsettled(all_made: dict[str, str]) -> dict[str, str]:
    """Leave out what lies by bucket: how many there are changes its bytes."""
    by_bucket = (".laid", ".settled")
    return {
        name: each for name, each in all_made.items() if not name.endswith(by_bucket)
    }


def parsed(told: str) -> int:
    """Return how many files a run says that it parsed."""
    return int(told.split(" files parsed")[0].split()[-1])


def test_a_file_that_is_known_is_not_parsed_again(run):
    many(LANDING)
    assert parsed(run(*INGEST)) == 14
    before = made()
    assert parsed(run(*INGEST)) == 0
    assert made() == before
    write(LANDING, new=bundle(*record("zoe")))
    assert parsed(run(*INGEST)) == 1
    assert len(held()) == 15


def test_a_file_under_another_name_is_known_unless_its_name_says_how_to_read_it(run):
    LANDING.mkdir()
    (LANDING / "a.json").write_bytes(lines(*record()))
    run(*INGEST)
    (LANDING / "a.json").rename(LANDING / "b.json")
    assert parsed(run(*INGEST)) == 0
    (LANDING / "b.json").rename(LANDING / "b.ndjson")
    assert parsed(run(*INGEST)) == 1


def test_two_files_that_are_the_same_have_one_part_and_each_its_fates(ingest):
    write(LANDING, a=bundle(*record()), b=bundle(*record()))
    ledger = ingest()
    assert len(held()) == 1
    assert (ledger["total"]["accepted"], ledger["total"]["duplicate"]) == (4, 4)
    assert ledger["tables"]["mentions"] == 0


def test_parts_of_files_that_are_gone_and_of_other_code_go_when_a_run_ends_well(
    run, monkeypatch
):
    many(LANDING)
    run(*INGEST)
    (LANDING / "p0.json.gz").unlink()
    run(*INGEST)
    assert len(held()) == 13
    before = set(held(""))
    monkeypatch.setattr(naming, "LIBRARIES", ("polars",))
    assert parsed(run(*INGEST)) == 13
    assert not before & set(held(""))


def test_a_run_that_fails_forgets_nothing(run, monkeypatch):
    many(LANDING)
    run(*INGEST)
    before = held()
    shutil.rmtree(LANDING)
    write(LANDING, ann=bundle(*record()))
    monkeypatch.setattr("chronicle.ingest.stage.balance", lambda *_, **__: 1 / 0)
    run(*INGEST, exits=70)
    assert before.items() < held().items()


def test_another_key_or_another_way_to_validate_makes_parts_of_its_own(
    run, monkeypatch
):
    write(LANDING, ann=bundle(*record()))
    params, names = Path("params.yaml"), set()
    text = params.read_text()
    for key, validate in (
        ("0" * 64, "gate"),
        ("1" * 64, "gate"),
        ("0" * 64, "full"),
    ):
        monkeypatch.setenv("CHRONICLE_KEY", key)
        params.write_text(text.replace("validate: gate", f"validate: {validate}"))
        assert parsed(run(*INGEST)) == 1
        names |= set(held())
    assert len(names) == 3


def test_nothing_of_a_patient_can_be_read_in_a_part(run):
    write(LANDING, ann=bundle(*record()))
    run(*INGEST)
    for path in PARTS.iterdir():
        content = path.read_bytes()
        for word in (b"4548-4", b"LOINC", b"Observation", b"mmol", b"PAR1"):
            assert word not in content


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda raw: raw[:-1], id="cut at its end"),
        pytest.param(lambda raw: raw[:5], id="cut in its first number"),
        pytest.param(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), id="one bit"),
        pytest.param(lambda raw: raw + raw, id="twice"),
        pytest.param(lambda raw: b"", id="empty"),
        pytest.param(lambda raw: b"\xff" * 16 + raw, id="of an odd length"),
    ],
)
def test_what_is_kept_and_was_damaged_stops_the_run_and_is_named(run, spoil):
    write(LANDING, ann=bundle(*record()))
    run(*INGEST)
    before = made()
    kept = [*PARTS.glob("*.laid"), next(PARTS.glob("*.settled"))]
    for path in (*kept, *PARTS.glob("*.part")):
        if path.suffix == ".part":  # it is opened where its rows are not kept
            kept[0].unlink()
        path.write_bytes(spoil(path.read_bytes()))
        told = run(*INGEST, exits=19)
        assert path.name in told
        path.unlink()
        run(*INGEST)
        assert made() == before


@pytest.mark.parametrize(
    ("kept", "step"), [("*.settled", "settled"), ("*.laid", "spread_out")]
)
def test_what_another_run_takes_away_meanwhile_stops_the_run(
    run, monkeypatch, kept, step
):
    write(LANDING, ann=bundle(*record()), bob=bundle(*record("bob")))
    run(*INGEST)
    before, ours = made(), getattr(passes, step)

    def robbed(*args):
        for path in PARTS.glob(kept):
            path.unlink()
        return ours(*args)

    with monkeypatch.context() as patch:
        patch.setattr(passes, step, robbed)
        assert "no other run" in run(*INGEST, exits=19)
    run(*INGEST)
    assert made() == before


def test_a_file_that_goes_while_a_run_goes_on_costs_its_texts_alone(run, monkeypatch):
    write(LANDING, ann=bundle(*record()), bob=bundle(observation("bob")))
    ours = passes.settled

    def gone(*args):
        (LANDING / "bob.json").unlink()
        return ours(*args)

    with monkeypatch.context() as patch:
        patch.setattr(passes, "settled", gone)
        run(*INGEST)
    assert ["raw" in each for each in opened()] == [False]
    write(LANDING, bob=bundle(observation("bob")))
    run(*INGEST)
    assert ["raw" in each for each in opened()] == [True]


def test_a_part_holds_what_it_was_given_in_chunks(tmp_path):
    chunks = [{"seen": {"n": [n, None], "b": [b"x", 0.5]}} for n in range(3)]
    path = tmp_path / "a.part"
    part.write(path, [{}, *chunks, {}], KEYS, "1")  # nothing is not the end
    assert [*part.read(path, KEYS)] == chunks
    assert [*part.read(path, KEYS, part.TEXTS)] == []


def test_the_texts_of_a_part_are_read_apart_from_its_rows(tmp_path):
    rows, texts = {"seen": {"n": [1]}}, {"texts": {"entry": [3], "text": [b"x"]}}
    path = tmp_path / "a.part"
    part.write(path, [rows, rows | texts], KEYS, "1")
    assert [*part.read(path, KEYS)] == [rows, rows]
    assert [*part.read(path, KEYS, part.TEXTS)] == [texts]


def test_a_part_without_its_last_chunk_is_none(tmp_path):
    path, rows = tmp_path / "a.part", [{"seen": {"n": [1]}}] * 2
    part.write(path, rows, KEYS, "1")
    raw = path.read_bytes()
    ends = [0]
    while ends[-1] < len(raw):
        length = int.from_bytes(raw[ends[-1] :][:4], "little")
        ends.append(ends[-1] + 4 + length)
    first, second = ends[2], ends[4]  # a chunk has two halves
    for less in (raw[:second], raw[:first] + raw[second:]):
        path.write_bytes(less)
        with pytest.raises(PartError):
            list(part.read(path, KEYS))


def test_a_part_that_another_run_took_away_is_told_as_such(tmp_path):
    for read in (
        lambda path: list(part.read(path, KEYS)),
        partial(shelf.opened, keys=KEYS),
    ):
        with pytest.raises(PartError, match="no other run"):
            read(tmp_path / "a.part")


# A small hospital: versions, copies, deletions, a patient who moves, and broken things;
# one person under two ids, an order by reference, and units that only two files tell.

SAID = [  # a paragraph that is dragged along, in two files
    document(attachment(f"EF {n}0 %.\n\nShe has type 2 diabetes."), name="p1", number=n)
    for n in (4, 5)
]
FILES = {
    "a": bundle(*record("p1"), *record("p2")),
    "b": bundle(*record("p3"), observation("p4", 1), {"no": "type"}),
    "c": bundle(patient("p4"), observation("p1", 1, **NEW)),
    "d": bundle() | {"entry": [DELETE, {"resource": SAID[1]}]},
    "e": bundle(*record("p1"), SAID[0]),
    "f": bundle(observation("p2", 2, **HIGH), observation("p2", 2, **HIGH)),
    "g": bundle(
        observation("p3", 1, **NEW, **HIGH) | {"subject": {"reference": "Patient/p1"}}
    ),
}
DRUG = {
    "resourceType": "Medication",
    "id": "m1",
    "code": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "860975"),
}
ORDER = {
    "resourceType": "MedicationRequest",
    "id": "r1",
    "status": "active",
    "intent": "order",
    "subject": subject("p2"),
    "authoredOn": "2011-05-01",
    "medicationReference": {"reference": "Medication/m1"},
}
SAME = {"link": [{"type": "replaces", "other": {"reference": "Patient/p3"}}]}


def unitless(name: str, numbers: range) -> list[Resource]:
    """Return values of one month without their unit: too few for one to be sure."""
    of = [
        observation(name, n, effectiveDateTime=f"2011-03-{n % 20 + 1:02}T08:00:00Z")
        for n in numbers
    ]
    return [each | {"valueQuantity": {"value": 42}} for each in of]


FILES |= {
    "h": bundle(patient("p6", **SAME), observation("p6", 3)),
    "i": bundle(DRUG),
    "j": bundle(ORDER),
    "k": bundle(patient("p7"), *unitless("p7", range(20))),
    "l": bundle(patient("p8"), *unitless("p8", range(15))),
}
EARLIER = {
    "a": bundle(*record("p1"), observation("p2", 7)),
    "c": {"broken": True},
    "gone": bundle(*record("p9")),
}


@pytest.fixture
def undisturbed(run):
    write(LANDING, **FILES)
    run(*INGEST)
    return made()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(sorted(FILES)),
    cuts=st.sets(st.integers(1, len(FILES) - 1), max_size=2),
    early=st.sets(st.sampled_from(sorted(EARLIER))),
    workers=st.sampled_from(["1", "1", "1", "2"]),
    rows=st.sampled_from([1, 1_000_000]),
    bucket=st.sampled_from([400, 1_000_000]),
    pack=st.sampled_from([2, 1_000]),
    drop=st.sampled_from([0, 1]),
)
def test_in_whatever_drops_files_come_the_result_is_that_of_one_run(
    undisturbed, order, cuts, early, workers, rows, bucket, pack, drop
):
    for each in (LANDING, *map(Path, MADE[:2])):
        shutil.rmtree(each, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHRONICLE_WORKERS", workers)
        patch.setattr("chronicle.ingest.passes.BATCH_BYTES", 600)
        patch.setattr("chronicle.ingest.passes.PARTS_BYTES", 2_000)
        patch.setattr("chronicle.ingest.passes.DROP", drop)
        patch.setattr(spread, "ROWS", rows)
        patch.setattr(layout, "BUCKET_BYTES", bucket)
        patch.setattr(layout, "PACK_FILES", pack)
        write(LANDING, **{name: EARLIER[name] for name in early})
        if early:
            assert main([*INGEST]) in (0, 15)
        (LANDING / "gone.json").unlink(missing_ok=True)
        edges = [0, *sorted(cuts), len(order)]
        for start, end in pairwise(edges):
            write(LANDING, **{name: FILES[name] for name in order[start:end]})
            assert main([*INGEST]) == 0
    assert unsettled(made()) == unsettled(undisturbed)


def test_what_was_all_of_a_file_that_is_gone_leaves_nothing(run, monkeypatch):
    monkeypatch.setattr("chronicle.ingest.passes.DROP", 1)
    write(LANDING, ann=bundle(*record()))
    run(*INGEST)
    before = made()
    write(LANDING, odd=FILES["d"], orders=bundle(DRUG, ORDER))
    run(*INGEST)
    for name in ("odd", "orders"):
        (LANDING / f"{name}.json").unlink()
    run(*INGEST)
    assert made() == before


def test_what_a_file_changes_elsewhere_is_noticed_when_it_comes(
    undisturbed, run, monkeypatch
):
    monkeypatch.setattr("chronicle.ingest.passes.DROP", 1)
    for name in "dghik":  # a deletion, a version, a link, a Medication, unitless values
        shutil.rmtree(PARTS)
        (LANDING / f"{name}.json").unlink()
        run(*INGEST)
        assert made() != undisturbed
        write(LANDING, **{name: FILES[name]})
        run(*INGEST)
        assert made() == undisturbed, name


def test_the_versions_of_a_resource_that_changes_its_patient_are_one_resource(ingest):
    write(LANDING, **{name: FILES[name] for name in "abcdefg"})
    ledger = ingest()
    assert adds_up(ledger)
    events = pl.read_parquet("data/tables/events/*.parquet")
    moved = events.filter(pl.col("code") == "LOINC//4548-4")
    # p3's observation is p1's in its newest version: p1 has two, p2 two, p3 none.
    assert sorted(moved.group_by("subject_id").len()["len"]) == [2, 2]
    assert ledger["by_type"]["Observation"]["superseded"] == 3


# Whatever happens to the process.

SMALL = """
import resource, sys
from chronicle import __main__ as door
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
door._speak()
sys.exit(door.main(sys.argv[2:]))
"""


def left() -> list[str]:
    """Return what a reader might take for a result, or what lies about beside it."""
    found = [*Path("data").glob("*"), Path("ledger.json"), *PARTS.glob(".*")]
    return sorted(str(each) for each in found if each.exists())


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("most", [100, 3_000, 9_000])
def test_a_full_disk_is_told_in_words_and_leaves_nothing_half(project, workers, most):
    many(LANDING)
    write(LANDING, large=bundle(*(observation("p1", n) for n in range(900))))
    done = subprocess.run(
        [sys.executable, "-c", SMALL, str(most), *INGEST],
        env={**os.environ, "CHRONICLE_WORKERS": workers},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 20, done.stderr
    assert "there is no room to write" in done.stderr
    assert "Traceback" not in done.stderr
    assert left() == []


@pytest.mark.slow
def test_kill_9_at_any_moment_costs_only_the_time(run, shared):
    shutil.copytree(shared / "synthea-collection-bundles", LANDING)
    run(*INGEST)
    expected, total = made(), len(held())
    for each in MADE[:2]:
        shutil.rmtree(each)
    Path("ledger.json").unlink()
    for folder, count, workers in (
        ("parts", 1, "2"),
        ("parts", total // 2, "1"),
        ("data/.tables.rows/seen", 3, "1"),
        ("data/.tables.partial", 1, "2"),
        ("data/.refused.partial", 1, "2"),
    ):
        killed_when(folder, count, workers)
        assert not Path("ledger.json").exists()
    run(*INGEST)
    assert made() == expected
    assert adds_up(json.loads(Path("ledger.json").read_text()))
    assert [path.name for path in Path("data").glob(".*")] == []


def killed_when(folder: str, count: int, workers: str) -> None:
    """Start the stage, and kill it and its workers when so many files are there."""
    running = subprocess.Popen(
        [sys.executable, "-m", "chronicle", *INGEST],
        env={**os.environ, "CHRONICLE_WORKERS": workers},
        start_new_session=True,
    )
    while running.poll() is None and sum(1 for _ in files_below(folder)) < count:
        time.sleep(0.005)
    with suppress(ProcessLookupError):  # it may be done already
        os.killpg(running.pid, 9)
    running.wait()
    Path("ledger.json").unlink(missing_ok=True)  # it may have been faster than we


def files_below(folder: str) -> list[str]:
    # Not `rglob`: folders may go while it looks.
    names = [name for _, _, files in os.walk(folder) for name in files]
    return [name for name in names if not name.startswith(".")]
