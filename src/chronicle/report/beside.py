"""The model beside risks that came from outside, as a person reads it."""

from dataclasses import dataclass
from typing import Any

from chronicle.report.metrics import METRICS, Metric
from chronicle.report.words import counted, interval

BETTER = "Of two people, {} names the one who will get it more often than {} does."
SHOWN = ("auroc", "auprc", "brier", "observed_expected")


@dataclass(frozen=True)
class Other:
    """One comparator and the model, on the rows that both judge.

    Args:
        found: Its entry in the disease's evaluation.
        all_rows: Whether these are all the rows on which the model is judged.
    """

    found: dict[str, Any]
    all_rows: bool

    @property
    def name(self) -> str:
        """The word that came with the risks."""
        return str(self.found["name"])

    @property
    def whom(self) -> str:
        """On whom both are judged."""
        return (
            f"{counted(self.found['patients'], 'patient')}, "
            f"{self.found['outcome_patients']:,} of them with an outcome, at "
            f"{counted(self.found['index_times'], 'visit')}"
        )

    @property
    def rows(self) -> list[tuple[str, dict[str, Any]]]:
        """Who gave the risks, and the scores."""
        return [
            ("the model", self.found["model"]),
            (self.name, self.found["comparator"]),
        ]

    def difference(self, score: str, digits: int) -> str:
        """A score of the model less that of the other; empty where it says nothing."""
        found = self.found["differences"].get(score)
        return interval(found, digits) if found else ""

    @property
    def in_words(self) -> str:
        """What the difference means."""
        found = self.found["differences"]["auroc"]
        if found["value"] is None:
            return f"Too little came of them to set the model beside {self.name}."
        if found["low"] is None:
            return "How sure the difference is could not be estimated."
        if found["low"] > 0:
            return BETTER.format("the model", self.name)
        if found["high"] < 0:
            return BETTER.format(self.name, "the model")
        return (
            "These patients cannot show which of the two tells people apart better: "
            "the interval of the difference holds 0."
        )

    @property
    def line(self) -> str:
        """The same in half a line, to stand after the model's AUROC."""
        patients = counted(self.found["patients"], "patient")
        theirs = f"{self.name} {interval(self.found['comparator']['auroc'])}"
        if self.all_rows:
            return f"{theirs} on the same {patients}"
        if self.found["comparator"]["auroc"]["value"] is None:
            return f"{theirs} on {patients}"
        # What stands before it is the model's AUROC on more than these.
        ours = interval(self.found["model"]["auroc"])
        return f"{theirs} on {patients}, where the model has {ours}"


def shown() -> list[Metric]:
    """Return the metrics that are set side by side."""
    by_key = {metric.key: metric for metric in METRICS}
    return [by_key[key] for key in SHOWN]
