"""What becomes of other people's FHIR: the ledger of each set, every refusal explained.

`python benchmarks/ledgers.py FOLDER...`, a set each. It prints counts, reasons and the
element paths that R4B names; of patients, nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
import yaml

from chronicle.ingest.accept import REASONS
from chronicle.ingest.ledger import FATES

ROOT = Path(__file__).parent.parent
MOST = 3  # details of a reason, the most frequent ones


def main() -> int:
    """Print the ledger of each set."""
    for named in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            tell(Path(named), Path(folder))
    return 0


def tell(landing: Path, place: Path) -> None:
    """Ingest a set as `dvc repro` does, and print what became of it."""
    (place / "data" / "risks").mkdir(parents=True)
    (place / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    command = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["ingest"]["cmd"]
    words = command.replace("data/landing", str(landing.resolve())).split()
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=place,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
    )
    print(f"\n{landing.name}")
    if done.returncode:
        print(f"  exit code {done.returncode}: {done.stderr.strip().splitlines()[-3]}")
        return
    ledger = json.loads((place / "reports" / "ledger.json").read_text())
    total = ledger["total"]
    fates = ", ".join(f"{total[fate]:,} {fate}" for fate in FATES if total[fate])
    print(f"  {ledger['files']['read']:,} files, {total['read']:,} read: {fates}")
    refused = pl.read_parquet(
        place / "data" / "refused" / "refused.parquet", columns=["reason", "detail"]
    )
    for reason, number in Counter(ledger["by_reason"]).most_common():
        print(f"  {number:7,}  {reason}: {REASONS[reason]}")
        details = refused.filter(pl.col("reason") == reason)["detail"].drop_nulls()
        for detail, n in Counter(details.to_list()).most_common(MOST):
            print(f"           {n:7,}  {detail[:90]}")


if __name__ == "__main__":
    sys.exit(main())
