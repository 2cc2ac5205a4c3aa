"""What one place of a note says: the shape that all of this package fills."""

from typing import NamedTuple


class Mention(NamedTuple):
    """One thing said in a note.

    Args:
        concept: A slug of the vocabulary: what is spoken of.
        polarity: "affirmed", "negated" or "uncertain".
        who: "patient", or "other": family, a donor, a household.
        when: "current", "historical" or "hypothetical".
        section: Where in the note it stands ("assessment"); "" where none is known.
        start: Offset of the first character, in the plain text that was given.
        end: Offset after the last character.
        value: The number, in `unit`; None where the mention is no measurement.
        unit: The vocabulary's unit of this concept; None where there is no value.
    """

    concept: str
    polarity: str
    who: str
    when: str
    section: str
    start: int
    end: int
    value: float | None = None
    unit: str | None = None
