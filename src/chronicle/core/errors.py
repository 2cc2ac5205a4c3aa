"""Every way a run can fail, and the exit code that the shell sees.

A message answers three questions in order: what is wrong, where, what to do. It may
hold names, codes, counts and paths. It never holds a patient's id, date or value:
logs are read by more people than data.

0 done · 2 usage · 10 params · 11 table · 13 gate · 15 landing · 16 ledger ·
17 refused by a server · 18 key refused · 70 fault in code · 75 try again
"""

FAULT_IN_CODE = 70  # sysexits.h EX_SOFTWARE: nobody foresaw it


class PipelineError(Exception):
    """A failure that a person can act on; shown without a traceback."""

    exit_code = 1

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{what}\n  where: {where}\n  do:    {do}")

    def __reduce__(self) -> tuple[object, ...]:
        """Let a worker's failure arrive as it is: pickle would call `__init__`."""
        return _again, (type(self), str(self))


def _again(kind: type[PipelineError], told: str) -> PipelineError:
    return kind.__new__(kind, told)


class UsageError(PipelineError):
    """The command line is not one of ours."""

    exit_code = 2


class ParamsError(PipelineError):
    """`params.yaml`, a disease file or an expectation suite says something unknown."""

    exit_code = 10


class TableError(PipelineError):
    """A table is not what `core/tables.py` declares: its columns, or what they hold."""

    exit_code = 11


class GateError(PipelineError):
    """A critical expectation failed: no cohort is drawn from these tables."""

    exit_code = 13


class LandingError(PipelineError):
    """The landing folder holds nothing that could be read as FHIR."""

    exit_code = 15


class LedgerError(PipelineError):
    """The counts do not add up: something was lost, and nothing may be built on it."""

    exit_code = 16


class FetchRefused(PipelineError):  # noqa: N818, it names what happened
    """A FHIR server says no, or breaks the rules: asking once more is no help."""

    exit_code = 17


class KeyRefused(PipelineError):  # noqa: N818, it names what happened
    """The key is none, is open to others, or is not the one that this needs."""

    exit_code = 18


class FetchBroken(PipelineError):  # noqa: N818, it names what happened
    """A FHIR server, or the way to it, fails for now; the next run goes on."""

    exit_code = 75  # as WorkersLost


class WorkersLost(PipelineError):  # noqa: N818, it names what happened
    """A worker process or the cluster went away; the same run may succeed later."""

    exit_code = 75  # sysexits.h EX_TEMPFAIL
