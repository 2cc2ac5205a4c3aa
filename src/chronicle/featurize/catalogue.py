"""Every column of the matrix: its name, meaning, unit, window and source codes."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from chronicle.core.equations.published import SCORES, WHO
from chronicle.core.errors import ParamsError
from chronicle.featurize.derived import FORMULAS
from chronicle.featurize.summary import EVER, Window, named
from chronicle.featurize.wanted import Codes, FeaturizeParams

DAYS = "d"
YES = "1"  # UCUM: a count, a share, or 1 for yes and 0 for no
SUMMARIES = {
    "last": "last value",
    "mean": "mean",
    "min": "lowest value",
    "max": "highest value",
    "sd": "standard deviation",
    "slope": "least-squares slope, a year's",
    "count": "number of values",
}


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: As in the matrix.
        kind: who, measure, derived, answer, history, drug, count or score.
        thing: What it tells of: the name in `params.yaml`.
        meaning: In words.
        unit: UCUM.
        window_days: How far back it looks; None is the whole past.
        codes: Of the events that it reads: `SYSTEM//code`, `*` is a prefix.
        inputs: Of a score: what it is made of, columns and others (race).
        horizon_years: Of a score: how far ahead it looks.
    """

    name: str
    kind: str
    thing: str
    meaning: str
    unit: str
    window_days: Window
    codes: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    horizon_years: int | None = None

    @property
    def is_worded(self) -> bool:
        """Tell whether more of an event is read than its code and number."""
        return self.kind in ("answer", "count")

    @property
    def says_yes_or_no(self) -> bool:
        """Tell whether it is 1 or 0."""
        return self.kind in ("answer", "history", "drug") and self.unit == YES


def windows(wanted: FeaturizeParams) -> tuple[Window, ...]:
    """Return every window, the whole past last."""
    return (*wanted.windows_days, EVER)


def catalogue(wanted: FeaturizeParams, measures: Codes) -> tuple[Column, ...]:
    """Return the columns in the order of the matrix.

    Raises:
        ParamsError: A formula is unknown, or its measure is; two columns share a name.
    """
    female = "gender (FHIR): 1 female, 0 male"
    plain = (
        Column("age_years", "who", "age", "age at the index time", "a", EVER, ()),
        Column("female", "who", "gender", female, YES, EVER, ()),
        *_measured(wanted, measures),
        *_derived(wanted, measures),
        *_recorded(wanted),
    )
    found = (*plain, *_scored(wanted, {column.name: column for column in plain}))
    names = [column.name for column in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _fault(f"two features are called {', '.join(twice)}.", "rename one")
    return found


def dictionary(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Return the columns as JSON holds them."""
    return [asdict(column) for column in columns]


def _measured(wanted: FeaturizeParams, measures: Codes) -> Iterator[Column]:
    for name, codes in measures.items():
        if name not in wanted.units:
            raise _fault(f"{name} has no unit.", "add it to `units`")
        unit = wanted.units[name]
        of = {"slope": f"{unit}/a", "count": YES}
        for days in windows(wanted):
            for what, words in SUMMARIES.items():
                yield Column(
                    f"{name}_{what}_{named(days)}",
                    "measure",
                    name,
                    words,
                    of.get(what, unit),
                    days,
                    codes,
                )
        since = f"{name}_since_days"
        yield Column(since, "measure", name, "since the last", DAYS, EVER, codes)


def _derived(wanted: FeaturizeParams, measures: Codes) -> Iterator[Column]:
    for name in wanted.derived:
        if name not in FORMULAS:
            raise _fault(f"there is no formula {name}.", "see featurize/derived.py")
        formula = FORMULAS[name]
        needs = [each for each in formula.needs if each not in ("age_years", "female")]
        lacking = [each for each in needs if each not in measures]
        if lacking:
            raise _fault(f"{name} needs {', '.join(lacking)}.", "add it to `measures`")
        codes = tuple(code for each in needs for code in measures[each])
        yield Column(
            name,
            "derived",
            name,
            f"{formula.meaning}, of last values; {formula.source}",
            formula.unit,
            EVER,
            codes,
        )


def _recorded(wanted: FeaturizeParams) -> Iterator[Column]:
    for name, each in wanted.answers.items():
        yield Column(
            name,
            "answer",
            name,
            f"{'ever answered' if each.ever else 'the last answer'}: "
            f"1 is {' or '.join(each.answers)}, 0 another",
            YES,
            EVER,
            (each.question,),
        )
    for name, codes in wanted.history.items():
        for ending, words, unit in (
            ("ever", "ever recorded", YES),
            ("since_first_days", "since the first record", DAYS),
            ("since_last_days", "since the last record", DAYS),
        ):
            column = f"{name}_{ending}"
            yield Column(column, "history", name, words, unit, EVER, codes)
    for name, codes in wanted.drugs.items():
        for ending, words, days in (
            ("active", "recorded so lately that it is still taken", wanted.supply_days),
            (f"new_{wanted.new_days}d", "recorded for the first time", wanted.new_days),
            ("ever", "ever recorded", EVER),
        ):
            yield Column(f"{name}_{ending}", "drug", name, words, YES, days, codes)
    for name, codes in wanted.counts.items():
        for days in wanted.windows_days:
            column = f"{name}_{named(days)}"
            yield Column(column, "count", name, "how many", YES, days, codes)


def _scored(wanted: FeaturizeParams, plain: dict[str, Column]) -> Iterator[Column]:
    for name in wanted.scores:
        if name not in SCORES:
            raise _fault(
                f"there is no score {name}.", "see core/equations/published.py"
            )
        score = SCORES[name]
        asked = [each for each in score.inputs if each not in WHO]
        lacking = [each for each in asked if each not in wanted.score_inputs]
        read = [
            column for each in asked for column in wanted.score_inputs.get(each, ())
        ]
        lacking += [column for column in read if column not in plain]
        if lacking:
            raise _fault(
                f"{name} needs {', '.join(lacking)}.", "add it, or leave the score out"
            )
        codes = [code for column in read for code in plain[column].codes]
        yield Column(
            f"score_{name}",
            "score",
            name,
            f"{score.years}-year risk of {score.meaning}; {score.source}",
            YES,
            EVER,
            tuple(dict.fromkeys(codes)),
            tuple(dict.fromkeys([WHO[i] for i in score.inputs if i in WHO] + read)),
            score.years,
        )


def _fault(what: str, do: str) -> ParamsError:
    return ParamsError(what, where="params.yaml: featurize", do=do)
