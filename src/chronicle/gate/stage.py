"""Stage `gate`: reports/checks -> reports/gate.json, or exit code 13."""

from pathlib import Path

from chronicle.core import store
from chronicle.core.errors import GateError
from chronicle.core.expect.verdict import critical


def run(checks: Path, gate: Path) -> None:
    """Go on, or stop the run: no cohort is drawn from tables that were rejected."""
    gate.unlink(missing_ok=True)  # what it said of other tables holds no longer
    read = [store.read_json(path) for path in sorted(checks.glob("*.json"))]
    verdicts = [each for each in read if "expectations" in each]  # not their ledger
    if not verdicts:
        raise GateError(
            "no table was judged.", where=str(checks), do="run the stage check first"
        )
    failed = [name for verdict in verdicts for name in critical(verdict)]
    if failed:
        raise GateError(
            f"{len(failed)} critical expectation(s) failed: {'; '.join(failed)}.",
            where=str(checks / "index.html"),
            do="open that page: it says why each is asked; mend the source, or, if the "
            "expectation is wrong, the suite in expectations/",
        )
    tables = {each["table"]: each["rows"] for each in verdicts}
    warnings = sum(each["warnings"] for each in verdicts)
    store.write_json({"passed": True, "warnings": warnings, "rows": tables}, gate)
