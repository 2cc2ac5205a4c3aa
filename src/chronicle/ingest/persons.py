"""One person under several Patient ids: who is united with whom, and who is not.

A link is the source's own word and is taken. An identifier alone is not: numbers are
mistyped, reused and shared, and of those who share one in public data nearly all are
strangers. So what stands beside it must agree as well (see `alike`). Names without a
number unite nobody.
"""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from chronicle.core.tables import CONFLICTS, MERGED
from chronicle.ingest import alike
from chronicle.ingest.batch import GONE
from chronicle.ingest.union import Pair, Union

# Who gives way to whom, by the type of a link. `seealso` says nothing of it.
GIVES_WAY = {"replaced-by": "subject_id", "refer": "subject_id", "replaces": "other"}
DATES = ("birth_date", "death_time")
FILLED = ("gender", "race", "ethnicity", "zip3")


class Merges(NamedTuple):
    """Who is united with whom.

    Args:
        merged: As `tables.MERGED`: a row for each id that is given up.
        conflicts: As `tables.CONFLICTS`: who share a number and are not united.
        hubs: Numbers that too many share to say anything.
    """

    merged: pl.DataFrame
    conflicts: pl.DataFrame
    hubs: int


def merged(
    people: pl.DataFrame, identifiers: pl.DataFrame, links: pl.DataFrame
) -> Merges:
    """Return who is one person.

    Args:
        people: `subject_id` of each Patient resource that stays.
        identifiers: Of those resources, as `batch.IDENTIFIERS`.
        links: Of those resources, as `batch.LINKS`.

    Returns:
        The ids that are given up. The one that stays has a Patient resource, gives way
        to nobody if there is such a one, and is the least of those. An id without a
        Patient resource that a link names is given up, too, so what refers to it is
        not lost.
    """
    linked = Union()
    linked.join(links.select("subject_id", "other").iter_rows())
    verdicts, hubs = alike.verdicts(identifiers, linked)
    same = [pair for pair, said in verdicts.items() if said == "same"]
    against = [pair for pair, said in verdicts.items() if said == "conflict"]
    whole = _united(links, _consistent(same, against, linked))
    present = set(people["subject_id"].to_list())
    rows = [
        (
            each,
            stays,
            "link" if linked.root(each) == linked.root(stays) else "identifier",
        )
        for group in whole.groups()
        if (stays := _stays(group, present, _giving_way(links))) is not None
        for each in group
        if each != stays
    ]
    told = [
        (*pair, said)
        for pair, said in verdicts.items()
        if said != "same" and whole.root(pair[0]) != whole.root(pair[1])
    ]
    return Merges(
        pl.DataFrame(rows, MERGED.schema, orient="row").sort("subject_id"),
        pl.DataFrame(told, CONFLICTS.schema, orient="row").sort("subject_id", "other"),
        hubs,
    )


def follow(rows: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Give rows the subject_id of the one that stays."""
    if merged.is_empty():
        return rows
    into = pl.col("subject_id").replace(merged["subject_id"], merged["into"])
    return rows.with_columns(into)


def united(patients: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Unite the rows of `patients`; what the one that stays does not say is filled.

    Args:
        patients: As `batch.SCHEMAS["patients"]`, one row a Patient resource that stays,
            under the subject_id that stays, with `own`, the one under which it came.

    Returns:
        A row for each person: birth and death, where not stated, are the earliest that
        others state; the rest is that of the least id that states it. And the resources
        that are given up, as `batch.GONE`, of fate `duplicate`.
    """
    given_up = pl.col("own") != pl.col("subject_id")
    rows = patients.sort("subject_id", given_up, "own")
    others = rows.filter(given_up)
    if others.is_empty():
        return patients.drop("own"), pl.DataFrame(schema=GONE)
    stays = rows.group_by("subject_id", maintain_order=True).agg(
        pl.all().exclude("own", *FILLED, *DATES).first(),
        pl.col(*FILLED).drop_nulls().first(),
        *(pl.coalesce(pl.first(name), pl.min(name)) for name in DATES),
    )
    kept = stays.select("subject_id", kept_file="file", kept_entry="entry")
    gone = others.join(kept, on="subject_id", maintain_order="left").with_columns(
        resource_type=pl.lit("Patient"), fate=pl.lit("duplicate")
    )
    return stays.select(patients.drop("own").columns), gone.select(*GONE)


def lives(events: pl.DataFrame, patients: pl.DataFrame) -> pl.DataFrame:
    """Keep one birth and one death of each: that of the resource that stays.

    Args:
        events: Under the subject_id that stays.
        patients: As `united` gives them.

    Returns:
        The others' first birth and death where that resource states none.
    """
    theirs = pl.col("resource_type") == "Patient"
    stays = pl.col("provenance").is_in(patients["provenance"].implode())
    once = (
        events.filter(theirs)
        .sort(~stays, "time", "available_time", "provenance")
        .unique(["subject_id", "code"], keep="first", maintain_order=True)
    )
    return pl.concat([events.filter(~theirs), once])


def _united(links: pl.DataFrame, pairs: Iterable[Pair]) -> Union:
    whole = Union()
    whole.join(links.select("subject_id", "other").iter_rows())
    whole.join(pairs)
    return whole


def _consistent(same: list[Pair], against: list[Pair], linked: Union) -> list[Pair]:
    """Leave out all that hangs together with two who contradict each other.

    Where ann is bob by one number and bob is cid by another, but ann is not cid, one of
    the two is wrong, and nothing says which.
    """
    tried = Union()
    tried.join((each, root) for each in linked.above if (root := linked.root(each)))
    tried.join(same)
    wrong = {
        tried.root(one)
        for one, other in against
        if tried.root(one) == tried.root(other)
        and linked.root(one) != linked.root(other)
    }
    return [pair for pair in same if tried.root(pair[0]) not in wrong]


def _stays(group: list[int], present: set[int], gives_way: set[int]) -> int | None:
    here = [each for each in group if each in present]
    return min(
        (each for each in here if each not in gives_way),
        default=min(here, default=None),
    )


def _giving_way(links: pl.DataFrame) -> set[int]:
    return {
        row[GIVES_WAY[row["type"]]]
        for row in links.iter_rows(named=True)
        if row["type"] in GIVES_WAY and row["subject_id"] != row["other"]
    }
