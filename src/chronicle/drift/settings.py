"""What `params.yaml` says of drift."""

from pydantic import ConfigDict, Field, model_validator

from chronicle.core.params import Params


class Limits(Params):
    """How far is too far.

    Args:
        warn: From here on somebody should look,
        retrain: and from here on the model should be made anew.
    """

    warn: float = Field(gt=0)
    retrain: float = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Limits":
        if self.retrain < self.warn:
            raise ValueError("retrain: nearer than warn")
        return self


class DriftParams(Params):
    """Section `drift`.

    Args:
        min_people: With fewer on either side nothing is compared.
        false_alarm: How likely it may be, for one disease, that anything is said where
            nothing has changed.
        bins: Of the people at the start, so many groups of one size.
        psi: Population stability index. Of features and sites it only warns.
        missing: Share of people of whom a feature is not known, more or less than at
            the start. It only warns: who retrains on a broken feed learns the fault.
        unlike: Share of people of whom the model says nothing, more than at the start.
        outcomes: Times as many, or as few, have an outcome.
        calibration: Times farther off what was foretold than on the first day.
        auroc: By how much it is lower.
    """

    min_people: int = Field(ge=10)
    false_alarm: float = Field(gt=0, lt=1)
    bins: int = Field(ge=2)
    psi: Limits
    missing: float = Field(gt=0, lt=1)
    unlike: Limits
    outcomes: Limits
    calibration: Limits
    auroc: Limits


class Run(Params):
    """`diseases`: those that run. Other keys are other stages'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    diseases: tuple[str, ...] = Field(min_length=1)
