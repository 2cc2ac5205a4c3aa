"""What `params.yaml` says of promoting."""

from pydantic import Field

from chronicle.core.params import Params


class Floors(Params):
    """What a first model must reach.

    Args:
        auroc: At least.
        worst_group_auroc: The same of the group that is served worst.
        off_times: Outcomes are at most so many times what was foretold, and at least
            one in so many.
    """

    auroc: float = Field(ge=0, le=1)
    worst_group_auroc: float = Field(ge=0, le=1)
    off_times: float = Field(ge=1)


class Margins(Params):
    """By how much a model may be worse than the one in use.

    Args:
        auroc: Lower.
        worst_group_auroc: Lower, each of its own worst group.
        off_times: Farther from as many outcomes as were foretold: by this factor.
        slope: Farther of the calibration slope from 1.
    """

    auroc: float = Field(ge=0)
    worst_group_auroc: float = Field(ge=0)
    off_times: float = Field(ge=1)
    slope: float = Field(ge=0)


class PromoteParams(Params):
    """Section `promote`.

    Args:
        min_newest_outcome_patients: With fewer among the newest test patients, all test
            patients are asked.
        floors: For a first model.
        margins: For one that would replace another.
    """

    min_newest_outcome_patients: int = Field(ge=1)
    floors: Floors
    margins: Margins
