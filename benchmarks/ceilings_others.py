"""The same models, asked about other virtual patients: many more than were left out.

`python benchmarks/ceilings_others.py OTHERS [DISEASE...]` in the folder of
`ceilings.py`. OTHERS is a folder like it, of patients of another seed, with cohorts and
features: all of them are asked, since no model has seen any. Prints the second table of
docs/reference/ceilings.md. What is costly to ask is kept in `data/ceilings/others/`.
"""

import json
import sys
from pathlib import Path

from ceiling import MODELS
from ceilings import KEPT, interval, known, met, together

from chronicle.core import params
from chronicle.evaluate.settings import EvaluateParams

CHANCE = 0.5  # the AUROC of who knows nothing
HEAD = (
    "disease", "patients", "with outcome", "AUROC", "oracle", "observable ceiling",
    "of the way there, %", "of those left out", "calibration slope",
    "of those left out", "by the true risk", "met",
)  # fmt: skip


def main() -> int:
    """Print a row for each disease that has a model."""
    settings = params.section("evaluate", EvaluateParams)
    others, *asked = sys.argv[1:]
    made = sorted(path.parent.name for path in MODELS.glob("*/model.txt"))
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    told = {}
    for slug in asked or made:
        told[slug] = known(slug, settings, Path(others))
        print(f"| {' | '.join(row(slug, told[slug]))} |", flush=True)
    print(f"\n{together(told)}")
    return 0


def row(slug: str, found: dict) -> list[str]:
    """Tell one disease, beside what the patients left out told."""
    before = json.loads((KEPT / f"{slug}.json").read_text())
    counts = found["counts"]
    return [
        slug,
        f"{counts['patients']:,}",
        f"{counts['outcome_patients']:,}",
        interval(found["model"]),
        interval(found["oracle"]) if "oracle" in found else "none",
        interval(found["ceiling"]),
        # Of nothing there is no share.
        interval(found["way"], "{:.1f}") if found["ceiling"]["low"] > CHANCE else "?",
        interval(before["way"], "{:.1f}"),
        interval(found["slope"], "{:.2f}"),
        interval(before["slope"], "{:.2f}"),
        f"{found['true_slope']:.2f}" if found["true_slope"] else "none",
        met(found, asks_way=True),
    ]


if __name__ == "__main__":
    sys.exit(main())
