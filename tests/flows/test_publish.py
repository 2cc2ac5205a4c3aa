import json
from pathlib import Path

from flows.ending import Ended
from flows.graph import Graph, Shown, Stage
from flows.publish import rows_of, tabulate
from flows.report import Report, print_report


def test_groups_that_are_alike_stand_side_by_side():
    assert tabulate(
        {
            "total": {"in": 3, "out": 1},
            "by_type": {"A": {"in": 2, "out": 1}, "B": {"in": 1, "out": 0}},
        }
    ) == [
        {"path": "total", "in": 3, "out": 1},
        {"path": "by_type.A", "in": 2, "out": 1},
        {"path": "by_type.B", "in": 1, "out": 0},
    ]


def test_what_stands_alone_is_told_one_by_one():
    assert tabulate({"n": 10, "auc": {"value": 0.8, "low": 0.7}, "of": ["a"]}) == [
        {"path": "n", "value": 10},
        {"path": "auc.value", "value": 0.8},
        {"path": "auc.low", "value": 0.7},
        {"path": "of.0", "value": "a"},
    ]


def test_a_bare_value_is_a_table_too():
    assert tabulate(3) == [{"path": "", "value": 3}]


def test_every_row_of_a_table_has_all_its_columns(tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps({"n": 1, "a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}))
    assert rows_of(path) == [
        {"path": "n", "value": 1, "x": "", "y": ""},
        {"path": "a", "value": "", "x": 1, "y": 2},
        {"path": "b", "value": "", "x": 3, "y": 4},
    ]


def test_time_in_which_two_stages_ran_counts_once():
    endings = (
        Ended("a", "Ran", began=10, ended=14),
        Ended("b", "Ran", began=12, ended=15),
        Ended("c", "Ran", began=20, ended=21),
        Ended("d", "Unchanged"),
    )
    assert Report(endings=endings).stages_seconds == 6


def test_a_text_or_page_of_an_earlier_run_is_not_shown_as_of_this_one(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("old.txt").write_text("all was well")
    Path("old.html").write_text("")
    shown = (Shown("a", "old.txt", "text", ""), Shown("b", "old.html", "page", ""))
    stage = Stage("tell", (), ("old.txt", "old.html"), ())
    skipped = Ended("tell", "Skipped", "because gate failed")
    graph = Graph({"tell": stage}, shown=shown)
    print_report(Report(graph=graph, endings=(skipped,)), wall_seconds=1)
    told = capsys.readouterr().out
    assert "all was well" not in told
    assert f"b: {tmp_path}/old.html, from an earlier run" in told


def test_a_note_stays_inside_its_cell():
    report = Report(endings=(Ended("a", "StageFailed", "x | y\n  where: z"),))
    assert report.markdown().splitlines()[-1] == (
        "| a | StageFailed |  | x \\| y<br>  where: z |"
    )


def test_a_long_note_is_broken_before_the_page_cuts_it_off():
    note = f"GateError: {'one of the many things that were asked; ' * 4}\n  do:    a|b"
    report = Report(endings=(Ended("gate", "GateFailed", note),))
    cells = report.markdown().splitlines()[-1].split(" | ")
    parts = cells[-1].removesuffix(" |").split("<br>")
    assert max(map(len, parts)) <= 76
    assert parts[-1] == "  do:    a\\|b"
    assert " ".join(" ".join(parts[:-1]).split()) == note.splitlines()[0].strip()
