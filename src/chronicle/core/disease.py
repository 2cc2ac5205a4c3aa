"""What a disease file may say: who is at risk, what counts as onset, how far ahead.

One file in `diseases/` is one disease. A clinician reviews it; code names none.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from chronicle.core.params import Params
from chronicle.core.trial import Trial

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]+//[A-Za-z0-9._/\-]+\*?$")]


class Measures(Params):
    """Section `measures`: numbers, by name: the codes of one measure on one scale."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, tuple[Code, ...]] = Field(init=False)

    @property
    def codes(self) -> dict[str, tuple[Code, ...]]:
        """Return the codes by name."""
        return dict(self.__pydantic_extra__)


class Codes(Params):
    """A list of codes: `SYSTEM//code`; a trailing `*` is a prefix.

    Args:
        include: Old and new codes together.
        exclude: Codes that a prefix of `include` would take in and that are none.
    """

    include: tuple[Code, ...] = Field(min_length=1)
    exclude: tuple[Code, ...] = ()


class Value(Params):
    """A number that counts: of a measure (`params.yaml`), in the unit of that.

    Args:
        measure: Its name.
        at_least: It counts from here on; or
        at_most: up to here; or
        below: only below.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "Value":
        if [self.at_least, self.at_most, self.below].count(None) != 2:
            raise ValueError("give one of at_least, at_most, below")
        return self


class Element(Params):
    """Evidence, and how much of it is enough.

    Args:
        codes: Names of lists: a code of any of them counts. Or:
        values: Numbers: any of them counts.
        count: 2: on two different days.
        apart_days: Those days are at least so far apart,
        within_days: and at most so far.
        none_normal_between: No value that does not count lies between the two.
        alone_in: Settings (`params.yaml`) in which one is enough.
        not_in: Settings in which it does not count.
    """

    codes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    count: Literal[1, 2] = 1
    apart_days: int = Field(default=1, ge=1)
    within_days: int | None = Field(default=None, ge=1)
    none_normal_between: bool = False
    alone_in: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Element":
        if self._kinds() != 1:
            raise ValueError("give one of codes, values, or (in a criterion) all_of")
        single = self.model_fields_set - {"codes", "values", "count", "not_in"}
        if self.count == 1 and single - {"all_of"}:
            raise ValueError(f"{', '.join(sorted(single))}: only with count: 2")
        if self.within_days is not None and self.within_days < self.apart_days:
            raise ValueError("within_days: shorter than apart_days")
        if self.none_normal_between and not self.values:
            raise ValueError("none_normal_between: only with values")
        return self

    def _kinds(self) -> int:
        return bool(self.codes) + bool(self.values)


class Criterion(Element):
    """An element, or several that must all be there.

    Args:
        all_of: The elements; the criterion is met when the last of them is.
    """

    all_of: tuple[Element, ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        """Return its elements: itself, where it is one."""
        return self.all_of or (self,)

    @model_validator(mode="after")
    def _nothing_beside(self) -> "Criterion":
        if self.all_of and self.model_fields_set != {"all_of"}:
            raise ValueError("all_of: its elements say the rest")
        return self

    def _kinds(self) -> int:
        return super()._kinds() + bool(self.all_of)


class Onset(Params):
    """What counts as the disease having begun: when enough of it is known, not before.

    Args:
        any_of: Criteria; the first to be met decides.
        recurrent: It may come again: each time it happened is an onset, and nobody is
            out because of an earlier one.
    """

    any_of: tuple[Criterion, ...] = Field(min_length=1)
    recurrent: bool = False


class Eligible(Params):
    """Who may be asked the question at an index time."""

    min_age_years: float = Field(ge=0)
    max_age_years: float = Field(default=120, gt=0)
    sex: Literal["any", "female", "male"] = "any"
    min_history_days: int = Field(ge=0)


class Disease(Params):
    """One disease, as `diseases/<slug>.yaml` declares it.

    Args:
        title: Name that a clinician uses.
        why: What an early warning is good for.
        does_not_mean: What the prediction must not be taken for.
        sources: Where the definition comes from.
        lists: Codes by a name that holds in this file: what is said of it, drugs, …
        onset: See `Onset`.
        prevalent: Signs that it was there before, softer than `onset`: one criterion
            met before index + gap excludes, as the onset itself does.
        index: Name of the rule that says when the question is asked (`params.yaml`).
        eligible: See `Eligible`.
        gap_days: Onsets within it after the index time count as already there, since
            the work-up of a disease precedes its code.
        horizon_days: Onsets in (index + gap, index + horizon] are outcomes.
        leaks: Names of lists: the disease's own work-up or treatment. No feature of
            this disease reads them, nor the codes of onset and prevalence.
        unread: Features that its model does not read either, by name; a `*` for any
            letters. How often a test was asked for may tell of a suspicion where its
            values are what is to be known.
        monotone: Features whose effect in the trees may only go up or down with them,
            by name; a `*` for any letters.
        signs: Which way medicine expects the risk to go with what features tell of, by
            name (a measure, an answer). Where the model does otherwise, it is said.
        published: Features that are published scores of this disease, by name: they
            stand beside the model. That of its own outcome comes first.
        trials: What treatments do to its hazard.
    """

    title: str
    why: str
    does_not_mean: str
    sources: tuple[str, ...] = Field(min_length=1)
    lists: dict[str, Codes] = Field(min_length=1)
    onset: Onset
    prevalent: tuple[Criterion, ...] = ()
    index: str
    eligible: Eligible
    gap_days: int = Field(ge=0)
    horizon_days: int = Field(gt=0)
    leaks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    monotone: dict[str, Literal["up", "down"]] = Field(default_factory=dict)
    signs: dict[str, Literal["up", "down"]] = Field(default_factory=dict)
    published: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        """Return the elements of onset and prevalence."""
        criteria = (*self.onset.any_of, *self.prevalent)
        return tuple(each for one in criteria for each in one.elements)

    @property
    def own(self) -> tuple[Code, ...]:
        """Return the codes that no feature of this disease reads.

        The measures of its criteria are not among them: who has reached a limit is
        out, and how near the others are is what is to be known. Nor is what recurs:
        that it happened before is no secret.
        """
        elements = () if self.onset.recurrent else self.elements
        named = [name for each in elements for name in each.codes]
        names = dict.fromkeys([*named, *self.leaks])
        codes = [code for name in names for code in self.lists[name].include]
        return tuple(dict.fromkeys(codes))

    @model_validator(mode="after")
    def _consistent(self) -> "Disease":
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        named = {name for each in self.elements for name in each.codes}
        for name in sorted((named | {*self.leaks}) - self.lists.keys()):
            yield f"'{name}' is none of its lists"
        for name in sorted(self.lists.keys() - named - {*self.leaks}):
            yield f"list '{name}': nobody reads it"
        if self.gap_days >= self.horizon_days:
            yield "gap_days: the horizon ends before it"
        twice = any(each.count == 2 for each in self.elements)
        several = any(each.all_of for each in self.onset.any_of)
        if self.onset.recurrent and (self.prevalent or twice or several):
            yield "recurrent: criteria of one event each, and nothing is prevalent"
