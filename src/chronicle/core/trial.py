"""What a disease file may say of a treatment: what was shown, in whom, by whom."""

from typing import Literal

from pydantic import Field, model_validator

from chronicle.core.params import Params


class Limits(Params):
    """Values of people of a trial: `at_least` one, and `below` another."""

    at_least: float | None = None
    below: float | None = None


class Trial(Params):
    """What a treatment does to the hazard of the disease, as somebody has shown.

    Args:
        start: What is begun: a drug's name in `params.yaml`, or another word; or
        stop: the answer (`params.yaml`) that is yes until then.
        drug: What is begun is a drug: whoever has it on record is not told to begin it,
            and nobody is of whom records cannot tell.
        hazard_ratio: Of the treated; with `measure`, for each `per` that it falls.
        interval: Of that ratio, 95 %, as the study gives it; without one none is told.
        measure: What falls, and by how much: `lowers`, or a share of today's value.
        per: In the unit of the measure, as `lowers`.
        lowers: By so much, or
        lowers_share: by such a share,
        lowers_at: where the measure stands here; `lowers_more` for each unit above.
        taken_share: Of the doses, outside of trials: only so much of that falls. Where
            no measure does, beside what was taken in the trial: of the logarithm.
        reached_share: Of the logarithm of the ratio, in the years that are asked about,
            where the study began to count later than what is done begins to act.
        among: What the people of the trial had, by measure. Who is known to have
            another value is not told its ratio.
        tested: Measures that everybody had taken before: who has none of the last year
            is not told the ratio, and may have the disease already.
        having: The people of the trial had one of these in their record, at least.
        shown_in: Of whom it is known.
        evidence: trial: chance decided who was treated; cohort: it did not; mixed: in
            some of the studies it did.
        source: Where it is published.
    """

    start: str | None = None
    stop: str | None = None
    drug: bool = True
    hazard_ratio: float = Field(gt=0, lt=1)
    interval: tuple[float, float] | None = None
    measure: str | None = None
    per: float | None = Field(default=None, gt=0)
    lowers: float | None = Field(default=None, gt=0)
    lowers_share: float | None = Field(default=None, gt=0, lt=1)
    lowers_at: float | None = None
    lowers_more: float = Field(default=0, ge=0)
    taken_share: float = Field(default=1, gt=0, le=1)
    reached_share: float = Field(default=1, gt=0, le=1)
    among: dict[str, Limits] = Field(default_factory=dict)
    tested: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    shown_in: str
    evidence: Literal["trial", "cohort", "mixed"] = "trial"
    source: str

    @model_validator(mode="after")
    def _whole(self) -> "Trial":
        if (self.start is None) == (self.stop is None):
            raise ValueError("give one of start, stop")
        low, high = self.interval or (self.hazard_ratio, self.hazard_ratio)
        if not 0 < low <= self.hazard_ratio <= high:
            raise ValueError("interval: one of its ends is on the wrong side")
        given = [self.lowers, self.lowers_share].count(None)
        if (self.measure is None, self.per is None, given) not in (
            (True, True, 2),
            (False, False, 1),
        ):
            raise ValueError("measure, per and one of lowers, lowers_share: or none")
        if bool(self.lowers_more) > (self.lowers_at is not None and bool(self.lowers)):
            raise ValueError("lowers_more: one of lowers_at, lowers is not there")
        return self
