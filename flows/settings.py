"""The environment that Prefect, DVC and the stages run in; import this before Prefect.

What a site may choose is a default. Telemetry is not for a site to choose: a run over
patients' records calls nobody.
"""

import os
import sys
from pathlib import Path

HOME = Path(".prefect").resolve()
UI_PORT = os.environ.get("CHRONICLE_UI_PORT", "4200")  # where `make ui` will answer
UI_URL = HOME / "ui.url"  # where `make ui` answers, for as long as it does

FORCED = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
DEFAULTS = {
    # After Prefect's own 15 s, a worker that is only busy would be called late.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "600",
    # In memory, a server that was killed would hold a deployment's only slot for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    "PREFECT_HOME": str(HOME),
    # Twenty runs a day would be kept for ever; what was decided is in the versions.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(366 * 24 * 3600),
    # A busy machine needs more than Prefect's 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # A person reads the terminal; level and logger are for the UI, which has them.
    "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(asctime)s %(message)s",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT": (
        "%(asctime)s %(task_run_name)s | %(message)s"
    ),
    # Colours in a log file are noise, and the stages' lines are not Prefect's to paint.
    "PREFECT_LOGGING_COLORS": "false",
}

os.environ.update(FORCED)
for name, value in DEFAULTS.items():
    os.environ.setdefault(name, value)


def of_stages() -> dict[str, str]:
    """Return the environment of a stage: `python` in dvc.yaml is the one we run in."""
    # Not resolved: a virtual environment's python is a link to the system's.
    ours = str(Path(sys.executable).parent)
    path = os.pathsep.join([ours, os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
