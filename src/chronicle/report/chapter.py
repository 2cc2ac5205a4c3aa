"""One disease of the report: its definition, its cohort and how it is predicted."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from chronicle.core.disease import Disease, Eligible
from chronicle.report.beside import Other
from chronicle.report.definition import criterion
from chronicle.report.metrics import brings
from chronicle.report.names import group_name
from chronicle.report.words import UNKNOWN, inside, interval, span

NO_LIMIT = Eligible.model_fields["max_age_years"].default
FEW_OUTCOMES = 20  # patients in test; below it intervals say little
MOST_THINGS = 8
FIRST_LINE = 0.1  # share of people whom the line flags before anybody moves it
FATES = {
    "onset": "got the diagnosis: the outcome",
    "horizon": "free of it at the end of the horizon",
    "death": "died without it",
    "censored": "lost from sight before the end",
}


@dataclass(frozen=True)
class Chapter:
    """What is told of one disease.

    Args:
        slug: Name of its file in `diseases/`.
        disease: That file.
        flow: `flow.json` of its cohort.
        evaluation: Its file in the folder of evaluations.
        promotion: Its file in the folder of promotions.
        explanation: Its file in the folder of what was explained.
        drift: Its file in the folder of drifts.
    """

    slug: str
    disease: Disease
    flow: dict[str, Any]
    evaluation: dict[str, Any]
    promotion: dict[str, Any]
    explanation: dict[str, Any]
    drift: dict[str, Any]

    @property
    def at_risk(self) -> dict[str, int]:
        """Patients and index times of the cohort."""
        return dict(self.flow["steps"][-1])

    @property
    def with_outcome(self) -> int:
        """Patients with an outcome; no patient is in both splits."""
        return sum(each["outcome_patients"] for each in self.flow["splits"].values())

    @property
    def trained(self) -> bool:
        """Whether there is a model."""
        return bool(self.evaluation["trained"])

    @property
    def metrics(self) -> dict[str, Any]:
        """Metrics by name; empty where there is no model."""
        return self.evaluation["metrics"] or {}

    @property
    def few_outcomes(self) -> bool:
        """Whether so few outcomes are in test that intervals say little."""
        return bool(self.evaluation["counts"]["test"]["outcomes"] < FEW_OUTCOMES)

    @property
    def reason(self) -> str:
        """Why there is no model."""
        return self.evaluation["reason"] or "no reason given"

    @property
    def why_not_trained(self) -> str:
        """The same in one line: `too few outcomes: not trained (...)`."""
        what, _, more = self.reason.partition(": ")
        return f"{what}: not trained ({more})" if more else f"not trained ({what})"

    @property
    def auroc(self) -> str:
        """AUROC with its interval, as far as they could be estimated."""
        return interval(self.metrics.get("auroc")) if self.trained else UNKNOWN

    @property
    def others(self) -> list[Other]:
        """Whose risks stand beside the model's: simpler, published, outsiders."""
        rows = self.evaluation["counts"]["test"]["index_times"]
        return [
            Other(each, all_rows=each["index_times"] == rows)
            for key in ("baselines", "published", "comparators")
            for each in self.evaluation[key]
        ]

    @property
    def unscored(self) -> list[str]:
        """Groups of people that are too small to be scored."""
        return [
            f"{group_name(group['name'])} ({grouping['by']})"
            for grouping in self.evaluation["groups"]
            for group in grouping["groups"]
            if not group["scored"]
        ]

    @property
    def capacity(self) -> list[dict[str, Any]]:
        """What is found where only so many people can be seen to."""
        return list(self.evaluation["capacity"])

    @property
    def lines(self) -> list[str]:
        """What the line brings at each place to which a reader can move it."""
        return [brings(each) for each in self.evaluation["thresholds"]]

    @property
    def line(self) -> int:
        """Where it stands first: as near as can be to one in ten flagged."""
        flagged = [each["flagged"] for each in self.evaluation["thresholds"]]
        return min(range(len(flagged)), key=lambda at: abs(flagged[at] - FIRST_LINE))

    @property
    def leans_on(self) -> list[dict[str, Any]]:
        """The things that move risks most."""
        things = self.explanation["things"][:MOST_THINGS]
        return [each for each in things if each["log_odds"] > 0]

    @property
    def contradicts(self) -> list[dict[str, Any]]:
        """Where the model goes against medicine."""
        signs = self.explanation.get("signs", [])
        return [each for each in signs if each["verdict"] == "contradicts"]

    @property
    def percent(self) -> float:
        """Coverage of the intervals."""
        return float(self.evaluation.get("interval_percent", 95))

    @property
    def predicts(self) -> str:
        """What is predicted, as a sentence."""
        start, end = span(self.disease.gap_days), span(self.disease.horizon_days)
        title, again = self.disease.title, self.disease.onset.recurrent
        what = title if again else f"A first record of {inside(title)}"
        when = "a visit" if self.disease.index == "visits" else "the index time"
        return f"{what} between {start} and {end} after {when}, in {self.who}."

    @property
    def who(self) -> str:
        """Who is asked about."""
        eligible = self.disease.eligible
        youngest, oldest = eligible.min_age_years, eligible.max_age_years
        ages = (
            f"{youngest:g} to {oldest:g} years"
            if oldest < NO_LIMIT
            else (f"{youngest:g} years or older")
        )
        people = {"female": "women", "male": "men"}.get(eligible.sex, "people")
        free = "" if self.disease.onset.recurrent else " and no sign of it so far"
        return (
            f"{people} of {ages} with at least {span(eligible.min_history_days)} of "
            f"records{free}"
        )

    @property
    def kept_and_gone(self) -> list[tuple[bool, list[dict[str, Any]]]]:
        """The steps of the flow; exclusions that follow each other stand together."""
        return [
            (gone, list(steps))
            for gone, steps in groupby(
                self.flow["steps"][:-1], lambda step: "excluded" in step
            )
        ]

    @property
    def fates(self) -> list[dict[str, Any]]:
        """What came of the index times, in words."""
        return [
            {"key": key, "what": what, **self.flow["outcomes"][key]}
            for key, what in FATES.items()
        ]

    @property
    def shares(self) -> list[tuple[str, int]]:
        """Index times by what came of them."""
        return [(each["key"], each["index_times"]) for each in self.fates]

    @property
    def onset(self) -> list[str]:
        """The criteria of onset, in words: any of them is enough."""
        return [criterion(each) for each in self.disease.onset.any_of]

    @property
    def prevalent(self) -> list[str]:
        """Further signs that it was there before, in words."""
        return [criterion(each) for each in self.disease.prevalent]
