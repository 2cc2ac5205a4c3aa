from pathlib import Path

import pytest

from flows import collect, graph
from flows.errors import PipelineError
from flows.graph import Shown


@pytest.fixture
def pipe(toy):
    collect.bring(Path("sample"), None)


def edit(name: str, old: str, new: str) -> None:
    text = Path(name).read_text()
    assert old in text
    Path(name).write_text(text.replace(old, new))


def append(name: str, text: str) -> None:
    Path(name).write_text(Path(name).read_text() + text)


@pytest.mark.usefixtures("pipe")
def test_a_stage_waits_for_those_that_make_what_it_reads():
    assert {name: set(stage.after) for name, stage in graph.read().stages.items()} == {
        "read": set(),
        "check": {"read"},
        "gate": {"check"},
        "fit@red": {"read", "gate"},
        "fit@blue": {"read", "gate"},
        "rate@red": {"fit@red"},
        "rate@blue": {"fit@blue"},
        "tell": {"fit@red", "fit@blue"},
    }


@pytest.mark.usefixtures("pipe")
def test_metrics_and_things_to_show_are_those_that_dvc_declares():
    read = graph.read()
    assert read.stages["rate@red"].metrics == ("reports/red.json",)
    assert read.stages["tell"].makes == ("reports/page.html", "reports/summary.txt")
    page = Shown("page", "reports/page.html", "page", "what came of it")
    assert page in read.shown


@pytest.mark.usefixtures("pipe")
def test_before_the_first_run_all_is_dirty():
    assert graph.read().dirty == set(graph.read().stages)


@pytest.mark.usefixtures("ran")
def test_what_an_edit_can_affect_is_dirty_and_the_rest_is_not():
    assert graph.read().dirty == set()
    append("kinds/red.yaml", "more: 1\n")
    assert graph.read().dirty == {"fit@red"}


BREAKS = [
    pytest.param(
        lambda: edit("params.yaml", "kinds: [red, blue]", ""),
        "Could not find 'kinds'|dvc.yaml|add `kinds` to params.yaml",
        id="a key that dvc.yaml interpolates",
    ),
    pytest.param(
        lambda: edit("params.yaml", "[red, blue]", "[red, green]"),
        "fit@green needs 'kinds/green.yaml', which does not exist|fit@green|add",
        id="an item without its file",
    ),
    pytest.param(
        lambda: edit("params.yaml", "[red, blue]", "[]"),
        "no such stage remains: fit, rate|dvc.yaml: stages|fill",
        id="an empty list",
    ),
    pytest.param(
        lambda: edit("params.yaml", "[red, blue]", "red"),
        "not iterable|params.yaml|list",
        id="a word where a list is meant",
    ),
    pytest.param(
        lambda: edit("params.yaml", "read:", "rood:"),
        "read has missing parameters: read|params.yaml|add read to params.yaml",
        id="a section",
    ),
    pytest.param(
        lambda: append("params.yaml", "  when: 2020-01-01\n"),
        "type 'date'|params.yaml|date",
        id="a date without quotes",
    ),
    pytest.param(
        lambda: append("params.yaml", "a: ["),
        "params.yaml|line 5|params.yaml|correct it",
        id="YAML in params.yaml",
    ),
    pytest.param(
        lambda: append("kinds/red.yaml", "a: ["),
        "kinds/red.yaml|line 3|kinds/red.yaml|correct it",
        id="YAML in an item's file",
    ),
    pytest.param(
        lambda: append("dvc.yaml", "  a: ["),
        "dvc.yaml|line|dvc.yaml|correct it",
        id="YAML in dvc.yaml",
    ),
    pytest.param(
        lambda: edit("dvc.yaml", "cmd: sh steps/gate.sh", "cmdd: sh"),
        "extra keys not allowed|cmdd|dvc.yaml|correct it",
        id="a word that DVC does not know",
    ),
    pytest.param(
        lambda: edit("dvc.yaml", "deps: [data/landing", "deps: [reports/page.html"),
        "dependency and an output|dvc.yaml|correct it",
        id="a circle",
    ),
    pytest.param(
        lambda: Path("steps/gate.sh").unlink(),
        "gate needs 'steps/gate.sh', which does not exist|dvc.yaml: gate|add",
        id="a file of code",
    ),
    pytest.param(
        lambda: Path("dvc.yaml").unlink(),
        "there is no dvc.yaml|/toy|the folder of the project",
        id="dvc.yaml itself",
    ),
    pytest.param(
        lambda: Path("dvc.yaml").write_text(""),
        "no such stage remains: any|dvc.yaml: stages|declare it",
        id="an empty dvc.yaml",
    ),
]


@pytest.mark.usefixtures("pipe")
@pytest.mark.parametrize(("break_it", "told"), BREAKS)
def test_a_broken_declaration_says_what_where_and_what_to_do(break_it, told):
    break_it()
    with pytest.raises(PipelineError) as caught:
        graph.read()
    assert caught.value.exit_code == 10
    what, where, do = str(caught.value).splitlines()
    assert what.startswith("PipelineError: ")
    assert where.startswith("  where: ")
    assert do.startswith("  do:    ")
    for words in told.split("|"):
        assert words in str(caught.value)


@pytest.mark.usefixtures("ran")
def test_a_graph_says_why_a_stage_is_out_of_date_and_can_be_cut_to_some():
    append("kinds/red.yaml", "more: 1\n")
    edit("kinds/red.yaml", "level: 1", "level: 3")
    append("steps/read.sh", "\n")
    read = graph.read()
    assert read.why == {
        "fit@red": "kinds/red.yaml: level changed; kinds/red.yaml: more is new",
        "read": "steps/read.sh changed",
    }
    fit = read.only(["fit"])
    assert set(fit.stages) == {"fit@red", "fit@blue"}
    assert fit.stages["fit@red"].after == ()
    assert fit.dirty == {"fit@red"}
    with pytest.raises(PipelineError, match="no such stage: nothing"):
        read.only(["nothing"])
    assert {"kinds/red.yaml", "steps/fit.sh", "params.yaml"} <= set(read.inputs)
    assert not {"data/landing", "models", "data/tables.txt"} & set(read.inputs)
