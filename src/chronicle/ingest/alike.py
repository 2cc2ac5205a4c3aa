"""Whether two who share a number are one person: what stands beside it must agree.

Source of the idea: deterministic record linkage, as in Grannis SJ et al. Analysis of
identifier performance using a deterministic linkage algorithm. Proc AMIA Symp
2002:305-309.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import polars as pl

from chronicle.ingest.identifiers import RULES
from chronicle.ingest.union import Pair, Union

ORDER = ("unsure", "same", "conflict")
STATED = ("gender", "given", "family")


def verdicts(identifiers: pl.DataFrame, linked: Union) -> tuple[dict[Pair, str], int]:
    """Return what is thought of each two who share a number; and how many are hubs."""
    found: dict[Pair, str] = {}
    hubs = 0
    for sharers in _shared(identifiers):
        if (
            len({linked.root(each["subject_id"]) for each in sharers})
            > RULES["most_people"]
        ):
            hubs += 1
            continue
        for one, other in combinations(sharers, 2):
            if one["old"] and other["old"]:
                continue
            pair = (one["subject_id"], other["subject_id"])
            said = _judged(one, other)
            # Who agree beside one number agree beside all that are typed.
            found[pair] = max(said, found.get(pair, said), key=ORDER.index)
    return dict(sorted(found.items())), hubs


def _shared(identifiers: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    once = identifiers.group_by("token", "subject_id").agg(
        pl.col("typed").any(),
        pl.col("old").all(),
        pl.col("born", "nearly", *STATED).first(),
    )
    shared = once.filter(pl.len().over("token") > 1).sort("token", "subject_id")
    for group in shared.partition_by("token", maintain_order=True):
        yield group.to_dicts()


def _judged(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Judge two who share a number: same, conflict or unsure.

    They contradict each other where given names differ (twins), where birth dates
    differ in more than one of day, month and year (a typing error changes one), or
    where two of birth date, gender and family name differ: one alone may be an error,
    or a wedding. They are the same where nothing contradicts and birth dates are equal.
    Where those differ in one part or are not known, or the number is of no known type,
    all the rest must be there and equal.
    """
    dated = one["born"] is not None and other["born"] is not None
    equal = dated and one["born"] == other["born"]
    near = dated and bool(set(one["nearly"]) & set(other["nearly"]))
    known = [each for each in STATED if None not in (one[each], other[each])]
    differ = {each for each in known if one[each] != other[each]}
    doubts = len(differ) + (dated and not equal)
    if "given" in differ or (dated and not near) or doubts > 1:
        return "conflict"
    if equal and one["typed"] and other["typed"]:
        return "same"
    if differ or len(known) < len(STATED):
        return "unsure"
    return "same" if equal or (one["typed"] and other["typed"]) else "unsure"
