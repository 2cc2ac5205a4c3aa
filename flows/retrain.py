"""The door of the flow: `python -m flows.retrain [SOURCE [RISKS]]` in the project.

It ends with the exit code of what failed, so that a shell or a scheduler can tell.
"""

import os
import sys
import time

from flows import server
from flows.alone import demand_project
from flows.errors import FlowError, UsageError

DEFAULT_SOURCE = "sample"
FAULT_IN_CODE = 70
INTERRUPTED = 130  # as a shell says it: 128 + SIGINT


def main(arguments: list[str]) -> int:
    """Run the flow once, tell the person what it did, and return the exit code."""
    try:
        source, risks = demand_arguments(arguments)
        return retrain_once(source, risks)
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def demand_arguments(arguments: list[str]) -> tuple[str, str | None]:
    """Return a source and its risks, if any; raise when we are called otherwise."""
    if len(arguments) > 2:
        raise UsageError(
            f"one source at a time, and its risks; {len(arguments)} were given.",
            where="command line",
            do="python -m flows.retrain [SOURCE [RISKS]]",
        )
    demand_project()
    source = arguments[0] if arguments else DEFAULT_SOURCE
    return source, arguments[1] if len(arguments) == 2 else None


def retrain_once(
    source: str | None, risks: str | None, only: tuple[str, ...] = ()
) -> int:
    """Run the flow against the server at hand."""
    began = time.monotonic()
    starting = server.at_hand()
    # Prefect takes more than a second to import, and the server starts meanwhile.
    from flows.pipeline import retrain
    from flows.report import Report, RunError, print_report

    if starting:
        server.wait(starting, os.environ["PREFECT_API_URL"])
    state = retrain(source, risks, only, return_state=True)
    ended: object = state.result(raise_on_failure=False)
    report = ended.report if isinstance(ended, RunError) else ended
    if isinstance(report, Report):
        print_report(report, time.monotonic() - began)
    print(f"{state.name}: {state.message}")
    return report.exit_code if isinstance(report, Report) else FAULT_IN_CODE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
