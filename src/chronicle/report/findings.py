"""What the report is about, as the stages before wrote it."""

from dataclasses import dataclass
from typing import Any

from chronicle.core.disease import Disease

FEW = 20  # patients with an outcome in test; with fewer, an interval says little


@dataclass(frozen=True)
class Outcome:
    """One disease: its file, its cohort flow (`select`), its evaluation."""

    slug: str
    disease: Disease
    flow: dict[str, Any]
    evaluation: dict[str, Any]

    @property
    def trained(self) -> bool:
        """Was there enough to learn from?"""
        return bool(self.evaluation["trained"])

    @property
    def at_risk(self) -> dict[str, Any]:
        """Patients and index times that were at risk."""
        return dict(self.flow["steps"][-1])

    @property
    def outcomes(self) -> int:
        """Patients with an onset within the horizon."""
        return int(self.flow["outcomes"]["onset"]["patients"])

    @property
    def few(self) -> bool:
        """Are there so few outcomes in test that intervals say little?"""
        return int(self.evaluation["counts"]["test"]["outcomes"]) < FEW

    def metric(self, name: str) -> dict[str, float | None]:
        """Return value, low and high of a metric; nulls where there is none."""
        nothing = {"value": None, "low": None, "high": None}
        return dict((self.evaluation["metrics"] or {}).get(name) or nothing)


@dataclass(frozen=True)
class Findings:
    """Everything that a run found out."""

    ledger: dict[str, Any]
    verdicts: list[dict[str, Any]]
    outcomes: list[Outcome]
