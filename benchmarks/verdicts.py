"""What ingest says of cases that others have judged, with and without our own rules.

`python benchmarks/verdicts.py FOLDER`, where FOLDER holds `validator-cases` (HL7's
validator, R4) and `r4-primitive-values` (google/fhir), as `tests/ingest/verdicts.py`
reads them. Recall: of the invalid, those that are refused or warned of. False: of the
valid, those that are refused.
"""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.ingest import verdicts  # noqa: E402, it is below the root


def main() -> int:
    """Print a table for each set, and why the rest cannot be judged."""
    for name, cases in (
        ("validator-cases", verdicts.validator_cases),
        ("r4-primitive-values", verdicts.primitive_values),
    ):
        table(name, cases(Path(sys.argv[1]) / name))
    return 0


def table(name: str, cases: list[verdicts.Case]) -> None:
    """Print what was said of the cases that can be judged."""
    print(f"{name}: {len(cases)} cases")
    for why, n in sorted(Counter(case.beyond for case in cases if case.beyond).items()):
        print(f"  not to be judged: {n:4}  {why}")
    judged = [case for case in cases if not case.beyond]
    for label, told in (("R4B alone", verdicts.r4b), ("with rules", verdicts.ours)):
        said = Counter((case.is_valid, told(case)) for case in judged)
        bad = sum(n for (valid, _), n in said.items() if not valid)
        good = sum(n for (valid, _), n in said.items() if valid)
        print(
            f"  {label:10}  invalid: {said[False, 'refused']} refused and "
            f"{said[False, 'warned']} warned of {bad}"
            f"   valid: {said[True, 'refused']} refused and "
            f"{said[True, 'warned']} warned of {good}"
        )
    for case in judged:
        if case.is_valid != (verdicts.ours(case) == "accepted"):
            print(f"  {'valid' if case.is_valid else 'invalid'}, "
                  f"{verdicts.ours(case)}: {case.name}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
