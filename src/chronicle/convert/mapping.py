"""What a mapping file may say: which column of a table is what in FHIR."""

from datetime import date
from typing import Annotated, Self

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


def _written(code: str) -> str:
    if code.partition("//")[0] not in SYSTEMS or code.endswith("*"):
        raise ValueError(f"one code of {', '.join(SYSTEMS)}, as LOINC//2093-3")
    return code


Code = Annotated[disease.Code, AfterValidator(_written)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Person(Params):
    """Who a row is about.

    Args:
        id: Column of an id; without one, the number of the row is it.
        age_years: Column of the age at the examination.
        sex: Column of the administrative gender.
        female: Its values for women.
        male: Its values for men; any other is `unknown`.
    """

    id: str | None = None
    age_years: str
    sex: str
    female: Words
    male: Words


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


class Value(Params):
    """A number that was measured: an Observation.

    Args:
        code: What was measured.
        unit: UCUM.
    """

    code: Code
    unit: str


class Answer(Params):
    """The answer to a question: an Observation.

    Args:
        question: What was asked.
        answers: A code for each value of the column; other values are no answer.
    """

    question: Code
    answers: dict[str, Code] = Field(min_length=1)


class Fact(Params):
    """Something that is so or not: a Condition or a MedicationRequest if it is.

    Args:
        code: What it is called.
        present: Values of the column that say so.
    """

    code: Code
    present: Words


class Outcome(Fact):
    """What came of it: a Condition that was recorded in hospital.

    Args:
        column: Which says it.
        absent: Its values for those who stayed free of it to the end. Who has another
            value is seen no more after the examination: nobody knows.
        days: Column of the days from the examination to the outcome. Or:
        after_days: Where the table does not say when: so many.
    """

    column: str
    absent: Words
    days: str | None = None
    after_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.days is None) == (self.after_days is None):
            raise ValueError("give one of days, after_days")
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
    history: dict[str, Fact] = Field(default_factory=dict)
    drugs: dict[str, Fact] = Field(default_factory=dict)
    outcome: Outcome

    @property
    def columns(self) -> set[str]:
        """Return the columns that it reads."""
        named = {self.person.age_years, self.person.sex, self.outcome.column}
        maybe = {self.person.id, self.outcome.days} - {None}
        of_values = {*self.values, *self.answers, *self.history, *self.drugs}
        return named | of_values | {each for each in maybe if each}
