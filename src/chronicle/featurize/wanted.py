"""What a features matrix is made of, as `params.yaml` says it."""

from pydantic import Field

from chronicle.core.disease import Code
from chronicle.core.params import Params

Codes = dict[str, tuple[Code, ...]]


class Answer(Params):
    """One coded question.

    Args:
        question: Its code.
        answers: Those that make the feature 1; any other makes it 0,
        silent: but for these, which say nothing: as if nobody had asked.
        ever: Not the last answer is told, but whether one of `answers` was ever given.
    """

    question: Code
    answers: tuple[Code, ...] = Field(min_length=1)
    silent: tuple[Code, ...] = ()
    ever: bool = False


class Trend(Params):
    """What a slope needs to be one.

    Args:
        min_values: Fewer are no trend.
        min_days: From the first to the last, at least so long.
    """

    min_values: int = Field(ge=2)
    min_days: int = Field(ge=1)


class FeaturizeParams(Params):
    """Section `featurize`.

    Args:
        windows_days: How far back each summary looks from the index time; the whole
            past is one more window.
        units: UCUM unit of each measure, as `ingest` keeps it.
        trend: See `Trend`.
        supply_days: A drug is taken so long after it was last recorded.
        new_days: A drug is new so long after it was first recorded.
        derived: Formulas, by the names that `featurize/derived.py` gives them.
        scores: Published equations, by the names in `core/equations/published.py`.
        score_inputs: The columns that answer what equations ask, by its name: of
            numbers the first that is known, of yes and no whether any is yes.
        answers: Coded answers to questions, by name.
        history: Ever recorded, and since when, by name.
        drugs: Taken, new, ever recorded, by name.
        counts: How often in each window, by name.
    """

    windows_days: tuple[int, ...] = Field(min_length=1)
    units: dict[str, str]
    trend: Trend
    supply_days: int = Field(ge=1)
    new_days: int = Field(ge=1)
    derived: tuple[str, ...]
    scores: tuple[str, ...]
    score_inputs: dict[str, tuple[str, ...]]
    answers: dict[str, Answer]
    history: Codes
    drugs: Codes
    counts: Codes
