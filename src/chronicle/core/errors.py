"""Every way a run can fail, and the exit code that the shell sees.

A message answers three questions in order: what is wrong, where, what to do. It may
hold names, codes, counts and paths. It never holds a patient's id, date or value:
logs are read by more people than data.

0 done · 2 usage · 10 params · 11 table · 13 gate · 15 landing · 16 ledger ·
17 refused by a server · 18 key refused · 19 a part is damaged · 20 disk full ·
23 not compiled · 70 fault in code · 75 try again
"""

import errno
import re

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


class ReaderRefused(PipelineError):  # noqa: N818, it names what happened
    """A user's own model says no, or answers what no run can use."""

    exit_code = 17  # as FetchRefused


class ReaderBroken(PipelineError):  # noqa: N818, it names what happened
    """A user's own model does not answer for now; what it answered is kept."""

    exit_code = 75  # as WorkersLost


class KeyRefused(PipelineError):  # noqa: N818, it names what happened
    """The key is none, is open to others, or is not the one that this needs."""

    exit_code = 18


class FetchBroken(PipelineError):  # noqa: N818, it names what happened
    """A FHIR server, or the way to it, fails for now; the next run goes on."""

    exit_code = 75  # as WorkersLost


class PartError(PipelineError):
    """Something that an earlier run kept for this one is not what was written."""

    exit_code = 19


class DiskFull(PipelineError):  # noqa: N818, it names what happened
    """There is no room to write; what was whole before still is."""

    exit_code = 20


class NotCompiled(PipelineError):  # noqa: N818, it names what happened
    """What is written in C was not compiled here, or not from what is here now."""

    exit_code = 23


class ModelRefused(PipelineError):  # noqa: N818, it names what happened
    """A model that is in use cannot be asked, or is not what was put in use."""

    exit_code = 22


class WorkersLost(PipelineError):  # noqa: N818, it names what happened
    """A worker process or the cluster went away; the same run may succeed later."""

    exit_code = 75  # sysexits.h EX_TEMPFAIL


NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
OF_SYSTEM = re.compile(r"\(os error (\d+)\)")  # as libraries in Rust put it


def disk_full(fault: Exception) -> DiskFull | None:
    """Return what to say where a fault, in whatever words, means a full disk.

    >>> disk_full(ValueError("1951-99-77")) is None
    True
    """
    told = OF_SYSTEM.search(str(fault))
    number = int(told[1]) if told else getattr(fault, "errno", None)
    if number not in NO_ROOM:
        return None
    return DiskFull(
        "there is no room to write.",
        where="the disk of the project, or what a user may write there",
        do="make room and run again: what was whole still is, nothing else is seen",
    )
