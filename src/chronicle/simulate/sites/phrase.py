"""The words of a note, and where in them which condition is said to be what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from typing import Any

from chronicle.simulate.sites import briefing, catalog, reading
from chronicle.simulate.sites.briefing import Briefing
from chronicle.simulate.sites.catalog import Notes
from chronicle.simulate.sites.patient import full_name
from chronicle.simulate.sites.writer import Writer

Mention = dict[str, Any]
# A slot's words and the condition that each is about; none for other words.
Pieces = list[tuple[str, str]]
# What a slot says of its conditions: polarity, who has it, and when.
NOW = ("patient", "current")
CONTEXT: dict[str, tuple[str, str, str]] = {
    "pos_list": ("affirmed", *NOW),
    "pos": ("affirmed", *NOW),
    "neg_list": ("negated", *NOW),
    "neg": ("negated", *NOW),
    "unc": ("uncertain", *NOW),
    "fam": ("affirmed", "other", "current"),
    "hist": ("affirmed", "patient", "historical"),
}
NOTHING = ("", "", "")
LONGEST_LIST = 4


@dataclass
class Text:
    """A text and its labelled spans.

    Args:
        words: The text.
        mentions: Dicts of concept, polarity, who, when, start and end (characters, end
            open).
    """

    words: str = ""
    mentions: list[Mention] = field(default_factory=list)

    def add(
        self, words: str, concept: str = "", context: Sequence[str] = NOTHING
    ) -> None:
        """Append words, as a mention where they are about a condition."""
        start = len(self.words)
        self.words += words
        if concept:
            told = dict(zip(("polarity", "who", "when"), context, strict=True))
            span = {"start": start, "end": len(self.words)}
            self.mentions.append({"concept": concept} | told | span)

    def append(self, other: "Text") -> None:
        """Append another text with its mentions."""
        start = len(self.words)
        self.words += other.words
        for each in other.mentions:
            moved = {"start": each["start"] + start, "end": each["end"] + start}
            self.mentions.append(each | moved)


def text(writer: Writer, visit: int) -> Text:
    """Return a note of a visit, from the first drawn template that can be filled."""
    known = briefing.before(writer, visit)
    templates = catalog.notes().templates
    first = int(writer.chance.share("template", visit) * len(templates))
    made = Text()
    for number in range(len(templates)):
        template = templates[(first + number) % len(templates)]
        if _fits(template, known):
            _fill(made, template, writer, known)
            break
    return made


def copied(fresh: Text, previous: Text) -> Text:
    """Return a note that drags the one before along."""
    made = Text()
    for words, slot, _, _ in Formatter().parse(catalog.notes().copied):
        made.add(words)
        if slot:
            made.append(fresh if slot == "note" else previous)
    return made


def _fits(template: str, known: Briefing) -> bool:
    slots = {slot for _, slot, _, _ in Formatter().parse(template) if slot}
    needed = slots & CONTEXT.keys() | slots & {"bp", "weight"}
    return all(known.has(slot.removesuffix("_list")) for slot in needed)


def _fill(made: Text, template: str, writer: Writer, known: Briefing) -> None:
    for words, slot, otherwise, _ in Formatter().parse(template):
        made.add(words)
        if not slot:
            continue
        if slot in CONTEXT:
            context = _context(slot, otherwise or "")
            for piece, concept in _named(writer, known, slot):
                made.add(piece, concept, context)
        else:
            made.add(PLAIN[slot](writer, known, catalog.notes()))


def _context(slot: str, otherwise: str) -> tuple[str, str, str]:
    """Return what a slot says, but for the word that its template says otherwise."""
    polarity, who, when = CONTEXT[slot]
    if otherwise == "historical":
        return polarity, who, otherwise
    return otherwise or polarity, who, when


def _named(writer: Writer, known: Briefing, slot: str) -> Pieces:
    names = known.slots[slot.removesuffix("_list")]
    names = names[:LONGEST_LIST] if slot.endswith("_list") else names[:1]
    found: Pieces = []
    for name in names:
        if found:
            found.append((", ", ""))
        words = catalog.conditions()[name].notes
        found.append((writer.chance.pick(words, slot, name, known.visit), name))
    return found


def _number(writer: Writer, value: float) -> str:
    words = f"{value:g}"
    comma = writer.site.notes.decimal_comma
    return words.replace(".", ",") if comma else words


def _day(writer: Writer, day: date) -> str:
    return f"{day:%d.%m.%Y}" if writer.site.notes.decimal_comma else f"{day:%m/%d/%Y}"


def _pressure(writer: Writer, known: Briefing, _: Notes) -> str:
    parts = catalog.measures().panel.parts
    return "/".join(str(round(known.values[part])) for part in parts)


def _weight(writer: Writer, known: Briefing, _: Notes) -> str:
    unit = reading.unit_of(writer.site, "weight")
    value = reading.number_in(unit, known.values["weight"])
    return f"{_number(writer, value)} {unit.spelled}"


def _age(writer: Writer, known: Briefing) -> int:
    today, born = known.at, writer.person.born
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _smoking(_: Writer, known: Briefing, notes: Notes) -> str:
    return notes.smoking[known.smoking] if known.smoking else "not asked"


# Slots that are not about a condition.
PLAIN: dict[str, Callable[[Writer, Briefing, Notes], str]] = {
    "name": lambda writer, _, __: " ".join(full_name(writer)),
    "born": lambda writer, _, __: _day(writer, writer.person.born),
    "today": lambda writer, known, _: _day(writer, known.at),
    "age": lambda writer, known, _: str(_age(writer, known)),
    "sex": lambda writer, _, __: "F" if writer.person.female else "M",
    "smk": _smoking,
    "reason": lambda writer, known, notes: writer.chance.pick(
        notes.reasons, "reason", known.visit
    ),
    "plan": lambda writer, known, notes: writer.chance.pick(
        notes.plans, "plan", known.visit
    ),
    "bp": _pressure,
    "weight": _weight,
}
