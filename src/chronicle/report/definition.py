"""What counts as a disease, in words: the criteria of its file."""

from collections.abc import Sequence

from chronicle.core.disease import Criterion, Element, Value
from chronicle.report.words import span


def criterion(asked: Criterion) -> str:
    """Return one criterion as a phrase.

    >>> criterion(Criterion(codes=("stated",), count=2, within_days=365))
    'a code of the list stated on two different days at most 1 year apart'
    """
    return "; and ".join(_element(each) for each in asked.elements)


def _element(asked: Element) -> str:
    if asked.codes:
        word = "list" if len(asked.codes) == 1 else "lists"
        told = f"a code of the {word} {_either(asked.codes)}"
    else:
        told = _either([_value(each) for each in asked.values])
    if asked.count == 2:
        told += " on two different days"
        limits = [
            *([f"at least {span(asked.apart_days)}"] if asked.apart_days > 1 else []),
            *([f"at most {span(asked.within_days)}"] if asked.within_days else []),
        ]
        told += f" {' and '.join(limits)} apart" if limits else ""
    if asked.none_normal_between:
        told += ", no normal value between them"
    if asked.alone_in:
        told += f", or once where the encounter is {_either(asked.alone_in)}"
    if asked.not_in:
        told += f", not where the encounter is {_either(asked.not_in)}"
    return told


def _value(asked: Value) -> str:
    limits = {
        "at least": asked.at_least,
        "at most": asked.at_most,
        "below": asked.below,
    }
    told = [f"{word} {limit:g}" for word, limit in limits.items() if limit is not None]
    return f"{asked.measure} {told[0]}"


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
