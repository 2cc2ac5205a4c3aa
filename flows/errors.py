"""Every way the flow itself can fail; what fails inside a stage is the stage's own.

The messages and exit codes are those of the stages: what is wrong, where, what to do.
"""


class FlowError(Exception):
    """A failure that a person can act on; shown without a traceback."""

    exit_code = 70
    state = "Failed"

    def __init__(self, what: str, *, where: str, do: str) -> None:
        name = type(self).__name__
        super().__init__(f"{name}: {what}\n  where: {where}\n  do:    {do}")


class UsageError(FlowError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class PipelineError(FlowError):
    """What dvc.yaml declares does not hold together."""

    exit_code = 10
    state = "PipelineBroken"


class CollectError(FlowError):
    """There is nothing to collect."""

    exit_code = 15
    state = "CollectFailed"


class ServerError(FlowError):
    """Prefect's server did not start; the same run may succeed later."""

    exit_code = 75


class VersionError(FlowError):
    """A version cannot be made, found or brought back."""

    exit_code = 21
    state = "VersionFailed"
