"""What clinicians may say of a patient, as data: `vocabulary.yaml`, and its rules.

A word is added there and nowhere else; docs/how-to/add-a-word.md shows how.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, field_validator, model_validator

from chronicle.core import params
from chronicle.core.params import Params
from chronicle.ingest.notes.matcher import Matcher
from chronicle.ingest.notes.phrases import TOKEN, Phrase, expanded

FILE = Path(__file__).with_name("vocabulary.yaml")
SLUG = r"^[a-z][a-z0-9_]*$"
CODE = r"^[A-Z0-9]+//\S+$"


class Concept(Params):
    """Something that a patient can have, do or feel.

    Args:
        meaning: One sentence for who reads the vocabulary.
        code: SYSTEM//code of the same meaning, where there is one.
        phrases: How it is written, in any case; a plural s needs no line.
        exact: How it is written where case counts ("MI").
        negated: Phrases that say that it is not so ("nonsmoker").
        historical: Phrases that say that it was so ("ex-smoker").
    """

    meaning: str = Field(min_length=3)
    code: str | None = Field(default=None, pattern=CODE)
    phrases: tuple[str, ...] = Field(min_length=1)
    exact: tuple[str, ...] = ()
    negated: tuple[str, ...] = ()
    historical: tuple[str, ...] = ()


class Unit(Params):
    """A unit that notes write: value = written * `times` + `plus`."""

    times: float = 1.0
    plus: float = 0.0


class Number(Params):
    """Something that is measured; a mention is its name with a number.

    Args:
        meaning: One sentence for who reads the vocabulary.
        codes: SYSTEM//code of the same measure.
        unit: The unit of the value that a mention has.
        between: What is outside was misread, and is no mention.
        units: Other units that notes write, lower case, and how they convert.
        unit_needed: Whether a number without a unit is no mention.
        behind: Whether the number stands before the name ("30 pack-years").
        pair: The concept of a second number ("120/80").
        phrases: Its names, in any case.
        exact: Its names where case counts ("EF").
    """

    meaning: str = Field(min_length=3)
    codes: tuple[str, ...] = ()
    unit: str
    between: tuple[float, float]
    units: Mapping[str, Unit]
    unit_needed: bool = False
    behind: bool = False
    pair: str | None = Field(default=None, pattern=SLUG)
    phrases: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


class Vocabulary(Params):
    """The whole file.

    Args:
        words: Lists that phrases name in angle brackets.
        concepts: By slug.
        numbers: By slug.
        nothing: Phrases that hold a concept's words and mean none ("alcohol wipe").
    """

    words: Mapping[str, str]
    concepts: Mapping[str, Concept]
    numbers: Mapping[str, Number]
    nothing: tuple[str, ...] = ()

    @field_validator("concepts", "numbers")
    @classmethod
    def _slugs(cls, told: Mapping[str, object]) -> Mapping[str, object]:
        for slug in told:
            if not slug.replace("_", "a").isalnum() or slug != slug.lower():
                raise ValueError(f"'{slug}' is no slug: small letters, digits and _")
        return told

    @model_validator(mode="after")
    def _one_meaning(self) -> "Vocabulary":
        """Refuse a phrase with two meanings: which one counted would be chance."""
        pairs = {each.pair for each in self.numbers.values() if each.pair}
        if lost := pairs - set(self.numbers):
            raise ValueError(f"pair: no number is called {', '.join(sorted(lost))}")
        if both := set(self.numbers) & set(self.concepts):
            raise ValueError(f"{', '.join(sorted(both))}: a concept and a number")
        known: dict[tuple[Phrase, bool], Meaning] = {}
        for cased in (False, True):
            for phrase, told in self.phrases(cased=cased, plurals=False):
                before = known.setdefault((phrase, cased), told)
                if before != told:
                    raise ValueError(
                        f"'{' '.join(phrase)}' means both {before.slug} and {told.slug}"
                    )
        return self

    def phrases(
        self, *, cased: bool, plurals: bool = True
    ) -> Iterator[tuple[Phrase, "Meaning"]]:
        """Give every phrase and what it means."""
        for slug, status, pattern in self._patterns(cased=cased):
            if cased:
                yield tuple(TOKEN.findall(pattern)), Meaning(slug, status)
                continue
            for phrase in expanded(pattern, self.words):
                yield phrase, Meaning(slug, status)
                if plurals and len(phrase[-1]) > 3 and phrase[-1][-1] not in "sy":
                    yield (*phrase[:-1], f"{phrase[-1]}s"), Meaning(slug, status)

    def _patterns(self, *, cased: bool) -> Iterator[tuple[str, str, str]]:
        for slug, told in self.concepts.items():
            if cased:
                yield from ((slug, "", each) for each in told.exact)
                continue
            for status in ("negated", "historical"):
                yield from ((slug, status, each) for each in getattr(told, status))
            yield from ((slug, "", each) for each in told.phrases)
        for slug, number in self.numbers.items():
            listed = number.exact if cased else number.phrases
            yield from ((slug, "", each) for each in listed)
        if not cased:
            yield from (("", "", each) for each in self.nothing)


class Meaning(NamedTuple):
    """What a phrase means: a slug ("" for nothing), and a status that it has itself."""

    slug: str
    status: str


@cache
def vocabulary(file: Path = FILE) -> Vocabulary:
    """Read the vocabulary.

    Raises:
        ParamsError: An unknown key, a slip in a phrase, a phrase with two meanings.
    """
    return params.load(file, Vocabulary)


@cache
def matcher(file: Path = FILE) -> Matcher[Meaning]:
    """Return what finds the vocabulary's phrases."""
    told = vocabulary(file)
    return Matcher(told.phrases(cased=False), told.phrases(cased=True))
