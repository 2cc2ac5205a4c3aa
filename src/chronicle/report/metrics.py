"""What each metric is called, what would be ideal, and what it says in plain words."""

from dataclasses import dataclass
from typing import Any

from chronicle.report.words import percent, share_interval


@dataclass(frozen=True)
class Metric:
    """One line of the table of metrics."""

    key: str
    name: str
    ideal: str
    words: str
    digits: int = 2


METRICS = (
    Metric(
        "auroc",
        "AUROC",
        "1",
        "Of two people, of whom one gets the diagnosis and one does not: how often the "
        "first has the higher risk. 0.5 is chance.",
    ),
    Metric(
        "auprc",
        "AUPRC",
        "1",
        "Of all people whom the model flags, the share who get the diagnosis, averaged "
        "over every place where the line could be drawn.",
        digits=3,
    ),
    Metric(
        "observed_expected",
        "Observed / expected",
        "1",
        "Diagnoses that came for each one that was predicted. Above 1 the risks are "
        "too low, below 1 too high.",
    ),
    Metric(
        "calibration_intercept",
        "Calibration intercept",
        "0",
        "The same question in log-odds: above 0 the risks are too low on average, "
        "below 0 too high.",
    ),
    Metric(
        "calibration_slope",
        "Calibration slope",
        "1",
        "Below 1 the model is too sure of itself: its high risks are too high and its "
        "low ones too low.",
    ),
    Metric(
        "brier",
        "Brier score",
        "0",
        "Mean squared distance between the risk that was given and what came.",
        digits=3,
    ),
    Metric(
        "scaled_brier",
        "Scaled Brier score",
        "1",
        "The part of the Brier score of one risk for everybody that the model takes "
        "off; 0 is no better than that, below 0 worse.",
        digits=3,
    ),
    Metric(
        "ici",
        "Integrated calibration index",
        "0",
        "How far risks lie from what came of people with such risks, on average.",
        digits=3,
    ),
)


def without_a_model(key: str, prevalence: float | None) -> str:
    """Return what one would reach by giving everybody the same risk, or nothing."""
    if prevalence is None:
        return ""
    if key == "auprc":
        return f"Flagging at random gives {prevalence:.3f}."
    if key == "brier":
        same = prevalence * (1 - prevalence)
        return f"Giving everybody the average risk gives {same:.3f}."
    return ""


def found_and_flagged(roc: list[list[float]], *, found: float = 0.8) -> str:
    """Return one point of the ROC curve in words, or nothing without a curve.

    Args:
        roc: Points (false positive rate, true positive rate), from left to right.
        found: The point is the first that finds this share of the cases.
    """
    for false, true in roc:
        if true >= found:
            return (
                f"Of all people who got the diagnosis, {percent(true)} would be found "
                f"by a line that also flags {percent(false)} of all who did not."
            )
    return ""


def highest_group(calibration: list[dict[str, Any]]) -> str:
    """Return what came of the people with the highest risks, in words."""
    groups = [each for each in calibration if each["observed"] is not None]
    if not groups:
        return ""
    top = max(groups, key=lambda each: (each["predicted"], each["observed"]))
    between = ""
    if top["low"] is not None and top["high"] is not None:
        between = f" ({percent(top['low'])} to {percent(top['high'])})"
    return (
        f"Of all people in the group with the highest risks, who were given "
        f"{percent(top['predicted'])} on average, {percent(top['observed'])}{between} "
        "got the diagnosis."
    )


def brings(line: dict[str, Any]) -> str:
    """Return what one line brings, in words."""
    needed = line["needed_to_screen"]["value"]
    each_found = f", {needed:.1f} people for each one found" if needed else ""
    return (
        f"From {percent(line['risk'])} on: flags {percent(line['flagged'])} of the "
        f"visits; finds {share_interval(line['sensitivity'])} of all who got the "
        f"diagnosis; of those flagged {share_interval(line['ppv'])} got it{each_found}."
    )


def worth_it(decision: list[dict[str, Any]]) -> str:
    """Return where acting on the model is better than on everybody or nobody."""
    better = [
        each["threshold"]
        for each in decision
        if each["model"]["low"] is not None
        and each["model"]["low"] > max(each["everybody"], 0)
    ]
    if not decision:
        return ""
    if not better:
        return (
            "At none of these risks is it sure that acting on the model brings more "
            "than acting on everybody, or on nobody."
        )
    return (
        "Acting on the model surely brings more than acting on everybody or on nobody "
        f"where one acts from a risk of {percent(better[0])} to {percent(better[-1])} "
        "on: true alarms, less false ones at the weight that this line gives them."
    )
