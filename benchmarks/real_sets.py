"""What becomes of other people's FHIR, and what the suites say of it, explained.

`python benchmarks/real_sets.py PLACE FOLDER...`, a set each, through ingest and check
as `dvc repro` runs them. For each it prints the ledger, every refusal with its reason,
and every check that failed with its counts. In PLACE stays what was made, to look into:
a set that is there already is only told again. Nothing of a patient is printed.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from chronicle.ingest.accept import REASONS
from chronicle.ingest.ledger import FATES

ROOT = Path(__file__).parent.parent
STAGES = ("ingest", "check")
TABLES = ("patients", "events")
MOST = 3  # details of a reason, the most frequent ones; and places of a failure


def main() -> int:
    """Print the ledger and the failures of each set."""
    place, *folders = map(Path, sys.argv[1:])
    for landing in folders:
        print(f"\n## {landing.name}\n")
        if made(landing, place / landing.name):
            tell_ledger(place / landing.name)
            tell_failures(place / landing.name / "reports" / "checks")
    return 0


def made(landing: Path, place: Path) -> bool:
    """Ingest and check a set, if that was not done; print why it cannot be."""
    (place / "data" / "risks").mkdir(parents=True, exist_ok=True)
    for name in ("params.yaml", "expectations"):
        if not (place / name).exists():
            (place / name).symlink_to(ROOT / name)
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    for stage in STAGES:
        told = place / f"{stage}.log"
        if (place / stages[stage]["outs"][-1]).exists():
            continue
        command = stages[stage]["cmd"].replace("data/landing", str(landing.resolve()))
        words = [sys.executable, *command.split()[1:]]
        with told.open("w") as log:
            done = subprocess.run(words, cwd=place, env=os.environ, stderr=log)
        if done.returncode:
            said = told.read_text().strip().splitlines()[-3]
            print(f"{stage}: exit code {done.returncode}: {said}")
            return False
    return True


def tell_ledger(place: Path) -> None:
    """Print what became of the resources, and why."""
    ledger = json.loads((place / "reports" / "ledger.json").read_text())
    total = ledger["total"]
    fates = ", ".join(f"{total[fate]:,} {fate}" for fate in FATES if total[fate])
    print(f"{ledger['files']['read']:,} files, {total['read']:,} read: {fates}\n")
    refused = pl.read_parquet(
        place / "data" / "refused" / "refused.parquet", columns=["reason", "detail"]
    )
    for reason, number in Counter(ledger["by_reason"]).most_common():
        print(f"- {number:,} {reason}: {REASONS[reason]}")
        details = refused.filter(pl.col("reason") == reason)["detail"].drop_nulls()
        for detail, n in Counter(details.to_list()).most_common(MOST):
            print(f"    - {n:,} {detail[:90]}")


def tell_failures(checks: Path) -> None:
    """Print the checks that failed, as a table."""
    verdicts = [json.loads((checks / f"{each}.json").read_text()) for each in TABLES]
    rows = ", ".join(f"{each['rows']:,} {each['table']}" for each in verdicts)
    gate = "open" if all(each["passed"] for each in verdicts) else "closed"
    print(f"\n{rows}; gate {gate}\n")
    print("| check | action | failed | of | passes if | where |")
    print("| --- | --- | ---: | ---: | --- | --- |")
    for verdict in verdicts:
        for name, answer in sorted(verdict["expectations"].items()):
            if not answer["passed"]:
                print(_row(name, answer))


def _row(name: str, answer: dict[str, Any]) -> str:
    severe = " (critical)" if answer["severity"] == "critical" else ""
    where = ", ".join(answer["places"][:MOST])
    return (
        f"| `{name}`{severe} | {answer['action']} | {answer['unexpected']:,} "
        f"| {answer['checked']:,} | {answer['threshold']} | {where} |"
    )


if __name__ == "__main__":
    sys.exit(main())
