"""What a mapping file may say: which column of a table is what in FHIR."""

from collections.abc import Mapping as Entries
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from chronicle.core import disease
from chronicle.core.params import Params

SYSTEMS = {
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm",
}


# Days in a unit of UCUM.
DAYS = {"d": 1.0, "wk": 7.0, "mo": 365.25 / 12, "a": 365.25}


def _written(code: str) -> str:
    if code.partition("//")[0] not in SYSTEMS or code.endswith("*"):
        raise ValueError(f"one code of {', '.join(SYSTEMS)}, as LOINC//2093-3")
    return code


def _known(system: str) -> str:
    if system not in SYSTEMS:
        raise ValueError(f"one of {', '.join(SYSTEMS)}")
    return system


Code = Annotated[disease.Code, AfterValidator(_written)]
System = Annotated[str, AfterValidator(_known)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


Unit = Literal["d", "wk", "mo", "a"]


class Person(Params):
    """Who a row is about.

    Args:
        id: Column of an id; without one, the number of the row is it.
        age: Column of the age at the examination.
        age_unit: What it counts: years, or months, weeks, days.
        ages: Ages for values that are words, as `"[70-80)": 75`.
        sex: Column of the administrative gender.
        female: Its values for women; without `sex`, `all` where everybody is one.
        male: Its values for men; any other is `unknown`.
    """

    id: str | None = None
    age: str
    age_unit: Unit = "a"
    ages: dict[str, float] = Field(default_factory=dict)
    sex: str | None = None
    female: Words | Literal["all"] = Field(default=())
    male: Words | Literal["all"] = Field(default=())

    @model_validator(mode="after")
    def _one_sex(self) -> Self:
        if (self.sex is None) != ("all" in (self.female, self.male)):
            raise ValueError("give a column `sex`, or say `female: all` or `male: all`")
        return self


class Examined(Params):
    """When the values were taken, and for how long the person was seen.

    A table says no dates; those that stand here are invented, the distances are not.

    Args:
        day: Day of the examination, the same for all.
        known_since_days: The person was first seen so long before.
        followed_days: The person was last seen so long after.
        contact_every_days: In between, at least so often.
    """

    day: date
    known_since_days: int = Field(ge=0)
    followed_days: int = Field(ge=1)
    contact_every_days: int = Field(default=300, ge=1)


class Entry(Params):
    """Something that a row says.

    Args:
        column: Which says it; without one, the entry has the column's name.
    """

    column: str | None = None


E = TypeVar("E", bound=Entry)


class Value(Entry):
    """A number that was measured: an Observation.

    Args:
        code: What was measured.
        unit: UCUM.
    """

    code: Code
    unit: str


class Answer(Entry):
    """The answer to a question: an Observation.

    Args:
        question: What was asked.
        answers: A code for each value of the column; other values are no answer.
    """

    question: Code
    answers: dict[str, Code] = Field(min_length=1)


class Fact(Entry):
    """Something that is so or not: a Condition or a MedicationRequest if it is.

    Args:
        code: What it is called.
        present: Values of the column that say so.
    """

    code: Code
    present: Words


class Outcome(Params):
    """What came of it: a Condition that was recorded in hospital.

    Args:
        code: What it is called.
        column: Which says it.
        present: Its values for those whom it befell.
        absent: Its values for those who stayed free of it as long as they were seen.
            Who has another value is seen no more after the examination: nobody knows.
        died: Its values for those who stayed free of it and died.
        time: Column of the time from the examination to the outcome or, for the
            others, to when they were last seen or died. Without it, nobody knows.
        time_unit: What it counts.
        after_days: Where the table does not say when: so many.
    """

    code: Code
    column: str
    present: Words
    absent: Words
    died: tuple[str, ...] = ()
    time: str | None = None
    time_unit: Unit = "d"
    after_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.time is None) == (self.after_days is None):
            raise ValueError("give one of time, after_days")
        if self.died and self.time is None:
            raise ValueError("`died` needs `time`")
        return self


class Mapping(Params):
    """One table: which column is what.

    Args:
        title: What the table is.
        source: Where it comes from, and under which terms.
        header: Names of the columns, where the file does not say them.
        separator: Between the columns of a text file.
        missing: Values that say nothing.
        person: See `Person`.
        examined: See `Examined`.
        values: By column.
        answers: By column.
        codes: Columns that hold codes of conditions known then, and their system.
        history: Conditions that were known at the examination, by column.
        drugs: Taken at the examination, by column.
        outcome: See `Outcome`.
    """

    title: str
    source: str
    header: tuple[str, ...] | None = None
    separator: str = Field(default=",", min_length=1, max_length=1)
    missing: tuple[str, ...] = ("",)
    person: Person
    examined: Examined
    values: dict[str, Value] = Field(default_factory=dict)
    answers: dict[str, Answer] = Field(default_factory=dict)
    codes: dict[str, System] = Field(default_factory=dict)
    history: dict[str, Fact] = Field(default_factory=dict)
    drugs: dict[str, Fact] = Field(default_factory=dict)
    outcome: Outcome

    @property
    def words(self) -> dict[str, set[str]]:
        """Return the values that are looked for, by column."""
        found: dict[str, set[str]] = {}
        for column, fact in (*entries_of(self.history), *entries_of(self.drugs)):
            found.setdefault(column, set()).update(fact.present)
        for column, answer in entries_of(self.answers):
            found.setdefault(column, set()).update(answer.answers)
        outcome, person = self.outcome, self.person
        found[outcome.column] = {*outcome.present, *outcome.absent, *outcome.died}
        if person.sex is not None:
            found[person.sex] = {*person.female, *person.male}
        return found

    @property
    def columns(self) -> set[str]:
        """Return the columns that it reads."""
        maybe = {self.person.id, self.person.age, self.outcome.time} - {None}
        measured = {column for column, _ in entries_of(self.values)}
        return {*self.words, *measured, *self.codes, *(each for each in maybe if each)}


def entries_of(entries: Entries[str, E]) -> list[tuple[str, E]]:
    """Return the entries, each with its column."""
    return [(entry.column or name, entry) for name, entry in entries.items()]
