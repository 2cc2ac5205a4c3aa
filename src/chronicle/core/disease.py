"""What a disease file may say: who is at risk, what counts as onset, how far ahead.

One file in `diseases/` is one disease. A clinician reviews it; code names none.
"""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from chronicle.core.params import Params

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]+//[A-Za-z0-9.\-]+\*?$")]


class Measures(Params):
    """Section `measures`: numbers, by name: the codes of one measure on one scale."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, tuple[Code, ...]] = Field(init=False)

    @property
    def codes(self) -> dict[str, tuple[Code, ...]]:
        """Return the codes by name."""
        return dict(self.__pydantic_extra__)


class Onset(Params):
    """What counts as the disease having begun.

    Args:
        codes: `SYSTEM//code`; a trailing `*` is a prefix. Old and new codes together.
        min_records: Records on different days before the onset is believed; the onset
            is then the first of them.
    """

    codes: tuple[Code, ...] = Field(min_length=1)
    min_records: int = Field(ge=1)


class Eligible(Params):
    """Who may be asked the question at an index time."""

    min_age_years: float = Field(ge=0)
    max_age_years: float = Field(default=120, gt=0)
    min_history_days: int = Field(ge=0)


class Disease(Params):
    """One disease, as `diseases/<slug>.yaml` declares it.

    Args:
        title: Name that a clinician uses.
        why: What an early warning is good for.
        does_not_mean: What the prediction must not be taken for.
        sources: Where the definition comes from.
        onset: See `Onset`.
        prevalent: Further codes that show the disease was there before (history of).
        index: Name of the rule that says when the question is asked (`params.yaml`).
        eligible: See `Eligible`.
        gap_days: Onsets within it after the index time count as already there, since
            the work-up of a disease precedes its code.
        horizon_days: Onsets in (index + gap, index + horizon] are outcomes.
        leaks: Codes that are the disease's own definition, work-up or treatment. No
            feature of this disease reads them.
    """

    title: str
    why: str
    does_not_mean: str
    sources: tuple[str, ...] = Field(min_length=1)
    onset: Onset
    prevalent: tuple[Code, ...] = ()
    index: str
    eligible: Eligible
    gap_days: int = Field(ge=0)
    horizon_days: int = Field(gt=0)
    leaks: tuple[Code, ...] = ()
