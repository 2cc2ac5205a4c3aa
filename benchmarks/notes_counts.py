"""What notes of any FHIR files say: counts, and nothing of a patient.

`python benchmarks/notes_counts.py LANDING`: what became of the places where text may
stand, and how often each concept is mentioned, by context.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from chronicle.core import store
from chronicle.core.tables import MENTIONS

ROOT = Path(__file__).resolve().parents[1]
CONTEXT = ("polarity", "who", "when")


def main() -> int:
    """Ingest and count."""
    landing = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copy(ROOT / "params.yaml", folder)
        (folder / "risks").mkdir()
        words = (
            "ingest", str(landing), "risks", "parts", "tables", "c", "r", "l.json"
        )  # fmt: skip
        command = [sys.executable, "-m", "chronicle", *words]
        subprocess.run(command, cwd=folder, check=True)
        ledger = store.read_json(folder / "l.json")
        found = store.read(MENTIONS, folder / "tables" / "mentions")
    print("\n| of notes | |\n| --- | --- |")
    for word, number in ledger["notes"].items():
        print(f"| {word} | {number:,} |")
    print(f"\n| concept | mentions | counted |{' | '.join(named())} |")
    print("|" + (3 + len(named())) * " --- |")
    for (concept, reader), each in sorted(found.group_by("concept", "reader")):
        concept = concept if reader == "rules" else f"{concept}, by the {reader}"
        cells = [each.height, each.filter(~pl.col("again")).height]
        cells += [each.filter(**dict([pair])).height for pair in NAMES.values()]
        print(f"| {concept} | {' | '.join(f'{n:,}' for n in cells)} |")
    return 0


NAMES = {
    "negated": ("polarity", "negated"),
    "uncertain": ("polarity", "uncertain"),
    "another's": ("who", "other"),
    "historical": ("when", "historical"),
    "hypothetical": ("when", "hypothetical"),
}


def named() -> list[str]:
    """Return the heads of the columns of contexts."""
    return list(NAMES)


if __name__ == "__main__":
    sys.exit(main())
