"""The rules of the house, kept by a machine."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chronicle.ingest import read
from flows.collect import LANDING

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "chronicle"
PIPE = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# Virtual patients are a source: made beside the pipe, by a stage of its own.
SOURCE = yaml.safe_load((ROOT / "simulation" / "dvc.yaml").read_text())["stages"]
DVC = {**SOURCE, **PIPE}
# A source that DVC cannot make anew: what a server holds is no function of its inputs.
SERVED = {"fetch"}
# A source that a person makes once, of a table.
TOLD = {"convert"}
# What somebody asks for: other tools read it, and no stage does.
ASKED_FOR = {"export"}
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
# Not one stage's: what runs, and what more than one stage reads.
SHARED = {"diseases", "index_rules", "measures"}
STAGES = (
    "ingest",
    "check",
    "gate",
    "index",
    "select",
    "featurize",
    "audit",
    "train",
    "evaluate",
    "promote",
    "score",
    "drift",
    "explain",
    "report",
)
DISEASES = {path.stem for path in (ROOT / "diseases").glob("*.yaml")}
OURS = [*PACKAGE.rglob("*.py"), *(ROOT / "flows").glob("*.py")]


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository: the list of tracked files is git's")
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in told.stdout.splitlines() if (ROOT / name).is_file()]


def called(stage: str) -> list[str]:
    """Return the words of a stage's own command: its last one."""
    return DVC[stage]["cmd"].rpartition("&& ")[2].split()


def test_one_word_names_a_stage_everywhere():
    packages = {path.parent.name for path in PACKAGE.glob("*/stage.py")}
    assert tuple(PIPE) == STAGES
    assert packages == set(DVC) | SERVED | TOLD | ASKED_FOR
    assert set(PARAMS) - SHARED <= packages
    assert {path.name for path in (ROOT / "tests").iterdir()} >= packages


def test_nothing_downstream_knows_that_patients_are_simulated():
    assert not set(SOURCE) & set(PIPE)
    for stage in PIPE.values():
        assert "simulate" not in str(stage)


def test_no_stage_of_dvc_asks_a_server():
    assert not (SERVED | ASKED_FOR) & set(DVC)
    for stage in DVC.values():
        assert not any(each in stage["cmd"].split() for each in SERVED)


@pytest.mark.parametrize("stage", DVC)
def test_a_stage_is_called_by_its_name(stage):
    assert called(stage)[:4] == ["python", "-m", "chronicle", stage]


@pytest.mark.parametrize("stage", DVC)
def test_dvc_sees_all_the_code_that_a_stage_runs(stage):
    # Stages import core and themselves, and nothing else (import-linter keeps that),
    # so these two folders are the whole truth about a stage's code.
    assert {f"src/chronicle/{stage}", "src/chronicle/core"} <= set(DVC[stage]["deps"])


@pytest.mark.parametrize("stage", sorted(set(DVC) & set(PARAMS)))
def test_dvc_sees_all_the_parameters_that_a_stage_reads(stage):
    read = [each for each in DVC[stage]["params"] if isinstance(each, str)]
    assert stage in {each.partition(".")[0] for each in read}


@pytest.mark.parametrize("name", sorted(SHARED - {"diseases"}))
def test_dvc_sees_what_stages_share(name):
    asks = re.compile(rf'params\.section\("{name}"')
    found = {
        p.parent.name for p in PACKAGE.glob("*/*.py") if asks.search(p.read_text())
    }
    assert found == {stage for stage in DVC if name in DVC[stage].get("params", [])}


def test_the_index_rules_that_run_are_described_and_every_disease_asks_by_one():
    assert sorted(PARAMS["index_rules"]) == PARAMS["index_rules"]
    assert set(PARAMS["index_rules"]) == set(PARAMS["index"])
    files = (ROOT / "diseases").glob("*.yaml")
    asked = {yaml.safe_load(path.read_text())["index"] for path in files}
    assert asked <= set(PARAMS["index_rules"])


def test_what_others_said_of_patients_is_seen_by_evaluate_alone():
    def sees(stage: str, path: str) -> bool:
        named = [*DVC[stage]["deps"], *DVC[stage]["cmd"].split()]
        return any(each.startswith(path) for each in named)

    assert {stage for stage in DVC if sees(stage, "data/risks")} == {"ingest"}
    readers = {stage for stage in DVC if sees(stage, "data/comparators")}
    # Stage `promote` asks the code of `evaluate`, and sees its own answer only.
    assert readers == {"ingest", "evaluate", "promote"}
    assert not any(each.startswith("data/comparators") for each in called("promote"))


@pytest.mark.parametrize("stage", DVC)
def test_every_path_of_a_command_is_declared(stage):
    spec = DVC[stage]
    declared = [
        next(iter(each)) if isinstance(each, dict) else each
        for kind in ("deps", "params", "outs", "metrics", "plots")
        for each in spec.get(kind, [])
    ]
    for path in called(stage)[4:]:
        assert any(
            each == path or each.startswith(f"{path}/") or path.startswith(f"{each}/")
            for each in declared
        ), path


def test_the_diseases_that_run_have_a_file_and_every_file_runs():
    assert set(PARAMS["diseases"]) == DISEASES


# The simulator is where diseases are made, and a published equation is of one.
NAMING = {PACKAGE / "simulate", PACKAGE / "core" / "equations"}
NAMELESS = [path for path in OURS if NAMING.isdisjoint(path.parents)]


@pytest.mark.parametrize("path", NAMELESS, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_names_no_disease(path):
    words = set(re.findall(r"[a-z0-9_]+", path.read_text().lower()))
    assert not words & DISEASES


@pytest.mark.parametrize(
    "path", [*(ROOT / "flows").glob("*.py")], ids=lambda path: path.name
)
def test_the_flow_names_no_stage(path):
    told = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not told & set(STAGES)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_enough_to_be_read(path):
    assert len(path.read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_is_short_enough_to_be_read(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 30, node.name


@pytest.mark.parametrize(
    "path", PACKAGE.rglob("__init__.py"), ids=lambda path: path.parent.name
)
def test_nothing_runs_in_an_init(path):
    assert len(ast.parse(path.read_text()).body) == 1


def test_the_flow_collects_what_ingest_reads():
    # Twice, because the flow may not import the stages.
    assert set(LANDING.suffixes) == set(read.SUFFIXES)


def test_no_file_name_says_nothing():
    empty = {"utils", "util", "helpers", "common", "misc", "tools", "base"}
    assert not {path.stem for path in tracked() if path.suffix == ".py"} & empty


def test_no_path_of_a_machine_and_no_registry_is_committed():
    text = {".py", ".md", ".yaml", ".toml", ".txt", ".in", ".lock", ".html", ""}
    hosts = r"(?:pypi|pythonhosted|npmjs|debian\.org)"
    for path in tracked():
        if path.suffix in text and path != Path(__file__).resolve():
            found = re.search(
                rf"/(?:work|farm)/|https?://[^ \"]*{hosts}",
                path.read_text(encoding="utf-8"),
            )
            assert not found, path


def test_no_large_file_is_committed():
    assert not [path for path in tracked() if path.stat().st_size > 1024 * 1024]


def test_every_dependency_is_locked_with_its_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        assert all("--hash=sha256:" in each for each in blocks)


def test_the_readme_names_the_commands_that_there_are():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize(
    ("script", "written"), [("generate", "tables"), ("features", "features")]
)
def test_a_reference_page_is_the_one_that_is_generated(script, written):
    told = subprocess.run(
        [sys.executable, f"docs/{script}.py", "--print"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / f"docs/reference/{written}.md").read_text() == told.stdout
