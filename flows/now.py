"""What a deployment of prefect.yaml does, here and now, for whoever is at a terminal.

python -m flows.now DEPLOYMENT [SOURCE [RISKS]]

It waits for no other run and keeps no version; where SOURCE is none, or empty, it
collects what the schedule would.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from flows.alone import demand_project
from flows.errors import FlowError, UsageError
from flows.retrain import INTERRUPTED, retrain_once

DECLARED = Path("prefect.yaml")


def main(words: list[str]) -> int:
    """Run it once; return the exit code, as `flows.retrain` does."""
    try:
        if not 1 <= len(words) <= 3:
            raise UsageError(
                f"a deployment is wanted, and its source; {len(words)} were given.",
                where="command line",
                do="python -m flows.now DEPLOYMENT [SOURCE [RISKS]]",
            )
        demand_project()
        name, source, risks = [*words, None, None][:3]
        return retrain_once(source, risks, only_of(str(name)))
    except FlowError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def only_of(name: str) -> tuple[str, ...]:
    """Return the stages that a deployment runs; none means all.

    Raises:
        UsageError: There is no such deployment.
    """
    told = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    known: dict[str, dict[str, Any]] = {e["name"]: e for e in told["deployments"]}
    if name not in known:
        raise UsageError(
            f"there is no deployment '{name}'.",
            where=str(DECLARED),
            do=f"name one of {', '.join(sorted(known))}",
        )
    return tuple(known[name]["parameters"].get("only", ()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
