"""The projects of `quality.py`: `python benchmarks/quality_arms.py SEED FOLDER`.

Virtual patients of a seed: clean, with all kinds of fault at the rates of `params.yaml`
(`once`), and at three times these, at most 0.1 (`thrice`).
"""

import sys
from pathlib import Path

import yaml
from damage_arms import ROOT, lay

PATIENTS = 1500
MOST = 0.1


def main(words: list[str]) -> int:
    """Make the three projects below a folder, and print how to grade them."""
    seed, folder = int(words[0]), Path(words[1]).resolve()
    told = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    rates = told["simulate"]["faults"]
    thrice = {fault: min(3 * rate, MOST) for fault, rate in rates.items()}
    for name, faults in (("clean", {}), ("once", rates), ("thrice", thrice)):
        lay(folder / name, seed, faults, PATIENTS)
    for name in ("once", "thrice"):
        print("python benchmarks/quality.py", folder / "clean", folder / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
