"""The verdicts of the checks, in a sentence for each table."""

from dataclasses import dataclass
from typing import Any

from chronicle.report.words import counted


@dataclass(frozen=True)
class Verdicts:
    """What `reports/checks` says, a verdict for each table."""

    tables: list[dict[str, Any]]

    @property
    def passed(self) -> bool:
        """Whether no table was rejected."""
        return all(each["passed"] for each in self.tables)

    @property
    def sentence(self) -> str:
        """All verdicts in one sentence."""
        asked = sum(len(each["expectations"]) for each in self.tables)
        names = " and ".join(each["table"] for each in self.tables)
        warnings = sum(each["warnings"] for each in self.tables)
        critical = sum(each["critical_failures"] for each in self.tables)
        failed = "no critical one" if self.passed else counted(critical, "critical one")
        answer = f"{failed} failed, and there {_are(warnings)}"
        return f"Of {counted(asked, 'expectation')} on {names}, {answer}."

    @property
    def lines(self) -> list[str]:
        """A line for each table: `events passed (1 warning)`."""
        return [_line(each) for each in self.tables]

    @property
    def failed(self) -> list[tuple[str, dict[str, Any]]]:
        """What was not as expected, critical ones first."""
        found = [
            (f"{verdict['table']}: {name.replace('_', ' ')}", each)
            for verdict in self.tables
            for name, each in verdict["expectations"].items()
            if not each["passed"]
        ]
        return sorted(found, key=lambda one: (one[1]["severity"] != "critical", one[0]))


def _line(verdict: dict[str, Any]) -> str:
    told = [
        counted(verdict["critical_failures"], "critical failure"),
        counted(verdict["warnings"], "warning"),
    ]
    if verdict["passed"]:
        return f"{verdict['table']} passed ({told[1]})"
    return f"{verdict['table']} rejected ({', '.join(told)})"


def _are(warnings: int) -> str:
    return f"{'is' if warnings == 1 else 'are'} {counted(warnings, 'warning')}"
