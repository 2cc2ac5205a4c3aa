"""What `params.yaml` says of evaluating."""

from typing import Annotated

from pydantic import Field

from chronicle.core.params import Params

Share = Annotated[float, Field(gt=0, lt=100)]


class EvaluateParams(Params):
    """Section `evaluate`.

    Args:
        bootstrap_replicates: How often patients are drawn again.
        interval_percent: Coverage of every interval.
        calibration_groups: Points of the calibration plot.
        decision_thresholds: Risks at which somebody might act, for net benefit.
        capacity_percents: Shares of people that there may be room for.
        age_bands_years: Ages at which a band ends and the next begins.
        group_capacity_percent: Room by which groups of people are compared.
        min_outcome_patients: With fewer nothing is compared, no group scored.
        seed: Of the draws.
    """

    bootstrap_replicates: int = Field(ge=10)
    interval_percent: float = Field(gt=0, lt=100)
    calibration_groups: int = Field(ge=2)
    decision_thresholds: tuple[Annotated[float, Field(gt=0, lt=1)], ...]
    capacity_percents: tuple[Share, ...]
    age_bands_years: tuple[float, ...] = Field(min_length=1)
    group_capacity_percent: Share
    min_outcome_patients: int = Field(ge=1)
    seed: int
