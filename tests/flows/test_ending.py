import pytest

from flows.ending import Ended, Line, read_ending


def ending_of(text: str, *, code: int = 0) -> Ended:
    lines = [Line(float(at), line) for at, line in enumerate(text.splitlines())]
    return read_ending("fit@red", code, lines, now=float(len(lines)))


def test_a_stage_ran_while_its_command_ran():
    ended = ending_of("""\
Running stage 'fit@red':
> sh fit.sh red
a word of its own
another
Updating lock file 'dvc.lock'""")
    assert (ended.state, ended.seconds, ended.changed) == ("Ran", 3.0, True)


def test_a_stage_that_dvc_found_in_its_cache_is_restored():
    ended = ending_of("""\
Stage 'fit@red' is cached - skipping run, checking out outputs
Updating lock file 'dvc.lock'""")
    assert (ended.state, ended.seconds, ended.changed) == ("Restored", 0.0, True)


def test_a_stage_that_did_not_change_is_unchanged():
    ended = ending_of("""\
Stage 'fit@red' didn't change, skipping
Data and pipelines are up to date.""")
    assert (ended.state, ended.changed, ended.stops) == ("Unchanged", False, False)


FAILED = """\
Running stage 'fit@red':
> sh fit.sh red
reading
GateError: a rule failed.
  where: reports/checks.json
  do:    read reports/checks.html
ERROR: failed to reproduce 'fit@red': failed to run: sh fit.sh, exited with {code}"""


@pytest.mark.parametrize(
    ("told", "state", "code"),
    [
        pytest.param(13, "GateFailed", 13, id="the gate"),
        pytest.param(22, "ModelFailed", 22, id="a model that cannot be asked"),
        pytest.param(12, "StageFailed", 12, id="any other"),
        pytest.param(75, "StageFailed", 75, id="try again"),
        pytest.param(-9, "StageFailed", 137, id="killed"),
    ],
)
def test_the_exit_code_is_the_stages_own_not_dvcs(told, state, code):
    ended = ending_of(FAILED.format(code=told), code=255)
    assert (ended.state, ended.exit_code, ended.stops) == (state, code, True)


def test_the_note_is_the_error_that_the_stage_named():
    assert ending_of(FAILED.format(code=13), code=255).note == (
        "GateError: a rule failed.\n"
        "  where: reports/checks.json\n"
        "  do:    read reports/checks.html"
    )


def test_dvcs_own_failure_is_told_in_its_words():
    ended = ending_of("ERROR: failed to reproduce 'fit@red': no such file", code=255)
    assert ended.note == "ERROR: failed to reproduce 'fit@red': no such file"
    assert (ended.state, ended.exit_code) == ("StageFailed", 70)


def test_what_another_dvc_is_busy_with_may_pass():
    told = """\
ERROR: failed to reproduce 'fit@red': 'models/red' is busy, it is being blocked by:
  (PID 7): dvc repro

If there are no processes with such PIDs, you can manually remove it."""
    assert ending_of(told, code=255).exit_code == 75


def test_a_stage_that_ended_without_a_word_still_has_a_note():
    ended = ending_of("Running stage 'fit@red':\n> sh fit.sh red", code=137)
    assert (ended.note, ended.exit_code) == ("dvc ended with 137", 70)


def test_what_a_stage_says_about_exit_codes_is_not_believed():
    said = FAILED.replace("reading", "my child exited with 99")
    assert ending_of(said.format(code=12), code=255).exit_code == 12
