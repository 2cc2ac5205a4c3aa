"""What explanations are made of, as `params.yaml` says it."""

from typing import Literal

from pydantic import Field, model_validator

from chronicle.core.params import Params

Direction = Literal["up", "down"]


class Limits(Params):
    """A reference range, in the unit of its measure; a side that is not given is open.

    Args:
        low: The lowest value in it.
        high: The highest value in it.
    """

    low: float | None = None
    high: float | None = None


class Range(Limits):
    """A reference range, and where it comes from.

    Args:
        female: Range of women, where it is another.
        male: Range of men.
        source: Who says so.
    """

    female: Limits | None = None
    male: Limits | None = None
    source: str

    def of(self, female: float | None) -> Limits:
        """Return the range of a person: 1 female, 0 male, anything else unknown.

        >>> Range(low=1, male=Limits(low=2), source="us").of(0).low
        2.0
        """
        own = {1: self.female, 0: self.male}.get(female)  # type: ignore[call-overload]
        return own or Limits(low=self.low, high=self.high)


class Change(Params):
    """Something that a person can change, and what changes with it.

    Args:
        measure: Lowered to `goal`; or
        answers: questions, and the answers that they would have had.
        goal: In the unit of the measure. Nobody is told to go further.
        most: Share of today's value by which it falls at most.
        with_it: Other measures or formulas: by how much each moves when the measure
            moves by 1.
        in_proportion: Others that change by the same factor as the measure.
        source: Why this goal, and why others follow.
    """

    measure: str | None = None
    answers: dict[str, float] = Field(default_factory=dict)
    goal: float | None = None
    most: float = Field(default=1, gt=0, le=1)
    with_it: dict[str, float] = Field(default_factory=dict)
    in_proportion: tuple[str, ...] = ()
    source: str

    @model_validator(mode="after")
    def _one_of_two(self) -> "Change":
        if (self.measure is None) == (not self.answers):
            raise ValueError("give one of measure, answers")
        if (self.measure is None) != (self.goal is None):
            raise ValueError("goal: of a measure, and every measure has one")
        return self


class ExplainParams(Params):
    """Section `explain`.

    Args:
        concepts: What clinicians think in, and the things of the feature dictionary
            that belong to each; every thing belongs to one.
        facts: Things of one concept that tell of the same, by its name: one reason.
        ranges: Reference ranges, by measure or formula.
        changes: See `Change`, by name.
        recent_days: What a change changes: values of so many days, or the last one.
        reasons: Of each risk of today, at most so many are told.
        sample_patients: Of how many test patients reasons are written down.
        bootstrap_replicates: How often patients are drawn again, for stability.
        interval_percent: Coverage of intervals.
        curves: How many features are drawn.
        bins: Points of a curve.
        min_patients: With fewer, nothing is said of a group.
        min_log_odds: A curve that goes against its sign by less does not contradict.
        seed: Of the draws.
    """

    concepts: dict[str, tuple[str, ...]]
    facts: dict[str, tuple[str, ...]]
    ranges: dict[str, Range]
    changes: dict[str, Change]
    recent_days: int = Field(ge=1)
    reasons: int = Field(ge=1)
    sample_patients: int = Field(ge=0)
    bootstrap_replicates: int = Field(ge=10)
    interval_percent: float = Field(gt=0, lt=100)
    curves: int = Field(ge=1)
    bins: int = Field(ge=2)
    min_patients: int = Field(ge=5)
    min_log_odds: float = Field(gt=0)
    seed: int

    @model_validator(mode="after")
    def _each_thing_once(self) -> "ExplainParams":
        named = [thing for things in self.concepts.values() for thing in things]
        twice = sorted({each for each in named if named.count(each) > 1})
        if twice:
            raise ValueError(f"in two concepts: {', '.join(twice)}")
        for name, those in self.facts.items():
            if not any({*those} <= {*things} for things in self.concepts.values()):
                raise ValueError(f"facts: {name} is in no one concept")
        return self
