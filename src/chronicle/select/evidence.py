"""What speaks for a disease: events of its lists and values beyond its limits."""

from dataclasses import dataclass

import polars as pl

from chronicle.core.codes import asserted, has_code
from chronicle.core.disease import Codes, Disease, Element, Value
from chronicle.core.errors import ParamsError
from chronicle.core.params import FILE

Named = dict[str, tuple[str, ...]]
# The columns of `events` that this room reads.
READ = [
    "subject_id", "time", "code", "numeric_value", "available_time", "comparator",
    "resource_type", "status", "encounter_id", "provenance",
]  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What the names in a disease file stand for.

    Args:
        lists: Codes by name, of the disease file.
        measures: Codes by name: section `measures`.
        settings: Codes of encounters by name: section `select`.
    """

    lists: dict[str, Codes]
    measures: Named
    settings: Named


def words(disease: Disease, measures: Named, settings: Named) -> Words:
    """Return what the names of a disease file stand for.

    Raises:
        ParamsError: It names a measure or setting that `params.yaml` does not.
    """
    read = [value.measure for each in disease.elements for value in each.values]
    where = [s for each in disease.elements for s in (*each.alone_in, *each.not_in)]
    for kind, names, there in (
        ("measure", read, measures),
        ("setting", where, settings),
    ):
        if strange := sorted({*names} - there.keys()):
            raise ParamsError(
                f"{disease.title}: {', '.join(strange)}: no {kind} of this name.",
                where=f"{FILE}: {'measures' if kind == 'measure' else 'select'}",
                do=f"add it there, or take one of {', '.join(sorted(there))}",
            )
    return Words(disease.lists, measures, settings)


def relevant(events: pl.DataFrame, disease: Disease, said: Words) -> pl.DataFrame:
    """Return the events that any element of a disease can read, with their setting.

    Args:
        events: `events` table of some patients.
        disease: Whose elements.
        said: From `words`.

    Returns:
        `subject_id`, `time`, `code`, `numeric_value`, `comparator`, `known`: when it
        had happened and was recorded, `setting`: null where it is none of those named.
    """
    stated = [said.lists[name] for each in disease.elements for name in each.codes]
    wanted = {code for each in stated for code in each.include}
    for each in disease.elements:
        wanted |= {code for v in each.values for code in said.measures[v.measure]}
    found = events.filter(asserted(), _coded(events, tuple(sorted(wanted))))
    return found.join(
        _stays(events, said.settings),
        left_on="encounter_id",
        right_on="provenance",
        how="left",
    ).select(
        "subject_id", "time", "code", "numeric_value", "comparator", "setting",
        known=pl.max_horizontal("time", "available_time"),
    )  # fmt: skip


def of_element(found: pl.DataFrame, element: Element, said: Words) -> pl.DataFrame:
    """Return what counts for one element, and what speaks against it.

    Args:
        found: From `relevant`.
        element: What is asked.
        said: From `words`.

    Returns:
        `subject_id`, `time`, `known`, `alone` (one is enough), `counts`: false for a
        value that does not reach its limit.
    """
    here = pl.col("setting").is_in(element.not_in).fill_null(False).not_()
    columns = {
        "alone": pl.col("setting").is_in(element.alone_in).fill_null(False),
        "counts": pl.lit(True),
    }
    if element.codes:
        listed = [said.lists[name] for name in element.codes]
        rows = found.filter(here, pl.any_horizontal(_listed(found, x) for x in listed))
        return rows.select("subject_id", "time", "known", **columns)
    parts = [
        found.filter(here, _coded(found, said.measures[value.measure])).select(
            "subject_id", "time", "known", **columns | {"counts": reaches(value)}
        )
        for value in element.values
    ]
    return pl.concat(parts).filter(pl.col("counts").is_not_null())


def reaches(limit: Value) -> pl.Expr:
    """Say whether a value counts; null where its comparator leaves that open.

    >>> frame = pl.DataFrame({"numeric_value": [60.0, 60.0, 59.0],
    ...     "comparator": [None, "<", ">"]})
    >>> frame.select(reaches(Value(measure="egfr", below=60))).to_series().to_list()
    [False, True, None]
    """
    value, beyond = pl.col("numeric_value"), pl.col("comparator").fill_null("")
    less, more = beyond.is_in(["<", "<="]), beyond.is_in([">", ">="])
    if limit.at_least is not None:
        high, low = value >= limit.at_least, value < limit.at_least
        low |= (value == limit.at_least) & (beyond == "<")
        return pl.when(low & ~more).then(False).when(high & ~less).then(True)
    if limit.at_most is not None:
        low, high = value <= limit.at_most, value > limit.at_most
        high |= (value == limit.at_most) & (beyond == ">")
    else:
        low, high = value < limit.below, value >= limit.below
        low |= (value == limit.below) & (beyond == "<")
    return pl.when(high & ~less).then(False).when(low & ~more).then(True)


def _stays(events: pl.DataFrame, settings: Named) -> pl.DataFrame:
    parts = [
        events.filter(pl.col("resource_type") == "Encounter")
        .filter(has_code(codes))
        .select("provenance", setting=pl.lit(name))
        for name, codes in settings.items()
    ]
    return pl.concat(parts).unique("provenance", keep="first", maintain_order=True)


def _listed(events: pl.DataFrame, codes: Codes) -> pl.Expr:
    held = _coded(events, codes.include)
    return held & ~_coded(events, codes.exclude) if codes.exclude else held


def _coded(events: pl.DataFrame, codes: tuple[str, ...]) -> pl.Expr:
    """Select events by code; each different code is read once."""
    found = events.select(pl.col("code").unique()).filter(has_code(codes))["code"]
    return pl.col("code").is_in(found.to_list())
