"""Which features a model of a disease may read: none that reads the disease itself."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from chronicle.core.disease import Disease

# An equation that asks it may stand beside a model, and is no part of one.
AUDIT_ONLY = "race"


def allowed(dictionary: list[dict[str, Any]], disease: Disease) -> list[str]:
    """Return the features that share no code with the disease, in their order.

    Args:
        dictionary: What `featurize` wrote of each column: `name` and source `codes`.
        disease: Its `own` codes are those of onset, prevalence and leaks; `unread`
            names what else is left out.
    """
    own = disease.own
    read = [
        each["name"]
        for each in dictionary
        if AUDIT_ONLY not in each.get("inputs", ()) and not overlap(each["codes"], own)
    ]
    return matching(read, ("*",), disease.unread)


def matching(
    names: Sequence[str], patterns: Sequence[str], but: Sequence[str] = ()
) -> list[str]:
    """Return those that fit a pattern and none of `but`, in their order.

    >>> matching(["sbp_last_ever", "sbp_sd_ever", "bmi"], ["*_ever"], ["*_sd_*"])
    ['sbp_last_ever']
    """
    return [
        name
        for name in names
        if any(fnmatchcase(name, each) for each in patterns)
        and not any(fnmatchcase(name, each) for each in but)
    ]


def overlap(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether one event could have a code of both; `*` is a prefix.

    ICD codes are compared without their dot, as `core.codes.has_code` does.

    >>> overlap(("ICD10CM//I11*",), ("ICD10CM//I11.0",))
    True
    >>> overlap(("ICD10CM//I11.9",), ("ICD10CM//I11.0", "ICD10CM//I1"))
    False
    """
    return any(_meet(one, other) for one in some for other in others)


def _meet(one: str, other: str) -> bool:
    one, other = one.replace(".", ""), other.replace(".", "")
    if one.endswith("*") and other.endswith("*"):
        return one[:-1].startswith(other[:-1]) or other[:-1].startswith(one[:-1])
    if one.endswith("*"):
        return other.startswith(one[:-1])
    if other.endswith("*"):
        return one.startswith(other[:-1])
    return one == other
